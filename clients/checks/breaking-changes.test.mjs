// What counts as a break, by small schemas. Run by `node --test`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { breakingChanges, judge } from './breaking-changes.mjs';

const RELEASED = `
  enum Colour { RED GREEN }
  input Wish { colour: Colour! size: Int }
  type Lamp { id: ID! name: String! note: String }
  type Shade { id: ID! }
  union Thing = Lamp | Shade
  type Query { lamp(id: ID!, colour: Colour): Lamp things(wish: Wish): [Thing!]! }`;

const BREAKS = {
  'a field is removed': ['note: String', ''],
  'a type is removed': ['type Shade { id: ID! }\n  union Thing = Lamp | Shade', 'union Thing = Lamp'],
  'a field becomes nullable': ['name: String!', 'name: String'],
  'a field changes its type': ['name: String!', 'name: Int!'],
  'an argument is removed': [', colour: Colour)', ')'],
  'an argument is required anew': ['lamp(id: ID!', 'lamp(shop: ID!, id: ID!'],
  'an argument becomes required': ['colour: Colour)', 'colour: Colour!)'],
  'a field of an input is required anew': ['size: Int }', 'size: Int depth: Int! }'],
  'a field of an input becomes required': ['size: Int }', 'size: Int! }'],
  'a value of an enum is removed': ['RED GREEN', 'RED'],
  'a member of a union is removed': ['Lamp | Shade', 'Lamp'],
  'a root field is removed': ['things(wish: Wish): [Thing!]!', ''],
};

for (const [what, [before, after]] of Object.entries(BREAKS)) {
  test(`${what}: refused, and let through when declared`, async () => {
    assert(RELEASED.includes(before));
    const changes = await breakingChanges(RELEASED, RELEASED.replace(before, after));
    assert.notDeepEqual(changes.breaking, []);
    assert.notDeepEqual(judge(changes, []), []);
    const declared = changes.breaking.map((change) => ({ change, reason: 'It was a mistake.' }));
    assert.deepEqual(judge(changes, declared), []);
    assert.notDeepEqual(judge(changes, declared.map(({ change }) => ({ change }))), [], 'a reason is needed');
  });
}

const GROWTH = {
  'a new field': ['note: String', 'note: String price: Int!'],
  'a new type': ['type Query', 'type Table { id: ID! } type Query'],
  'a new optional argument': ['lamp(id: ID!', 'lamp(shop: ID, id: ID!'],
  'a new optional field of an input': ['size: Int }', 'size: Int depth: Int }'],
  'a deprecation': ['note: String', 'note: String @deprecated(reason: "Read name.")'],
  'a field that is null no longer': ['note: String', 'note: String!'],
};

for (const [what, [before, after]] of Object.entries(GROWTH)) {
  test(`${what} breaks nobody`, async () => {
    const changes = await breakingChanges(RELEASED, RELEASED.replace(before, after));
    assert.deepEqual(changes.breaking, []);
  });
}

test('a new value of an enum is named, because a client may not expect it', async () => {
  const changes = await breakingChanges(RELEASED, RELEASED.replace('RED GREEN', 'RED GREEN BLUE'));
  assert.equal(changes.breaking.length, 0);
  assert.equal(changes.dangerous.length, 1);
});

test('a declaration of what does not happen is refused', async () => {
  const changes = await breakingChanges(RELEASED, RELEASED);
  assert.deepEqual(judge(changes, [{ change: 'Field x', reason: 'y' }]), ['declared, not found: Field x']);
});
