//! Accounts with their devices and sessions, one-time codes, and forms that are being filled in.

const STATEMENTS: &[&str] = &[
    "CREATE TABLE account (
        city_id {int} NOT NULL,
        id {uuid} NOT NULL,
        phone_index {bytes} NOT NULL,
        applicant_id {uuid},
        sealed {bytes} NOT NULL,
        epoch {int} NOT NULL,
        created_at {instant} NOT NULL,
        CONSTRAINT account_pkey PRIMARY KEY (city_id, id),
        CONSTRAINT account_phone_once UNIQUE (city_id, phone_index),
        CONSTRAINT account_applicant_once UNIQUE (city_id, applicant_id)
    )",
    // Who is recognised by the telephone number on file.
    "CREATE INDEX applicant_of_phone ON applicant (city_id, phone_index)",
    // The turn makes two requests at the same moment one request, and one refusal.
    "CREATE TABLE one_time_code (
        city_id {int} NOT NULL,
        id {uuid} NOT NULL,
        purpose {text} NOT NULL,
        phone_index {bytes} NOT NULL,
        day {date} NOT NULL,
        turn {int} NOT NULL,
        sealed {bytes} NOT NULL,
        code_hash {bytes} NOT NULL,
        tries {int} NOT NULL,
        created_at {instant} NOT NULL,
        expires_at {instant} NOT NULL,
        used_at {instant},
        CONSTRAINT one_time_code_pkey PRIMARY KEY (city_id, id),
        CONSTRAINT one_time_code_turn_once UNIQUE (city_id, phone_index, day, turn)
    )",
    "CREATE INDEX one_time_code_expired ON one_time_code (city_id, expires_at)",
    // By the telephone number that somebody gave, whether there is an account or not.
    "CREATE TABLE password_guess (
        city_id {int} NOT NULL,
        phone_index {bytes} NOT NULL,
        failures {int} NOT NULL,
        last_at {instant} NOT NULL,
        CONSTRAINT password_guess_pkey PRIMARY KEY (city_id, phone_index)
    )",
    "CREATE TABLE device (
        city_id {int} NOT NULL,
        account_id {uuid} NOT NULL,
        token_hash {bytes} NOT NULL,
        sealed {bytes} NOT NULL,
        first_seen_at {instant} NOT NULL,
        last_seen_at {instant} NOT NULL,
        CONSTRAINT device_pkey PRIMARY KEY (city_id, account_id, token_hash)
    )",
    "ALTER TABLE session ADD COLUMN device_hash {bytes}",
    "ALTER TABLE session ADD COLUMN last_seen_at {instant}",
    "CREATE INDEX session_of_subject ON session (city_id, subject)",
    "CREATE INDEX session_expired ON session (city_id, expires_at)",
    "CREATE TABLE application_draft (
        city_id {int} NOT NULL,
        id {uuid} NOT NULL,
        account_id {uuid} NOT NULL,
        category {text} NOT NULL,
        identity_type {text} NOT NULL,
        instructions_digest {bytes},
        acknowledged_at {instant},
        sealed {bytes} NOT NULL,
        confirmation_id {uuid},
        application_id {uuid},
        epoch {int} NOT NULL,
        created_at {instant} NOT NULL,
        updated_at {instant} NOT NULL,
        CONSTRAINT application_draft_pkey PRIMARY KEY (city_id, id)
    )",
    // One form at a time an account and category; the submitted ones stay a while.
    "CREATE UNIQUE INDEX application_draft_open_once
        ON application_draft (city_id, account_id, category) WHERE application_id IS NULL",
    "CREATE INDEX application_draft_updated ON application_draft (city_id, updated_at)",
];

super::dialect::step!(STATEMENTS);
