//! Cities and their rules, periods, applicants, applications, reviews, and the participation ledger.

const STATEMENTS: &[&str] = &[
    "CREATE TABLE city (
        id {int} NOT NULL,
        key {text} NOT NULL,
        origin {text} NOT NULL,
        created_at {instant} NOT NULL,
        CONSTRAINT city_pkey PRIMARY KEY (id),
        CONSTRAINT city_key_once UNIQUE (key)
    )",
    "CREATE TABLE policy_version (
        city_id {int} NOT NULL,
        digest {bytes} NOT NULL,
        key {text} NOT NULL,
        content {text} NOT NULL,
        adopted_at {instant} NOT NULL,
        confirmed_by {text},
        confirmed_at {instant},
        CONSTRAINT policy_version_pkey PRIMARY KEY (city_id, digest)
    )",
    "CREATE TABLE period (
        city_id {int} NOT NULL,
        number {text} NOT NULL,
        kind {text} NOT NULL,
        phase {text} NOT NULL,
        epoch {int} NOT NULL,
        policy_digest {bytes} NOT NULL,
        applies_from {date} NOT NULL,
        applies_until {date} NOT NULL,
        review_publish_on {date} NOT NULL,
        draw_on {date} NOT NULL,
        published_on {date},
        CONSTRAINT period_pkey PRIMARY KEY (city_id, number)
    )",
    "CREATE TABLE period_quota (
        city_id {int} NOT NULL,
        period_number {text} NOT NULL,
        category {text} NOT NULL,
        quota {long} NOT NULL,
        reserve {long} NOT NULL,
        CONSTRAINT period_quota_pkey PRIMARY KEY (city_id, period_number, category)
    )",
    "CREATE TABLE applicant (
        city_id {int} NOT NULL,
        id {uuid} NOT NULL,
        id_number_index {bytes} NOT NULL,
        phone_index {bytes} NOT NULL,
        sealed {bytes} NOT NULL,
        registered_at {instant} NOT NULL,
        CONSTRAINT applicant_pkey PRIMARY KEY (city_id, id),
        CONSTRAINT applicant_id_number_once UNIQUE (city_id, id_number_index)
    )",
    "CREATE TABLE application (
        city_id {int} NOT NULL,
        id {uuid} NOT NULL,
        applicant_id {uuid} NOT NULL,
        category {text} NOT NULL,
        code {text} NOT NULL,
        status {text} NOT NULL,
        identity_type {text} NOT NULL,
        period_number {text} NOT NULL,
        licence_classes {text} NOT NULL,
        sealed {bytes} NOT NULL,
        submitted_at {instant} NOT NULL,
        tier_joined_at {instant},
        CONSTRAINT application_pkey PRIMARY KEY (city_id, id),
        CONSTRAINT application_code_once UNIQUE (city_id, code)
    )",
    // One live application a person, category and city; the ended ones stay as history.
    "CREATE UNIQUE INDEX application_live_once ON application (city_id, applicant_id, category)
        WHERE status IN ('new', 'valid')",
    "CREATE INDEX application_of_period ON application (city_id, period_number, status)",
    "CREATE TABLE review (
        city_id {int} NOT NULL,
        id {uuid} NOT NULL,
        application_id {uuid} NOT NULL,
        decision {text} NOT NULL,
        reasons {text} NOT NULL,
        officer {text} NOT NULL,
        decided_at {instant} NOT NULL,
        CONSTRAINT review_pkey PRIMARY KEY (city_id, id)
    )",
    "CREATE INDEX review_of_application ON review (city_id, application_id)",
    // Append-only, keyed by the person: a lapse, a new code or a new phone never lowers a count.
    "CREATE TABLE participation (
        city_id {int} NOT NULL,
        applicant_id {uuid} NOT NULL,
        period_number {text} NOT NULL,
        kind {text} NOT NULL,
        published_on {date} NOT NULL,
        CONSTRAINT participation_pkey PRIMARY KEY (city_id, applicant_id, period_number, kind)
    ) {clustered}",
];

super::dialect::step!(STATEMENTS);
