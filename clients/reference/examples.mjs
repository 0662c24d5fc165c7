// The examples of the API's reference, in the order in which they run. Each is an operation out of
// `operations/` here or of the playground's story, sent by one of the accounts, with variables in
// which `<name>` stands for what an earlier example learnt from its answer.
//
// `run.mjs` runs them against a marketplace; `write.mjs` puts them into docs/api/.
import { readFile } from 'node:fs/promises';
import path from 'node:path';

const story = '../../../router/playground/operations/';

/** `as`: anybody, seller, buyer. `learn`: names for values of the answer, by their paths. `until`: for
 * what becomes true soon, the value that must stand at a path. `events`: how many of a subscription's are read. */
export const EXAMPLES = [
  { as: 'anybody', file: 'countries' },
  { as: 'buyer', file: 'geocode', variables: { address: '12 Hang Bac, Hoan Kiem, Ha Noi' } },
  { as: 'buyer', file: 'place-suggestions', variables: { text: 'Ha N' } },
  { as: 'anybody', file: 'convert', variables: { amount: { amountMinor: '250000', currency: 'VND' }, to: 'USD' } },
  { as: 'anybody', file: 'exchange-rate', variables: { from: 'USD', to: 'VND' } },
  { as: 'buyer', file: 'reverse-geocode', variables: { latitude: 21.03, longitude: 105.85 } },
  { as: 'anybody', file: 'service-options', variables: { category: 'PAYMENT' } },
  { as: 'anybody', file: 'log-in', variables: { input: { identifier: '<sellerName>', password: 'correct horse battery' } } },
  { as: 'seller', file: 'update-profile', variables: { input: { name: "Lan's Lamps", description: 'Light, made by hand.' } } },
  {
    as: 'seller',
    file: `${story}02-seller-sets-a-contact`,
    variables: { input: { fullName: 'Nguyen Thi Lan', phone: '+84901234567', address: '12 Hang Bac, Hoan Kiem, Ha Noi' } },
  },
  { as: 'anybody', file: `${story}03-seller-looks-for-a-category`, learn: { categoryId: 'categories.0.id' } },
  {
    as: 'seller',
    file: `${story}04-seller-creates-a-product`,
    variables: {
      input: {
        name: '<productName>',
        description: 'A warm light for long evenings, made of bamboo and paper.',
        categoryId: '<categoryId>',
        tags: ['bamboo', 'handmade'],
        idempotencyKey: '<key>-product',
        skus: [{ price: { amountMinor: '250000', currency: 'VND' }, weightGrams: 800 }],
      },
    },
    learn: { productId: 'createProduct.product.id', skuId: 'createProduct.product.skus.0.id' },
  },
  {
    as: 'seller',
    file: `${story}05-seller-imports-stock`,
    variables: { input: { skuId: '<skuId>', quantity: '10', idempotencyKey: '<key>-stock' } },
  },
  {
    as: 'seller',
    file: `${story}06-seller-creates-a-promotion`,
    variables: { input: { name: 'Opening week', kind: 'DISCOUNT', percentOff: 10, autoApply: true } },
    learn: { promotionId: 'createPromotion.promotion.id' },
  },
  { as: 'anybody', file: 'promotion', variables: { id: '<promotionId>' } },
  { as: 'seller', file: 'set-low-stock-threshold', variables: { input: { skuId: '<skuId>', threshold: '3' } } },
  {
    as: 'seller',
    file: 'adjust-stock',
    variables: { input: { skuId: '<skuId>', delta: '-1', reason: 'One is broken.', idempotencyKey: '<key>-count' } },
  },
  { as: 'seller', file: 'update-product', variables: { input: { productId: '<productId>', tags: ['bamboo', 'lamp'] } } },
  {
    as: 'anybody',
    file: `${story}07-buyer-searches`,
    variables: { query: '<productName>' },
    until: { 'searchProducts.edges.0.node.id': '<productId>' },
  },
  { as: 'anybody', file: 'product', variables: { id: '<productId>' } },
  { as: 'anybody', file: 'products' },
  { as: 'anybody', file: 'category', variables: { id: '<categoryId>' } },
  { as: 'anybody', file: 'tags', variables: { prefix: 'bam' } },
  { as: 'anybody', file: 'search-suggestions', variables: { prefix: 'bam' } },
  { as: 'anybody', file: 'trending-products' },
  { as: 'buyer', file: 'recommended-products' },
  { as: 'anybody', file: 'account', variables: { id: '<sellerId>' } },
  {
    as: 'buyer',
    file: 'track-interactions',
    variables: { input: { interactions: [{ id: '<key>', productId: '<productId>', kind: 'VIEW' }] } },
  },
  { as: 'buyer', file: 'follow-account', variables: { input: { accountId: '<sellerId>' } } },
  { as: 'buyer', file: 'add-favorite', variables: { input: { productId: '<productId>' } } },
  { as: 'buyer', file: `${story}08-buyer-fills-the-cart`, variables: { input: { skuId: '<skuId>', quantity: 2 } } },
  {
    as: 'buyer',
    file: `${story}09-buyer-checks-out`,
    variables: {
      input: {
        fromCart: true,
        transportOption: 'table-rate',
        idempotencyKey: '<key>-checkout',
        address: { fullName: 'Tran Van Minh', phone: '+84907654321', address: '45 Le Loi, Quan 1, Ho Chi Minh' },
      },
    },
    learn: { itemId: 'checkout.items.0.id' },
  },
  { as: 'seller', file: `${story}10-seller-sees-incoming-items`, variables: { after: '0' }, events: 1 },
  { as: 'seller', file: `${story}11-seller-quotes-transport`, variables: { input: { itemIds: ['<itemId>'] } } },
  {
    as: 'seller',
    file: `${story}12-seller-confirms`,
    variables: { input: { itemIds: ['<itemId>'], idempotencyKey: '<key>-confirm' } },
    learn: { orderId: 'confirmItems.order.id' },
  },
  {
    as: 'buyer',
    file: `${story}14-buyer-pays`,
    variables: { input: { orderIds: ['<orderId>'], method: 'cod', idempotencyKey: '<key>-pay' } },
    learn: { paymentId: 'payOrders.payment.id' },
  },
  { as: 'buyer', file: `${story}13-buyer-follows-the-order`, variables: { orderId: '<orderId>', after: '0' }, events: 2 },
  {
    as: 'buyer',
    file: `${story}15-an-order-of-its-parties`,
    variables: { id: '<orderId>' },
    until: { 'order.status': 'DELIVERED' },
  },
  { as: 'buyer', file: 'payment', variables: { id: '<paymentId>' } },
  { as: 'buyer', file: 'my-orders', variables: { role: 'BUYER', after: '0' }, events: 1 },
  {
    as: 'buyer',
    file: `${story}16-buyer-reviews`,
    variables: { input: { productId: '<productId>', rating: 5, body: 'Beautiful light.', idempotencyKey: '<key>-review' } },
    learn: { reviewId: 'createReview.review.id' },
  },
  {
    as: 'seller',
    file: 'reply-to-comment',
    variables: { input: { commentId: '<reviewId>', body: 'Thank you!', idempotencyKey: '<key>-reply' } },
  },
  { as: 'seller', file: 'vote-on-comment', variables: { input: { commentId: '<reviewId>', vote: 'UP' } } },
  { as: 'anybody', file: `${story}17-popularity`, variables: { id: '<productId>' } },
  {
    as: 'buyer',
    file: `${story}18-buyer-opens-a-conversation`,
    variables: { input: { accountId: '<sellerId>' } },
    learn: { conversationId: 'openConversation.conversation.id' },
  },
  {
    as: 'buyer',
    file: `${story}20-write-a-message`,
    variables: { input: { conversationId: '<conversationId>', clientId: 'm1', body: 'Does it come with a bulb?' } },
  },
  {
    as: 'seller',
    file: `${story}19-messages-arrive`,
    variables: { conversationId: '<conversationId>', after: '0' },
    events: 1,
  },
  { as: 'seller', file: 'conversation', variables: { id: '<conversationId>' } },
  { as: 'seller', file: 'unread-messages', events: 1 },
  { as: 'seller', file: 'activity', variables: { conversationId: '<conversationId>' }, events: 1 },
  { as: 'buyer', file: 'set-typing', variables: { input: { conversationId: '<conversationId>', typing: true } } },
  {
    as: 'seller',
    file: 'mark-conversation-read',
    variables: { input: { conversationId: '<conversationId>', sequence: '1' } },
  },
  {
    as: 'buyer',
    file: 'create-upload',
    variables: {
      input: { fileName: 'lamp.png', mimeType: 'image/png', sizeBytes: '2048', checksumSha256: '0'.repeat(64) },
    },
  },
  { as: 'seller', file: 'notifications', variables: { after: '0' }, events: 1 },
  { as: 'seller', file: 'mark-notifications-read', variables: { input: { all: true } } },
  { as: 'buyer', file: `${story}21-me` },
  { as: 'buyer', file: 'clear-cart' },
  { as: 'buyer', file: 'log-out' },
];

/** The text of an example's operation. */
export function operation({ file }) {
  return readFile(path.join(import.meta.dirname, 'operations', `${file}.graphql`), 'utf8');
}
