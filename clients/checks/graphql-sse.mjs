// Opens subscriptions with a stock graphql-sse client, in its distinct connections mode.
import { createClient } from 'graphql-sse';
import { atEnd, fail, headers, report, subscriptions, url } from './asked.mjs';

const client = createClient({ url, headers });
for (const { name, query, variables } of subscriptions) {
  client.subscribe(
    { query, variables },
    {
      next: (result) => report(name, result),
      error: (error) => fail(`${name} failed`, error),
      complete: () => fail(`${name} ended`),
    },
  );
}
atEnd(() => process.exit(0));
