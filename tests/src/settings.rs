//! What the environment says to the tests. `tests/run` says all of it.

/// A PostgreSQL in which tests may make databases of their own; none where only the embedded
/// database can be tested.
#[must_use]
pub fn find_postgres() -> Option<String> {
    let url = read("FAIRPLATE_TEST_POSTGRES");
    assert!(
        url.is_some() || !(is_set("CI") || is_set("FAIRPLATE_TEST_REQUIRE_BOTH")),
        "expected FAIRPLATE_TEST_POSTGRES to name a PostgreSQL, found nothing; run tests/run"
    );
    url
}

/// A Redis that tests may write to.
#[must_use]
pub fn find_redis() -> Option<String> {
    read("FAIRPLATE_TEST_REDIS")
}

fn is_set(name: &str) -> bool {
    read(name).is_some()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place at which tests read the environment"
)]
fn read(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
