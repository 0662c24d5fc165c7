// Compares the schema that clients see with the last released one. What breaks a client fails, unless
// it is declared: `node breaking-changes.mjs <released> <current> <declared>`.
//
// A declaration is an object { "change": …, "reason": … } in the list of the third file, where `change`
// is the text that this program prints. One that matches no change is an error as well: it would let a
// later mistake through.
import { readFile } from 'node:fs/promises';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';

/** The changes between two schemas that break a client, and those that may: a new value of an enum, for instance. */
export async function breakingChanges(released, current) {
  const changes = await diff(buildSchema(released), buildSchema(current));
  const of = (level) => changes.filter(({ criticality }) => criticality.level === level).map(({ message }) => message);
  return { breaking: of(CriticalityLevel.Breaking), dangerous: of(CriticalityLevel.Dangerous) };
}

/** What is wrong: undeclared changes, and declarations of none. */
export function judge({ breaking }, declared) {
  const names = declared.map(({ change }) => change);
  return [
    ...breaking.filter((change) => !names.includes(change)).map((change) => `breaks clients, undeclared: ${change}`),
    ...declared.filter(({ change }) => !breaking.includes(change)).map(({ change }) => `declared, not found: ${change}`),
    ...declared.filter(({ reason }) => !reason?.trim()).map(({ change }) => `declared without a reason: ${change}`),
  ];
}

if (import.meta.filename === process.argv[1]) {
  const [released, current, declared] = await Promise.all(process.argv.slice(2, 5).map((file) => readFile(file, 'utf8')));
  const changes = await breakingChanges(released, current);
  for (const change of changes.dangerous) console.error(`may surprise clients: ${change}`);
  const wrong = judge(changes, JSON.parse(declared));
  for (const line of wrong) console.error(line);
  process.exitCode = wrong.length ? 1 : 0;
}
