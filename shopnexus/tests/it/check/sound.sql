-- A small marketplace in which everything holds: a pending item with a promotion, a confirmed one with a serial, and a
-- delivered one that was paid twice, so that half of the money is a credit.
INSERT INTO inventory.operation (operation_id, command, answer)
SELECT ('00000000-0000-0000-0000-0000000000' || n)::uuid, 'RESERVE', 'null' FROM generate_series(10, 19) n;
INSERT INTO inventory.stock (id, ref_type, ref_id, owner_id, stock, taken, requires_serials) VALUES
    ('5aaaaaaa-0000-0000-0000-000000000001', 'PRODUCT_SKU', '5c000000-0000-0000-0000-000000000001',
        'acc00000-0000-0000-0000-000000000002', 3, 1, false),
    ('5aaaaaaa-0000-0000-0000-000000000002', 'PRODUCT_SKU', '5c000000-0000-0000-0000-000000000002',
        'acc00000-0000-0000-0000-000000000002', 2, 1, true);
INSERT INTO inventory.reservation (id, stock_id, quantity, status, closed_at) VALUES
    ('17e00000-0000-0000-0000-000000000001', '5aaaaaaa-0000-0000-0000-000000000001', 1, 'OPEN', NULL),
    ('17e00000-0000-0000-0000-000000000002', '5aaaaaaa-0000-0000-0000-000000000002', 1, 'OPEN', NULL),
    ('17e00000-0000-0000-0000-000000000003', '5aaaaaaa-0000-0000-0000-000000000001', 1, 'COMMITTED', now());
INSERT INTO inventory.serial (id, stock_id, serial, status, reservation_id) VALUES
    ('5e000000-0000-0000-0000-000000000001', '5aaaaaaa-0000-0000-0000-000000000002', 'A', 'AVAILABLE', NULL),
    ('5e000000-0000-0000-0000-000000000002', '5aaaaaaa-0000-0000-0000-000000000002', 'B', 'RESERVED',
        '17e00000-0000-0000-0000-000000000002');
INSERT INTO inventory.stock_history (id, stock_id, kind, stock_delta, taken_delta, operation_id, reservation_id)
SELECT gen_random_uuid(), stock_id::uuid, kind, stock_delta, taken_delta,
    ('00000000-0000-0000-0000-0000000000' || 9 + row_number() OVER ())::uuid, NULL
FROM (VALUES
    ('5aaaaaaa-0000-0000-0000-000000000001', 'IMPORT', 4, 0), ('5aaaaaaa-0000-0000-0000-000000000001', 'RESERVE', 0, 2),
    ('5aaaaaaa-0000-0000-0000-000000000001', 'COMMIT', -1, -1), ('5aaaaaaa-0000-0000-0000-000000000002', 'IMPORT', 2, 0),
    ('5aaaaaaa-0000-0000-0000-000000000002', 'RESERVE', 0, 1)
) change (stock_id, kind, stock_delta, taken_delta);

INSERT INTO "order".checkout (id, buyer_id, answer)
VALUES ('cec00000-0000-0000-0000-000000000001', 'acc00000-0000-0000-0000-000000000001', 'null');
INSERT INTO "order".orders (id, buyer_id, seller_id, status, currency, product_cost_minor, product_discount_minor,
    transport_cost_minor, transport_discount_minor, total_minor, transport_option, address, address_key, event_seq)
VALUES
    ('0de00000-0000-0000-0000-000000000001', 'acc00000-0000-0000-0000-000000000001',
        'acc00000-0000-0000-0000-000000000002', 'CONFIRMED', 'VND', 200, 0, 30, 0, 230, 'table-rate', '{}', 'k', 1),
    ('0de00000-0000-0000-0000-000000000002', 'acc00000-0000-0000-0000-000000000001',
        'acc00000-0000-0000-0000-000000000002', 'DELIVERED', 'VND', 270, 0, 30, 0, 300, 'table-rate', '{}', 'k', 4);
INSERT INTO "order".order_event (order_id, seq, from_status, to_status) VALUES
    ('0de00000-0000-0000-0000-000000000001', 1, NULL, 'CONFIRMED'),
    ('0de00000-0000-0000-0000-000000000002', 1, NULL, 'CONFIRMED'),
    ('0de00000-0000-0000-0000-000000000002', 2, 'CONFIRMED', 'PAID'),
    ('0de00000-0000-0000-0000-000000000002', 3, 'PAID', 'SHIPPING'),
    ('0de00000-0000-0000-0000-000000000002', 4, 'SHIPPING', 'DELIVERED');
INSERT INTO "order".order_item (id, checkout_id, order_id, buyer_id, seller_id, sku_id, product_id, product_name,
    variant_label, quantity, weight_grams, currency, unit_price_minor, list_amount_minor, paid_amount_minor,
    applied_promotions, serials, address, address_key, transport_option, state, event_seq, deadline_at)
SELECT id::uuid, 'cec00000-0000-0000-0000-000000000001', order_id::uuid, 'acc00000-0000-0000-0000-000000000001',
    'acc00000-0000-0000-0000-000000000002', sku_id::uuid, 'bbb00000-0000-0000-0000-000000000001', 'Lamp', '', 1, 100,
    'VND', list, list, paid, applied::jsonb, serials::text[], '{}', 'k', 'table-rate', state, event_seq, now()
FROM (VALUES
    ('17e00000-0000-0000-0000-000000000001', NULL, '5c000000-0000-0000-0000-000000000001', 100, 90,
        '[{"promotion_id": "bf000000-0000-0000-0000-000000000001", "name": "Sale", "saving_minor": 10}]', '{}',
        'PENDING', 1),
    ('17e00000-0000-0000-0000-000000000002', '0de00000-0000-0000-0000-000000000001',
        '5c000000-0000-0000-0000-000000000002', 200, 200, '[]', '{B}', 'CONFIRMED', 2),
    ('17e00000-0000-0000-0000-000000000003', '0de00000-0000-0000-0000-000000000002',
        '5c000000-0000-0000-0000-000000000001', 270, 270, '[]', '{}', 'DELIVERED', 3)
) item (id, order_id, sku_id, list, paid, applied, serials, state, event_seq);
INSERT INTO "order".order_item_event (item_id, seq, from_state, to_state) VALUES
    ('17e00000-0000-0000-0000-000000000001', 1, NULL, 'PENDING'),
    ('17e00000-0000-0000-0000-000000000002', 1, NULL, 'PENDING'),
    ('17e00000-0000-0000-0000-000000000002', 2, 'PENDING', 'CONFIRMED'),
    ('17e00000-0000-0000-0000-000000000003', 1, NULL, 'PENDING'),
    ('17e00000-0000-0000-0000-000000000003', 2, 'PENDING', 'CONFIRMED'),
    ('17e00000-0000-0000-0000-000000000003', 3, 'CONFIRMED', 'DELIVERED');
INSERT INTO "order".shipment (id, order_id, option_id, status, cost_minor, currency, weight_grams, event_seq)
VALUES ('5b000000-0000-0000-0000-000000000001', '0de00000-0000-0000-0000-000000000002', 'table-rate', 'DELIVERED', 30,
    'VND', 100, 2);
INSERT INTO "order".shipment_event (shipment_id, seq, status) VALUES
    ('5b000000-0000-0000-0000-000000000001', 1, 'CREATED'), ('5b000000-0000-0000-0000-000000000001', 2, 'DELIVERED');

INSERT INTO "order".payment (id, buyer_id, option_id, status, currency, amount_minor, redirect_url, expires_at, event_seq)
VALUES ('ba000000-0000-0000-0000-000000000001', 'acc00000-0000-0000-0000-000000000001', 'vnpay-qr', 'SUCCEEDED', 'VND',
    300, 'https://pay.example/?vnp_TmnCode=SHOPNX01&vnp_TxnRef=1', now(), 6);
INSERT INTO "order".payment_order (payment_id, order_id, amount_minor, settled_at)
VALUES ('ba000000-0000-0000-0000-000000000001', '0de00000-0000-0000-0000-000000000002', 300, now());
INSERT INTO "order".payment_event (payment_id, seq, kind, detail) VALUES
    ('ba000000-0000-0000-0000-000000000001', 1, 'REQUESTED', '{}'),
    ('ba000000-0000-0000-0000-000000000001', 2, 'SUCCEEDED', '{"amountHundredths": 30000}'),
    ('ba000000-0000-0000-0000-000000000001', 3, 'CREDITED', '{"amountHundredths": 30000}'),
    ('ba000000-0000-0000-0000-000000000001', 4, 'REPORTED', '{"amountHundredths": 5000, "responseCode": "00",
        "transactionStatus": "00", "transactionNo": "3"}'),
    ('ba000000-0000-0000-0000-000000000001', 5, 'ENQUIRY_OPENED', '{"transactionNo": "3"}'),
    ('ba000000-0000-0000-0000-000000000001', 6, 'REPORTED', '{"amountHundredths": 5000, "responseCode": "00",
        "transactionStatus": "00", "transactionNo": "2"}');
INSERT INTO "order".payment_credit (id, payment_id, buyer_id, amount_minor, currency, reason, provider_transaction)
VALUES ('c0000000-0000-0000-0000-000000000001', 'ba000000-0000-0000-0000-000000000001',
    'acc00000-0000-0000-0000-000000000001', 300, 'VND', 'DUPLICATE', '2');
INSERT INTO "order".stray_payment (id, provider_transaction, reference, amount_minor, state, sent_try, updated_at) VALUES
    ('57000000-0000-0000-0000-000000000001', '77', 'nobody', 50, 'REFUNDED', 0, now() - interval '9 days'),
    ('57000000-0000-0000-0000-000000000002', '78', 'nobody', 50, 'HELD', NULL, now());
INSERT INTO "order".provider_exchange (id, provider, operation, request, http_status, answer)
SELECT id::uuid, 'vnpay', 'ipn', jsonb_build_object('vnp_TmnCode', terminal, 'vnp_TxnRef', 'nobody', 'vnp_Amount', '5000',
    'vnp_ResponseCode', '00', 'vnp_TransactionStatus', '00', 'vnp_TransactionNo', number), 200, '{"RspCode": "01"}'::jsonb
FROM (VALUES
    ('ec000000-0000-0000-0000-000000000001', 'SHOPNX01', '77'), ('ec000000-0000-0000-0000-000000000002', 'SOMEBODY', '79')
) report (id, terminal, number);
INSERT INTO "order".ledger_entry (id, transaction_id, position, kind, account, owner_id, amount_minor, currency,
    payment_id, order_id)
SELECT gen_random_uuid(), transaction_id::uuid, position, kind, account, owner_id::uuid, amount, 'VND',
    'ba000000-0000-0000-0000-000000000001', order_id::uuid
FROM (VALUES
    ('1ed00000-0000-0000-0000-000000000001', 0, 'SALE', 'BUYER_CLEARING', 'acc00000-0000-0000-0000-000000000001', -300,
        '0de00000-0000-0000-0000-000000000002'),
    ('1ed00000-0000-0000-0000-000000000001', 1, 'SALE', 'SELLER_EARNING', 'acc00000-0000-0000-0000-000000000002', 300,
        '0de00000-0000-0000-0000-000000000002'),
    ('1ed00000-0000-0000-0000-000000000002', 0, 'CREDIT', 'BUYER_CLEARING', 'acc00000-0000-0000-0000-000000000001',
        -300, NULL),
    ('1ed00000-0000-0000-0000-000000000002', 1, 'CREDIT', 'BUYER_CREDIT', 'acc00000-0000-0000-0000-000000000001', 300,
        NULL),
    ('cb000000-0000-0000-0000-000000000001', 0, 'CASHBACK', 'SELLER_EARNING', 'acc00000-0000-0000-0000-000000000002', -5,
        '0de00000-0000-0000-0000-000000000002'),
    ('cb000000-0000-0000-0000-000000000001', 1, 'CASHBACK', 'BUYER_CASHBACK', 'acc00000-0000-0000-0000-000000000001', 5,
        '0de00000-0000-0000-0000-000000000002')
) entry (transaction_id, position, kind, account, owner_id, amount, order_id);

INSERT INTO promotion.promotion (id, owner_id, scope, name, description, kind, data, currency, stack_group, starts_at,
    enabled, uses_max, budget_minor, uses, spent_minor, created_at, updated_at)
VALUES ('bf000000-0000-0000-0000-000000000001', 'acc00000-0000-0000-0000-000000000002', 'SELLER', 'Sale', '', 'DISCOUNT',
    '{"kind": "DISCOUNT", "reduction": {"amount_off": 10}}', 'VND', 'default', now(), true, 5, 100, 1, 10, now(), now());
INSERT INTO promotion.redemption (operation_id, buyer_id, created_at)
VALUES ('0b000000-0000-0000-0000-000000000001', 'acc00000-0000-0000-0000-000000000001', now());
INSERT INTO promotion.promotion_use (item_id, promotion_id, operation_id, buyer_id, amount_minor, currency)
VALUES ('17e00000-0000-0000-0000-000000000001', 'bf000000-0000-0000-0000-000000000001',
    '0b000000-0000-0000-0000-000000000001', 'acc00000-0000-0000-0000-000000000001', 10, 'VND');
INSERT INTO promotion.promotion_account_use (promotion_id, account_id, uses)
VALUES ('bf000000-0000-0000-0000-000000000001', 'acc00000-0000-0000-0000-000000000001', 1);

-- Cashback of the delivered item, credited.
INSERT INTO promotion.promotion (id, owner_id, scope, name, description, kind, data, currency, stack_group, starts_at,
    enabled, uses, spent_minor, created_at, updated_at)
VALUES ('bf000000-0000-0000-0000-000000000002', 'acc00000-0000-0000-0000-000000000002', 'SELLER', 'Back', '', 'CASHBACK',
    '{"kind": "CASHBACK", "reduction": {"amount_off": 5}}', 'VND', 'back', now(), true, 1, 5, now(), now());
INSERT INTO promotion.redemption (operation_id, buyer_id, created_at)
VALUES ('0b000000-0000-0000-0000-000000000002', 'acc00000-0000-0000-0000-000000000001', now());
INSERT INTO promotion.promotion_use (item_id, promotion_id, operation_id, buyer_id, amount_minor, currency, cashback)
VALUES ('17e00000-0000-0000-0000-000000000003', 'bf000000-0000-0000-0000-000000000002',
    '0b000000-0000-0000-0000-000000000002', 'acc00000-0000-0000-0000-000000000001', 5, 'VND', true);
INSERT INTO promotion.promotion_account_use (promotion_id, account_id, uses)
VALUES ('bf000000-0000-0000-0000-000000000002', 'acc00000-0000-0000-0000-000000000001', 1);
INSERT INTO promotion.cashback_entry (id, item_id, promotion_id, buyer_id, borne_by, amount_minor, currency, kind)
VALUES ('cb000000-0000-0000-0000-000000000001', '17e00000-0000-0000-0000-000000000003',
    'bf000000-0000-0000-0000-000000000002', 'acc00000-0000-0000-0000-000000000001',
    'acc00000-0000-0000-0000-000000000002', 5, 'VND', 'CREDITED');

INSERT INTO account.inbox (account_id, last_sequence) VALUES ('acc00000-0000-0000-0000-000000000001', 2);
INSERT INTO account.notification (id, account_id, sequence, kind, title, content, metadata, created_at) VALUES
    ('90000000-0000-0000-0000-000000000001', 'acc00000-0000-0000-0000-000000000001', 1, 'ORDER_CONFIRMED', '', '',
        '{"orderId": "0de00000-0000-0000-0000-000000000001"}', now()),
    ('90000000-0000-0000-0000-000000000002', 'acc00000-0000-0000-0000-000000000001', 2, 'ORDER_CONFIRMED', '', '',
        '{"orderId": "0de00000-0000-0000-0000-000000000002"}', now());
INSERT INTO analytic.interaction (id, account_id, product_id, kind, weight_milli, occurred_at)
VALUES ('1a000000-0000-0000-0000-000000000001', NULL, 'bbb00000-0000-0000-0000-000000000001', 'view', 300, now());
INSERT INTO analytic.popularity (product_id, score_milli, interaction_count)
VALUES ('bbb00000-0000-0000-0000-000000000001', 300, 1);
INSERT INTO chat.conversation (id, lower_account_id, upper_account_id, last_sequence, active_at, created_at)
VALUES ('c4a00000-0000-0000-0000-000000000001', 'acc00000-0000-0000-0000-000000000001',
    'acc00000-0000-0000-0000-000000000002', 2, now(), now());
INSERT INTO chat.participant (conversation_id, account_id, read_sequence, active_at)
VALUES ('c4a00000-0000-0000-0000-000000000001', 'acc00000-0000-0000-0000-000000000001', 2, now());
INSERT INTO chat.message (id, conversation_id, sequence, sender_id, kind, body, created_at)
SELECT gen_random_uuid(), 'c4a00000-0000-0000-0000-000000000001', n, 'acc00000-0000-0000-0000-000000000002', 'text', 'hi',
    now() FROM generate_series(1, 2) n;
INSERT INTO "order".feed (account_id, role, last_seq) VALUES ('acc00000-0000-0000-0000-000000000002', 'INCOMING', 1);
INSERT INTO "order".feed_entry (account_id, role, seq, kind, item_ids)
VALUES ('acc00000-0000-0000-0000-000000000002', 'INCOMING', 1, 'ITEMS_ARRIVED',
    '{17e00000-0000-0000-0000-000000000001}');
