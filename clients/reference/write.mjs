// Writes docs/api/: a page for each module, out of the composed schema and the examples. With `--check`
// it writes nothing and fails when a page is not up to date.
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
  Kind,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { EXAMPLES, operation } from './examples.mjs';

const root = path.join(import.meta.dirname, '../..');
const directory = path.join(root, 'docs/api');
const read = (file) => readFile(path.join(root, file), 'utf8');

const supergraph = buildSchema(await read('router/supergraph.graphql'), { assumeValidSDL: true });
const schema = buildSchema(await read('router/schema.graphql'));
const SHARED = 'shared';

/** The modules that a definition of the supergraph names in a directive. */
function graphs(node, directive) {
  const named = (node?.directives ?? []).filter(({ name }) => name.value === directive);
  const values = named.flatMap(({ arguments: all }) => all.filter(({ name, value }) => name.value === 'graph' && value.kind === Kind.ENUM));
  return values.map(({ value }) => value.value.toLowerCase());
}

/** The module of a type: the only one that knows it, or the one that answers most of its fields; shared when all know it alike. */
function owner({ name }) {
  const type = supergraph.getType(name);
  const knowing = new Set(graphs(type.astNode, 'join__type'));
  if (knowing.size === 1) return [...knowing][0];
  const fields = type.getFields ? Object.values(type.getFields()) : [];
  const counts = {};
  for (const graph of fields.flatMap(({ astNode }) => graphs(astNode, 'join__field'))) counts[graph] = (counts[graph] ?? 0) + 1;
  return Object.keys(counts).sort((one, other) => counts[other] - counts[one] || one.localeCompare(other))[0] ?? SHARED;
}

const types = Object.values(schema.getTypeMap()).filter(
  (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type) && !isRoot(type),
);
const owners = Object.fromEntries(types.map((type) => [type.name, owner(type)]));

function isRoot(type) {
  return [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].includes(type);
}

/** A description on one line, as a cell of a table wants it. */
const line = (text) => (text ?? '').replace(/\s+/g, ' ').replaceAll('|', '\\|').trim();

/** A type as code that leads to where it is described. */
function linked(type, page) {
  const name = String(type).replace(/[[\]!]/g, '');
  if (!owners[name]) return `\`${type}\``;
  const file = owners[name] === page ? '' : `${owners[name]}.md`;
  return `[\`${type}\`](${file}#${name.toLowerCase()})`;
}

/** The examples with their operations, by the root fields they ask for. */
const examples = await Promise.all(
  EXAMPLES.map(async (example) => {
    const text = await operation(example);
    const document = parse(text);
    const wrong = validate(schema, document, specifiedRules);
    if (wrong.length) throw new Error(`${example.file}: ${wrong.join('\n')}`);
    const { operation: kind, selectionSet } = document.definitions[0];
    return { ...example, text, fields: selectionSet.selections.map(({ name }) => `${kind}.${name.value}`) };
  }),
);

function shownExample({ as, text, variables }) {
  const says = { anybody: 'Without logging in', seller: 'As a seller', buyer: 'As a buyer' }[as];
  const given = variables ? `\n\`\`\`json\n${JSON.stringify(variables, null, 2)}\n\`\`\`\n` : '';
  return `**Example.** ${says}:\n\n\`\`\`graphql\n${text.trim()}\n\`\`\`\n${given}`;
}

function rootField(field, kind, page) {
  const parts = [`### ${field.name}`, `${linked(field.type, page)}`, field.description];
  if (field.args.length) {
    parts.push(
      ['| argument | type | |', '|---|---|---|']
        .concat(field.args.map((argument) => `| \`${argument.name}\` | ${linked(argument.type, page)} | ${line(argument.description) || 'See its type.'} |`))
        .join('\n'),
    );
  }
  parts.push(...examples.filter(({ fields }) => fields.includes(`${kind}.${field.name}`)).map(shownExample));
  return parts.join('\n\n');
}

function shownType(type, page) {
  const parts = [`### ${type.name}`];
  if (type.description) parts.push(type.description);
  if (isEnumType(type)) {
    const rows = type.getValues().map(({ name, description }) => `| \`${name}\` | ${line(description)} |`);
    parts.push(['| value | |', '|---|---|', ...rows].join('\n'));
  } else if (isUnionType(type)) {
    parts.push(`One of ${type.getTypes().map((member) => linked(member, page)).join(', ')}.`);
  } else if (!isScalarType(type)) {
    const rows = Object.values(type.getFields()).map((field) => {
      const of = graphs(supergraph.getType(type.name).getFields()[field.name].astNode, 'join__field');
      const from = of.length && !of.includes(page) && page !== SHARED ? ` *(from ${of[0]})*` : '';
      return `| \`${field.name}\` | ${linked(field.type, page)} | ${line(field.description)}${from} |`;
    });
    parts.push(['| field | type | |', '|---|---|---|', ...rows].join('\n'));
  }
  return parts.join('\n\n');
}

function pageOf(page) {
  const title = page === SHARED ? 'Shared types' : page[0].toUpperCase() + page.slice(1);
  const sections = [`# ${title}`, '<!-- Written from the schema by `cargo xtask schema`. Do not edit. -->'];
  for (const [kind, heading] of [['query', 'Queries'], ['mutation', 'Mutations'], ['subscription', 'Subscriptions']]) {
    const name = kind[0].toUpperCase() + kind.slice(1);
    const fields = Object.values(schema.getType(name).getFields()).filter(({ name: field }) =>
      graphs(supergraph.getType(name).getFields()[field].astNode, 'join__field').includes(page),
    );
    if (fields.length) sections.push(`## ${heading}`, ...fields.map((field) => rootField(field, kind, page)));
  }
  const own = types.filter(({ name }) => owners[name] === page);
  for (const [heading, is] of [['Types', (t) => isObjectType(t) || isUnionType(t)], ['Inputs', isInputObjectType], ['Enums', isEnumType], ['Scalars', isScalarType]]) {
    const found = own.filter(is);
    if (found.length) sections.push(`## ${heading}`, ...found.map((type) => shownType(type, page)));
  }
  return `${sections.join('\n\n')}\n`;
}

function index(pages) {
  const count = (name) => Object.keys(schema.getType(name).getFields()).length;
  const list = pages.map((page) => `- [${page}](${page}.md)`).join('\n');
  return `# The API

<!-- Written from the schema by \`cargo xtask schema\`. Do not edit. -->

One GraphQL endpoint, \`/graphql\`: ${count('Query')} queries, ${count('Mutation')} mutations, ${count('Subscription')} subscriptions.

- **Operations** over HTTP \`POST\`; **subscriptions** at the same address over WebSocket (\`graphql-transport-ws\`) or as
  server-sent events. The token travels as \`Authorization: Bearer …\`, in \`connection_init\` over WebSocket.
- **What the user can cause is data**: every payload has \`userErrors\` with a stable \`code\`. Not logged in, forbidden,
  limits and faults are errors with \`extensions.code\`.
- **Lists** are connections: \`first\` and \`after\`; \`endCursor\` goes into the next \`after\`.
- **Live**: a stream takes the last \`sequence\` you have as \`after\`, and nothing is missed. Subscribe again so whenever a
  socket closes: the router closes one that answers no ping for ten seconds with code 1002, after which some libraries
  (\`graphql-ws\` among them) do not connect again by themselves. Do the same when a stream ends and when a number is
  missing: the router drops events for a client that is too slow. \`clients/checks/lossless.mjs\` does all that.

The examples on these pages are run as a test against a marketplace, in the order of \`clients/reference/examples.mjs\`;
\`<name>\` stands for something that an earlier one learnt. What a breaking change is, and how to declare one, stands in
[releasing.md](releasing.md).

${list}
`;
}

const names = [...new Set(Object.values(owners))].filter((name) => name !== SHARED).sort();
const pages = new Map([['README.md', index([...names, SHARED])], ...[...names, SHARED].map((page) => [`${page}.md`, pageOf(page)])]);
const written = (await readdir(directory).catch(() => [])).filter((file) => file.endsWith('.md') && file !== 'releasing.md');
const current = async (file) => readFile(path.join(directory, file), 'utf8').catch(() => undefined);
const stale = [];
for (const [file, text] of pages) if ((await current(file)) !== text) stale.push(file);
stale.push(...written.filter((file) => !pages.has(file)));
if (process.argv.includes('--check')) {
  if (stale.length) {
    console.error(`docs/api is stale (${stale.join(', ')}): run \`cargo xtask schema\` and review the difference`);
    process.exitCode = 1;
  }
} else {
  await mkdir(directory, { recursive: true });
  for (const file of written.filter((file) => !pages.has(file))) await rm(path.join(directory, file));
  for (const [file, text] of pages) await writeFile(path.join(directory, file), text);
  console.log(stale.length ? `wrote ${stale.join(', ')}` : 'docs/api is up to date');
}
