// What a check is asked to do, by its environment, and how it reports: one line of JSON on standard
// output for each event. The test that starts it (tests/marketplace/clients.rs) judges the events.
const { ROUTER_URL, WEBSOCKET_URL, TOKEN, SUBSCRIPTIONS } = process.env;

/** The router's address for HTTP. */
export const url = ROUTER_URL;

/** The router's address for WebSockets. */
export const websocketUrl = WEBSOCKET_URL;

/** What a signed-in client sends along. */
export const headers = { Authorization: `Bearer ${TOKEN}` };

/** The subscriptions to open: `{ name, operation, query, variables }` each. */
export const subscriptions = JSON.parse(SUBSCRIPTIONS);

/** Says that an event of a subscription arrived. */
export function report(name, result) {
  console.log(JSON.stringify({ name, result }));
}

/** Does this when whoever started the process closes its standard input: it is through. */
export function atEnd(action) {
  process.stdin.on('end', action).resume();
}

/** Ends the process, which ends the test. */
export function fail(message, error) {
  console.error(message, error ?? '');
  process.exit(1);
}
