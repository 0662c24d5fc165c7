// Typed operations of the ShopNexus marketplace. Each `…Document` goes into any client that takes typed
// documents (Apollo Client, urql, graphql-request): variables and answers are typed by it.
export * from './generated/operations.js';
export * from './upload.js';
