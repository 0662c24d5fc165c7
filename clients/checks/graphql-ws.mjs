// Opens subscriptions with a stock graphql-ws client: all over one socket.
//
// The router closes a socket whose client answers no ping for ten seconds, as a busy machine may fail
// to, with a code (1002) after which graphql-ws does not connect again by itself. So this does what
// every application should: it subscribes again, after the last event that it has.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { atEnd, fail, headers, report, subscriptions, websocketUrl } from './asked.mjs';

const client = createClient({ url: websocketUrl, webSocketImpl: WebSocket, connectionParams: headers });

function follow({ name, query, variables }) {
  let after = variables.after;
  client.subscribe(
    { query, variables },
    {
      next(result) {
        for (const event of Object.values(result.data ?? {})) after = event.sequence;
        report(name, result);
      },
      error(error) {
        if (error?.code !== 1002) fail(`${name} failed`, error);
        setTimeout(follow, 500, { name, query, variables: { ...variables, after } });
      },
      complete: () => fail(`${name} ended`),
    },
  );
}

subscriptions.forEach(follow);
atEnd(() => process.exit(0));
