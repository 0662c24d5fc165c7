// The playground: GraphiQL against the router that serves this page.
import './workers.js';
import 'graphiql/style.css';
import './page.css';

import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';

import { STORY } from './story.jsx';

const WELCOME = `# One graph over eight modules.
#
# The book on the left opens the
# story: register, sell, buy, chat.
#
# After a log-in, "Use token" puts
# the token into this tab's headers.
# Subscriptions send it as well.

{
  __typename
}
`;

const endpoint = new URL('/graphql', location.href);
const socket = new URL('/graphql', location.href);
socket.protocol = endpoint.protocol === 'https:' ? 'wss:' : 'ws:';

const toRouter = createGraphiQLFetcher({
  url: endpoint.href,
  // A subscription sends the headers of its tab as the payload of connection_init.
  subscriptionUrl: socket.href,
  enableIncrementalDelivery: false,
});

/** Gives every operation an id of its own, by which its log lines can be found. */
function fetcher(params, options) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const id = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return toRouter(params, { ...options, headers: { 'x-request-id': id, ...options?.headers } });
}

createRoot(document.getElementById('playground')).render(
  <GraphiQL
    fetcher={fetcher}
    // No history: it would keep the tokens of the headers in the browser's storage.
    plugins={[STORY]}
    visiblePlugin={STORY}
    defaultQuery={WELCOME}
    defaultEditorToolsVisibility="headers"
    inputValueDeprecation
  >
    <GraphiQL.Logo>ShopNexus</GraphiQL.Logo>
  </GraphiQL>,
);
