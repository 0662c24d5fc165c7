// Writes src/generated/operations.ts: the types of the operations in operations/, and each operation as a
// document that knows them, by GraphQL Code Generator. `npm run build` runs it.
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as typedDocumentNode from '@graphql-codegen/typed-document-node';
import * as typescriptOperations from '@graphql-codegen/typescript-operations';
import { parse } from 'graphql';

const here = import.meta.dirname;
const directory = path.join(here, 'operations');
const filename = path.join(here, 'src/generated/operations.ts');

const files = (await readdir(directory)).filter((file) => file.endsWith('.graphql')).sort();
const documents = await Promise.all(
  files.map(async (file) => ({ location: file, document: parse(await readFile(path.join(directory, file), 'utf8')) })),
);

const text = await codegen({
  filename,
  schema: parse(await readFile(path.join(here, '../../router/schema.graphql'), 'utf8')),
  documents,
  plugins: [{ typescriptOperations: {} }, { typedDocumentNode: {} }],
  pluginMap: { typescriptOperations, typedDocumentNode },
  config: {
    enumsAsTypes: true,
    useTypeImports: true,
    strictScalars: true,
    // Numbers of 64 bits and moments travel as texts.
    scalars: { BigInt: 'string', CurrencyCode: 'string', DateTime: 'string', JSON: 'unknown', NaiveDate: 'string' },
  },
});
await mkdir(path.dirname(filename), { recursive: true });
await writeFile(filename, `// Written by codegen.mjs. Do not edit.\n${text}`);
