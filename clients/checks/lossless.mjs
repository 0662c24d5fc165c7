// Follows conversations with stock graphql-ws clients, a socket for each subscriber, as every application
// should that must lose nothing: whenever its subscription ends, for whatever reason, and whenever a number
// is missing, it subscribes again, after the last message up to which it has them all.
//
// Its argument names a file of JSON: `{ query, messages, subscribers: [{ conversationId, token }] }`. Once
// everybody has so many messages, or standard input is closed, it prints a line of JSON for each subscriber:
// all that has arrived, also what came twice, and how often its subscriptions ended for which reason. The
// test that starts it (tests/marketplace/lossless.rs) judges them.
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const { query, messages, subscribers } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const reports = subscribers.map(() => ({ received: [], ends: {} }));
let missing = subscribers.length;

/** Prints all reports and ends the process. */
function tell() {
  const lines = reports.map((report) => `${JSON.stringify(report)}\n`);
  process.stdout.write(lines.join(''), () => process.exit(0));
}

/** Why a subscription ended: the codes of GraphQL errors, no router to connect to, or a socket that was closed. */
function reasonOf(end) {
  if (Array.isArray(end)) return end.map(({ message, extensions }) => extensions?.code ?? message).join();
  if (end instanceof Error) return end.message;
  return end.type === 'error' ? 'refused' : `closed with ${end.code}`;
}

async function follow({ conversationId, token }, { received, ends }) {
  const client = createClient({
    url: process.env.WEBSOCKET_URL,
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: `Bearer ${token}` },
    connectionAckWaitTimeout: 10_000,
    // The next subscription takes the same socket when that is still open.
    lazyCloseTimeout: 5_000,
    // By itself the client gives up after some attempts, and after some codes at once.
    retryAttempts: 0,
  });
  let last = 0;
  const variables = {
    id: conversationId,
    // Asked for whenever the client subscribes: after the code 1000 it does so again by itself.
    get after() {
      return String(last);
    },
  };

  /** Takes messages until the subscription ends, and gives the reason. */
  async function listen() {
    try {
      for await (const { data, errors } of client.iterate({ query, variables })) {
        if (errors) return reasonOf(errors);
        const { sequence, body } = data.messageReceived;
        const number = Number(sequence);
        // The router drops messages for a client that is too slow.
        if (number > last + 1) return 'gap';
        received.push([number, body]);
        if (number === last + 1) {
          last = number;
          if (last === messages) missing -= 1;
          if (missing === 0) tell();
        }
      }
      return 'completed';
    } catch (end) {
      return reasonOf(end);
    }
  }

  // Who has everything goes on listening: nothing may come twice.
  for (;;) {
    const end = await listen();
    ends[end] = (ends[end] ?? 0) + 1;
    // Not everybody comes back at the same moment.
    await pause(100 + Math.random() * 300);
  }
}

subscribers.forEach((subscriber, index) => follow(subscriber, reports[index]));
process.stdin.on('end', tell).resume();
