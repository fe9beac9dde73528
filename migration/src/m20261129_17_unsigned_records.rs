//! The record that waits for the signature of a key that is off line.

const STATEMENTS: &[&str] = &[
    // The key is the rule itself: a city's log goes on with the record that waits, or without it.
    "CREATE TABLE unsigned_record (
        city_id {int} NOT NULL,
        subject {text} NOT NULL,
        kind {text} NOT NULL,
        body {text} NOT NULL,
        signing_keys {text} NOT NULL,
        chain {text},
        actor {text} NOT NULL,
        detail {text} NOT NULL,
        approval_id {uuid},
        made_at {instant} NOT NULL,
        CONSTRAINT unsigned_record_pkey PRIMARY KEY (city_id)
    )",
];

super::dialect::step!(STATEMENTS);
