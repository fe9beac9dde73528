//! What every change leaves behind (audit, outbox), and who is signed in.

const STATEMENTS: &[&str] = &[
    "CREATE TABLE audit (
        city_id {int} NOT NULL,
        id {uuid} NOT NULL,
        at {instant} NOT NULL,
        actor {text} NOT NULL,
        action {text} NOT NULL,
        subject {text} NOT NULL,
        detail {text} NOT NULL,
        CONSTRAINT audit_pkey PRIMARY KEY (city_id, id)
    )",
    "CREATE TABLE outbox (
        city_id {int} NOT NULL,
        id {uuid} NOT NULL,
        topic {text} NOT NULL,
        subject {text} NOT NULL,
        payload {text} NOT NULL,
        created_at {instant} NOT NULL,
        done_at {instant},
        CONSTRAINT outbox_pkey PRIMARY KEY (city_id, id)
    )",
    "CREATE INDEX outbox_open ON outbox (city_id, created_at) WHERE done_at IS NULL",
    "CREATE TABLE session (
        city_id {int} NOT NULL,
        token_hash {bytes} NOT NULL,
        role {text} NOT NULL,
        subject {text} NOT NULL,
        created_at {instant} NOT NULL,
        expires_at {instant} NOT NULL,
        CONSTRAINT session_pkey PRIMARY KEY (city_id, token_hash)
    )",
];

super::dialect::step!(STATEMENTS);
