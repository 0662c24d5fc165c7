// Uploads: announced over GraphQL, sent to a signed URL, completed over GraphQL.
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { CompleteUploadDocument, CreateUploadDocument } from './generated/operations.js';

/** How the client of the application runs a mutation. */
export type Mutate = <Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
) => Promise<Data>;

/** The marketplace refused the file; `message` says why. */
export class UploadRefused extends Error {}

/** Uploads a file, and gives its resource, which messages, products and profiles refer to by its id. */
export async function upload(mutate: Mutate, file: File): Promise<{ id: string; url: string }> {
  const bytes = await file.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const checksumSha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const { createUpload } = await mutate(CreateUploadDocument, {
    input: { fileName: file.name, mimeType: file.type, sizeBytes: String(bytes.byteLength), checksumSha256 },
  });
  if (!createUpload.uploadUrl || !createUpload.resource) throw refused(createUpload);
  const sent = await fetch(createUpload.uploadUrl, { method: 'PUT', body: bytes });
  if (!sent.ok) throw new UploadRefused(`the bytes were refused with status ${sent.status}`);
  const { completeUpload } = await mutate(CompleteUploadDocument, { input: { resourceId: createUpload.resource.id } });
  if (!completeUpload.resource) throw refused(completeUpload);
  return completeUpload.resource;
}

function refused(payload: { userErrors: { message: string }[] }) {
  return new UploadRefused(payload.userErrors.map(({ message }) => message).join(' '));
}
