// What each front-end client is put through, written once against the typed documents: a query, a
// refusal as data, an upload, and a subscription that delivers what is sent meanwhile.
import assert from 'node:assert/strict';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import {
  MeDocument,
  MessageReceivedDocument,
  type MessageReceivedSubscription,
  type Mutate,
  SearchDocument,
  SendMessageDocument,
  upload,
  UploadRefused,
} from '../src/index.js';

/** The three things that a client does. */
export interface FrontEnd {
  query<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data>;
  mutate: Mutate;
  subscribe<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    next: (data: Data) => void,
  ): void;
}

/** An environment variable that the test gives. */
export function given(name: string): string {
  const value = process.env[name];
  assert(value, `${name} is set`);
  return value;
}

/** The access token, as a header and as the payload of connection_init. */
export const headers = { Authorization: `Bearer ${given('TOKEN')}` };

// One white pixel.
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4//8/AAX+Av4N70a4AAAAAElFTkSuQmCC',
  'base64',
);

/** Puts the client through it. Ends the process: with an error when something is not as it should be. */
export async function visit(client: FrontEnd): Promise<void> {
  // A front end that never answers fails the test as one that answers wrongly does.
  setTimeout(() => assert.fail('the visit takes longer than two minutes'), 120_000);
  const conversationId = given('CONVERSATION_ID');

  const { me } = await client.query(MeDocument, {});
  assert.equal(me?.id, given('ACCOUNT_ID'));

  const found = await client.query(SearchDocument, { query: given('PRODUCT_NAME'), first: 5 });
  const name: string | undefined = found.searchProducts?.edges[0]?.node.name;
  assert.equal(name, given('PRODUCT_NAME'));

  const refused = await client.mutate(SendMessageDocument, { input: { conversationId, clientId: 'empty', body: ' ' } });
  assert.equal(refused.sendMessage.message, null);
  assert.notEqual(refused.sendMessage.userErrors[0]?.message, undefined);

  const picture = await upload(client.mutate, new File([PIXEL], 'dot.png', { type: 'image/png' }));
  const liar = new File([PIXEL], 'dot.pdf', { type: 'application/pdf' });
  await assert.rejects(upload(client.mutate, liar), UploadRefused);

  const received: MessageReceivedSubscription['messageReceived'][] = [];
  const arrived = new Promise<void>((resolve) => {
    client.subscribe(MessageReceivedDocument, { conversationId, after: '0' }, ({ messageReceived }) => {
      received.push(messageReceived);
      if (messageReceived.body === 'with a picture') resolve();
    });
  });
  const input = { conversationId, clientId: 'picture', body: 'with a picture', resourceIds: [picture.id] };
  const sent = await client.mutate(SendMessageDocument, { input });
  assert.equal(sent.sendMessage.message?.kind, 'IMAGE');
  await arrived;
  assert.deepEqual(received.map(({ sequence }) => sequence), received.map((_, index) => String(index + 1)));
  const url = received.at(-1)?.images?.[0]?.url;
  assert(url);
  const shown = await fetch(url);
  assert.deepEqual(Buffer.from(await shown.arrayBuffer()), PIXEL);
  process.exit(0);
}
