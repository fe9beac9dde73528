//! Requests that are done once, however often they come.

const STATEMENTS: &[&str] = &[
    "CREATE TABLE idempotency_key (
        city_id {int} NOT NULL,
        name {bytes} NOT NULL,
        content {bytes} NOT NULL,
        subject {text} NOT NULL,
        done_at {instant} NOT NULL,
        CONSTRAINT idempotency_key_pkey PRIMARY KEY (city_id, name)
    )",
    "CREATE INDEX idempotency_key_by_age ON idempotency_key (city_id, done_at)",
];

super::dialect::step!(STATEMENTS);
