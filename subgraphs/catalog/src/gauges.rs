//! What an operator watches of the search index.

use service_kit::gauges::Gauge;

/// Read now and then by every instance, over indexes of what the search index does not hold yet.
pub const GAUGES: &[Gauge] = &[
    Gauge {
        name: "shopnexus_index_behind",
        help: "Products whose change the search index does not hold yet, by what changed",
        label: Some(("part", &["facts", "text"])),
        sql: "SELECT 'facts' AS label, count(*)::float8 AS value FROM catalog.product_index WHERE facts_version > facts_indexed
              UNION ALL
              SELECT 'text', count(*)::float8 FROM catalog.product_index WHERE text_version > text_indexed",
    },
    Gauge {
        name: "shopnexus_index_lag_seconds",
        help: "Age of the oldest change that the search index does not hold yet, by what changed",
        label: Some(("part", &["facts", "text"])),
        sql: "SELECT 'facts' AS label, coalesce(extract(epoch FROM now() - min(changed_at)), 0)::float8 AS value
              FROM catalog.product_index WHERE facts_version > facts_indexed
              UNION ALL
              SELECT 'text', coalesce(extract(epoch FROM now() - min(changed_at)), 0)::float8
              FROM catalog.product_index WHERE text_version > text_indexed",
    },
];
