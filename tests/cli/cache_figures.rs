//! The figures of the cache are those of the command itself, and it says so.

use predicates::str::contains;

use crate::sandbox::Sandbox;

#[test]
fn an_unused_cache_is_empty_and_has_the_budget_that_is_configured() {
    let sandbox = Sandbox::indexed();
    let config = "[storage]\nbackend = \"redb\"\n[storage.options]\npath = \".codestrata/graph.redb\"\n\
                  [cache]\ncapacity = \"32MiB\"\ndefault_ttl = \"90s\"\n";
    sandbox.write("codestrata.toml", config);
    let stats = sandbox.json(&["cache", "stats"]);
    assert_eq!((&stats["keys"], &stats["bytes"], &stats["misses"]), (&0.into(), &0.into(), &0.into()));
    assert_eq!(stats["limit_bytes"], 32 << 20);
    assert_eq!(stats["default_ttl_seconds"], 90.0);
    for key in ["hits", "evicted_for_room", "expired", "refused", "hit_ratio"] {
        assert_eq!(stats[key].as_f64(), Some(0.0), "{key}");
    }
    sandbox
        .run(&["cache", "stats"])
        .success()
        .stdout(contains("32.00 MiB"))
        .stdout(contains("of this command"));
}

#[test]
fn warming_reads_the_graph_and_shows_what_it_takes() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["index", ".", "--repo", "copy"]).success();
    let stats = sandbox.json(&["cache", "stats", "--warm"]);
    assert_eq!(stats["warmed"], serde_json::json!(["copy", "shop"]));
    // The lists of a graph are one thing.
    assert_eq!((&stats["keys"], &stats["refused"]), (&2.into(), &0.into()));
    assert!(stats["bytes"].as_u64() > Some(0) && stats["bytes"].as_u64() < stats["limit_bytes"].as_u64());
    let one = sandbox.json(&["cache", "stats", "--warm", "--repo", "copy"]);
    assert_eq!((&one["warmed"][0], &one["keys"]), (&"copy".into(), &1.into()));
    sandbox.run(&["cache", "stats", "--warm", "--repo", "cpy"]).code(1);
}
