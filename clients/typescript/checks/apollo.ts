// Apollo Client on the typed documents: HTTP for operations, graphql-ws for subscriptions.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { OperationTypeNode } from 'graphql';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { given, headers, visit } from './visit.js';

const http = new HttpLink({ uri: given('ROUTER_URL'), headers });
const socket = new GraphQLWsLink(
  createClient({ url: given('WEBSOCKET_URL'), webSocketImpl: WebSocket, connectionParams: headers }),
);
const link = ApolloLink.split(({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION, socket, http);
const client = new ApolloClient({ link, cache: new InMemoryCache() });

await visit({
  async query(query, variables) {
    const { data } = await client.query<any, any>({ query, variables: variables as object });
    return data;
  },
  async mutate(mutation, variables) {
    const { data } = await client.mutate<any, any>({ mutation, variables: variables as object });
    return data;
  },
  subscribe(query, variables, next) {
    client.subscribe<any, any>({ query, variables: variables as object }).subscribe(({ data }) => next(data));
  },
});
