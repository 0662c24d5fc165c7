// Runs the examples against a marketplace, in their order. Fails at the first that is answered with an
// error, with a user error, or without what the next ones need.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { OperationTypeNode, parse } from 'graphql';
import { createClient } from 'graphql-sse';
import { EXAMPLES, operation } from './examples.mjs';

const { ROUTER_URL, SELLER_TOKEN, SELLER_ID, SELLER_NAME, BUYER_TOKEN } = process.env;
const tokens = { seller: SELLER_TOKEN, buyer: BUYER_TOKEN };
const key = randomUUID();
const known = { key, sellerId: SELLER_ID, sellerName: SELLER_NAME, productName: `Bamboo lamp ${key.slice(0, 8)}` };

/** The value with what is known by now in the place of names. */
function filled(value) {
  return JSON.parse(JSON.stringify(value ?? {}), (_, part) =>
    typeof part === 'string'
      ? part.replace(/<(\w+)>/g, (_, name) => known[name] ?? assert.fail(`<${name}> is not known yet`))
      : part,
  );
}

const at = (value, path) => path.split('.').reduce((part, name) => part?.[name], value);

async function send({ as }, query, variables) {
  const headers = { 'content-type': 'application/json' };
  if (tokens[as]) headers.authorization = `Bearer ${tokens[as]}`;
  const answer = await fetch(ROUTER_URL, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  return answer.json();
}

async function* listen({ as }, query, variables) {
  const client = createClient({ url: ROUTER_URL, headers: { Authorization: `Bearer ${tokens[as]}` } });
  yield* client.iterate({ query, variables });
}

function check(example, { data, errors }) {
  assert.equal(errors, undefined, `${example.file} answered ${JSON.stringify(errors)}`);
  for (const payload of Object.values(data)) assert.deepEqual(payload?.userErrors ?? [], [], example.file);
  for (const [name, path] of Object.entries(example.learn ?? {})) {
    known[name] = at(data, path) ?? assert.fail(`${example.file} answers without ${path}: ${JSON.stringify(data)}`);
  }
}

for (const example of EXAMPLES) {
  const query = await operation(example);
  const variables = filled(example.variables);
  if (parse(query).definitions[0].operation === OperationTypeNode.SUBSCRIPTION) {
    let events = 0;
    for await (const event of listen(example, query, variables)) {
      check(example, event);
      if (++events === example.events) break;
    }
    continue;
  }
  let answer = await send(example, query, variables);
  const wanted = Object.entries(filled(example.until));
  const holds = () => wanted.every(([path, value]) => at(answer.data, path) === value);
  for (const end = Date.now() + 120_000; !holds(); answer = await send(example, query, variables)) {
    assert(Date.now() < end, `${example.file} still answers ${JSON.stringify(answer)}`);
    await pause(200);
  }
  check(example, answer);
}
console.log(`${EXAMPLES.length} examples ran`);
process.exit(0);
