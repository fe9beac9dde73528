//! Who works on which review, second looks (复核), and applications that may be one person's.

const STATEMENTS: &[&str] = &[
    "ALTER TABLE review ADD COLUMN kind {text} NOT NULL DEFAULT 'first'",
    "ALTER TABLE review ADD COLUMN note {bytes}",
    // An application that is looked at again is a live one. One text, and so one connection: another
    // one of an SQLite file would still know the old index.
    "DROP INDEX application_live_once;
    CREATE UNIQUE INDEX application_live_once ON application (city_id, applicant_id, category)
        WHERE status IN ('new', 'valid', 'second_look')",
    "CREATE TABLE review_claim (
        city_id {int} NOT NULL,
        application_id {uuid} NOT NULL,
        reviewer {text} NOT NULL,
        claimed_at {instant} NOT NULL,
        expires_at {instant} NOT NULL,
        CONSTRAINT review_claim_pkey PRIMARY KEY (city_id, application_id)
    )",
    // Once for a review. A renewed application is reviewed again.
    "CREATE TABLE second_look (
        city_id {int} NOT NULL,
        id {uuid} NOT NULL,
        application_id {uuid} NOT NULL,
        period_number {text} NOT NULL,
        statement {bytes} NOT NULL,
        requested_at {instant} NOT NULL,
        decided_at {instant},
        CONSTRAINT second_look_pkey PRIMARY KEY (city_id, id),
        CONSTRAINT second_look_once UNIQUE (city_id, application_id, period_number)
    )",
    // Keyed digests alone: who has the database cannot tell whose they are.
    "CREATE TABLE contact_index (
        city_id {int} NOT NULL,
        application_id {uuid} NOT NULL,
        kind {text} NOT NULL,
        digest {bytes} NOT NULL,
        CONSTRAINT contact_index_pkey PRIMARY KEY (city_id, application_id, kind)
    )",
    "CREATE INDEX contact_index_of_digest ON contact_index (city_id, kind, digest)",
    "CREATE TABLE duplicate_flag (
        city_id {int} NOT NULL,
        id {uuid} NOT NULL,
        kind {text} NOT NULL,
        earlier_id {uuid} NOT NULL,
        later_id {uuid} NOT NULL,
        raised_at {instant} NOT NULL,
        resolution {text},
        resolved_by {text},
        resolved_at {instant},
        note {bytes},
        CONSTRAINT duplicate_flag_pkey PRIMARY KEY (city_id, id),
        CONSTRAINT duplicate_flag_once UNIQUE (city_id, kind, earlier_id, later_id)
    )",
    "CREATE INDEX duplicate_flag_of_earlier ON duplicate_flag (city_id, earlier_id)",
    "CREATE INDEX duplicate_flag_of_later ON duplicate_flag (city_id, later_id)",
    "CREATE INDEX audit_of_subject ON audit (city_id, subject, id)",
];

super::dialect::step!(STATEMENTS);
