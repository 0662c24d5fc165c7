// urql on the typed documents: HTTP for operations, graphql-ws for subscriptions.
import { cacheExchange, Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { given, headers, visit } from './visit.js';

const socket = createClient({ url: given('WEBSOCKET_URL'), webSocketImpl: WebSocket, connectionParams: headers });
const client = new Client({
  url: given('ROUTER_URL'),
  preferGetMethod: false,
  fetchOptions: { headers },
  exchanges: [
    cacheExchange,
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query, variables }) => ({
        subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query: query ?? '', variables: variables ?? null }, sink as any) }),
      }),
    }),
  ],
});

/** The data of an answer that has no errors. */
function data<Data>(result: { data?: Data; error?: Error }): Data {
  if (result.error || result.data === undefined) throw result.error ?? new Error('no data');
  return result.data;
}

await visit({
  query: async (query, variables) => data(await client.query(query, variables as any).toPromise()),
  mutate: async (mutation, variables) => data(await client.mutation(mutation, variables as any).toPromise()),
  subscribe(query, variables, next) {
    client.subscription(query, variables as any).subscribe((result) => next(data(result)));
  },
});
