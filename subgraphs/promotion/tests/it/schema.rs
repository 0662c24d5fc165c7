//! The committed schema is the one that is served.

#[test]
fn schema_graphql_is_current() {
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql")).unwrap();
    assert_eq!(committed, promotion::sdl(), "run `cargo xtask schema` and review the difference");
}
