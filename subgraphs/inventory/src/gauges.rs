//! What an operator watches of stock.

use service_kit::gauges::Gauge;

/// Read now and then by every instance, over an index of what is open.
pub const GAUGES: &[Gauge] = &[
    Gauge {
        name: "shopnexus_reservations_open",
        help: "Reservations that are neither released nor sold",
        label: None,
        sql: "SELECT count(*)::float8 AS value FROM inventory.reservation WHERE status = 'OPEN'",
    },
    Gauge {
        name: "shopnexus_reservation_units_open",
        help: "Units that open reservations hold",
        label: None,
        sql: "SELECT coalesce(sum(quantity), 0)::float8 AS value FROM inventory.reservation WHERE status = 'OPEN'",
    },
];
