// Opens subscriptions with a stock graphql-sse client, in its distinct connections mode.
import { createClient } from 'graphql-sse';
import { headers, sink, subscriptions, url } from './asked.mjs';

const client = createClient({ url, headers });
for (const { name, query, variables } of subscriptions) {
  client.subscribe({ query, variables }, sink(name));
}
