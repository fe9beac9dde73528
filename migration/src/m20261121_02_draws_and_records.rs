//! Draws with their frozen pools and results, and the log that their records are in.

const STATEMENTS: &[&str] = &[
    "CREATE TABLE draw (
        city_id {int} NOT NULL,
        id {text} NOT NULL,
        period_number {text} NOT NULL,
        sequence {long} NOT NULL,
        phase {text} NOT NULL,
        epoch {int} NOT NULL,
        policy_digest {bytes} NOT NULL,
        frozen_at {instant} NOT NULL,
        chain {text},
        round {long},
        closes_at {instant},
        CONSTRAINT draw_pkey PRIMARY KEY (city_id, id),
        CONSTRAINT draw_sequence_once UNIQUE (city_id, sequence)
    )",
    "CREATE TABLE draw_pool (
        city_id {int} NOT NULL,
        draw_id {text} NOT NULL,
        category {text} NOT NULL,
        position {int} NOT NULL,
        quota {long} NOT NULL,
        reserve {long} NOT NULL,
        pool_rows {long} NOT NULL,
        tickets {long} NOT NULL,
        bytes {long} NOT NULL,
        root {bytes} NOT NULL,
        sha256 {bytes} NOT NULL,
        CONSTRAINT draw_pool_pkey PRIMARY KEY (city_id, draw_id, category)
    )",
    // In the order of the key: this is the pool file.
    "CREATE TABLE pool_entry (
        city_id {int} NOT NULL,
        draw_id {text} NOT NULL,
        category {text} NOT NULL,
        code {text} NOT NULL,
        applicant_id {uuid} NOT NULL,
        weight {int} NOT NULL,
        CONSTRAINT pool_entry_pkey PRIMARY KEY (city_id, draw_id, category, code)
    ) {clustered}",
    "CREATE TABLE contribution (
        city_id {int} NOT NULL,
        draw_id {text} NOT NULL,
        name {text} NOT NULL,
        kind {text} NOT NULL,
        position {int} NOT NULL,
        commitment {bytes},
        value {text},
        CONSTRAINT contribution_pkey PRIMARY KEY (city_id, draw_id, kind, name)
    )",
    "CREATE TABLE placement (
        city_id {int} NOT NULL,
        draw_id {text} NOT NULL,
        category {text} NOT NULL,
        place_rank {long} NOT NULL,
        code {text} NOT NULL,
        serial {long} NOT NULL,
        score {bytes} NOT NULL,
        is_winner {bool} NOT NULL,
        CONSTRAINT placement_pkey PRIMARY KEY (city_id, draw_id, category, place_rank),
        CONSTRAINT placement_code_once UNIQUE (city_id, draw_id, category, code)
    )",
    // The entries of the append-only log, whole signed notes, in order.
    "CREATE TABLE record (
        city_id {int} NOT NULL,
        log_index {long} NOT NULL,
        draw_id {text} NOT NULL,
        kind {text} NOT NULL,
        hash {bytes} NOT NULL,
        leaf {bytes} NOT NULL,
        note {text} NOT NULL,
        issued_at {instant} NOT NULL,
        CONSTRAINT record_pkey PRIMARY KEY (city_id, log_index),
        CONSTRAINT record_step_once UNIQUE (city_id, draw_id, kind)
    )",
    "CREATE TABLE checkpoint (
        city_id {int} NOT NULL,
        size {long} NOT NULL,
        note {text} NOT NULL,
        cosignatures {text} NOT NULL,
        CONSTRAINT checkpoint_pkey PRIMARY KEY (city_id, size)
    )",
];

super::dialect::step!(STATEMENTS);
