//! Messages: the outbox in which a change leaves what is to be told, each letter with its state;
//! and the leases under which the city's own jobs run.
//!
//! The earlier table `outbox`, which nobody ever read, gives way to it.

const STATEMENTS: &[&str] = &[
    "CREATE TABLE message (
        city_id {int} NOT NULL,
        id {uuid} NOT NULL,
        recipient_id {uuid},
        channel {text} NOT NULL,
        purpose {text} NOT NULL,
        subject {text} NOT NULL,
        locale {text} NOT NULL,
        sealed {bytes},
        dedupe_key {text} NOT NULL,
        state {text} NOT NULL,
        attempts {int} NOT NULL,
        failure {text},
        created_at {instant} NOT NULL,
        due_at {instant} NOT NULL,
        expires_at {instant},
        claimed_until {instant},
        sent_at {instant},
        read_at {instant},
        CONSTRAINT message_pkey PRIMARY KEY (city_id, id),
        CONSTRAINT message_once UNIQUE (city_id, dedupe_key, channel)
    )",
    "CREATE INDEX message_due ON message (city_id, due_at) WHERE state = 'waiting'",
    "CREATE INDEX message_dead ON message (city_id, id) WHERE state = 'dead'",
    "CREATE INDEX message_inbox ON message (city_id, recipient_id, id) WHERE channel = 'inbox'",
    "CREATE TABLE job_lease (
        city_id {int} NOT NULL,
        job {text} NOT NULL,
        epoch {long} NOT NULL,
        due_at {instant} NOT NULL,
        leased_until {instant},
        ran_at {instant},
        CONSTRAINT job_lease_pkey PRIMARY KEY (city_id, job)
    )",
    "DROP TABLE outbox",
];

super::dialect::step!(STATEMENTS);
