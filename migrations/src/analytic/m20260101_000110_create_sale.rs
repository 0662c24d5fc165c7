//! What sellers sold and what was seen of it: each fact once, and rolled up by the quarter of an hour.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(UP).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(DOWN).await.map(drop)
    }
}

const UP: &str = r#"
    -- Whose product it is, as catalog told: it never changes.
    CREATE TABLE analytic.product_seller (
        product_id uuid CONSTRAINT product_seller_pkey PRIMARY KEY,
        seller_id uuid NOT NULL
    );
    CREATE TABLE analytic.sale (
        -- Derived from the item of the order, or from the refund: the same sale again counts once.
        id uuid CONSTRAINT sale_pkey PRIMARY KEY,
        seller_id uuid NOT NULL,
        order_id uuid NOT NULL,
        product_id uuid NOT NULL,
        units bigint NOT NULL CONSTRAINT sale_units_moved CHECK (units <> 0),
        amount_minor bigint NOT NULL CONSTRAINT sale_amount_with_units CHECK (amount_minor * sign(units) >= 0),
        currency text NOT NULL,
        occurred_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE analytic.sold_order (
        order_id uuid CONSTRAINT sold_order_pkey PRIMARY KEY
    );
    -- Quarters of an hour, because the midnights of all time zones fall on one.
    CREATE TABLE analytic.seller_slot (
        seller_id uuid NOT NULL,
        slot timestamptz NOT NULL,
        product_id uuid NOT NULL,
        -- Empty where the row counts views.
        currency text NOT NULL,
        units_sold bigint NOT NULL DEFAULT 0,
        sold_minor bigint NOT NULL DEFAULT 0,
        units_returned bigint NOT NULL DEFAULT 0,
        returned_minor bigint NOT NULL DEFAULT 0,
        views bigint NOT NULL DEFAULT 0,
        CONSTRAINT seller_slot_pkey PRIMARY KEY (seller_id, slot, product_id, currency)
    );
    CREATE TABLE analytic.seller_order_slot (
        seller_id uuid NOT NULL,
        slot timestamptz NOT NULL,
        orders bigint NOT NULL,
        CONSTRAINT seller_order_slot_pkey PRIMARY KEY (seller_id, slot)
    );
    -- Over all times, for cards and for the seller.
    CREATE TABLE analytic.product_sales (
        product_id uuid CONSTRAINT product_sales_pkey PRIMARY KEY,
        seller_id uuid NOT NULL,
        units_sold bigint NOT NULL,
        units_returned bigint NOT NULL
    );
    CREATE INDEX product_sales_seller ON analytic.product_sales (seller_id);
"#;

const DOWN: &str = r#"
    DROP TABLE analytic.product_sales;
    DROP TABLE analytic.seller_order_slot;
    DROP TABLE analytic.seller_slot;
    DROP TABLE analytic.sold_order;
    DROP TABLE analytic.sale;
    DROP TABLE analytic.product_seller;
"#;
