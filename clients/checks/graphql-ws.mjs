// Opens subscriptions with a stock graphql-ws client: all over one socket.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { headers, sink, subscriptions, websocketUrl } from './asked.mjs';

const client = createClient({ url: websocketUrl, webSocketImpl: WebSocket, connectionParams: headers });
for (const { name, query, variables } of subscriptions) {
  client.subscribe({ query, variables }, sink(name));
}
