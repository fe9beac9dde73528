//! What the environment says to the tests. `tests/run` says all of it.

/// A PostgreSQL in which tests may make databases of their own; none where only the embedded
/// database can be tested.
#[must_use]
pub fn find_postgres() -> Option<String> {
    find("FAIRPLATE_TEST_POSTGRES")
}

/// A Redis that tests may write to.
#[must_use]
pub fn find_redis() -> Option<String> {
    find("FAIRPLATE_TEST_REDIS")
}

/// How many generated operations are sent at least: few enough for every change, unless told
/// otherwise.
#[must_use]
pub fn cases() -> u32 {
    read("FAIRPLATE_TEST_CASES").map_or(700, |number| number.parse().expect("a number"))
}

/// How many whole ceremonies are killed at random: few enough for every change, unless told otherwise.
#[must_use]
pub fn kills() -> u64 {
    read("FAIRPLATE_TEST_KILLS").map_or(12, |number| number.parse().expect("a number"))
}

/// How many stories are told in which everybody does something at once.
#[must_use]
pub fn stories() -> u32 {
    read("FAIRPLATE_TEST_STORIES").map_or(40, |number| number.parse().expect("a number"))
}

/// The one seed that a random test is to run with, where somebody looks at what it found.
#[must_use]
pub fn seed() -> Option<u64> {
    read("FAIRPLATE_TEST_SEED").map(|number| number.parse().expect("a number"))
}

/// How long a test waits for a Redis that it knows to be there, however much else the machine does.
pub const PATIENT: std::time::Duration = std::time::Duration::from_secs(10);

/// A server that may be missing at a developer's desk and nowhere else.
fn find(name: &str) -> Option<String> {
    let url = read(name);
    let may_be_missing = !is_set("CI") && !is_set("FAIRPLATE_TEST_REQUIRE_BOTH");
    assert!(
        url.is_some() || may_be_missing,
        "expected {name} to name a running server, found nothing; run tests/run"
    );
    url
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
