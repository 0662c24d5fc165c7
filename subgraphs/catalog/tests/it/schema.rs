//! The committed schema.

#[test]
fn the_committed_schema_is_current() {
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    assert!(
        std::fs::read_to_string(committed).unwrap_or_default() == catalog::sdl(),
        "subgraphs/catalog/schema.graphql is stale: run `cargo xtask schema` and review the difference"
    );
}
