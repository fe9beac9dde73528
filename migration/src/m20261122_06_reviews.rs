//! Who works on which review, second looks (复核), and applications that may be one person's.

const STATEMENTS: &[&str] = &[
    // The days in which a second look may be asked for are counted from here.
    "ALTER TABLE period ADD COLUMN review_published_on {date}",
    "ALTER TABLE review ADD COLUMN kind {text} NOT NULL DEFAULT 'first'",
    "ALTER TABLE review ADD COLUMN note {bytes}",
    "ALTER TABLE review ADD COLUMN told_at {instant}",
    // What is public already is not told now.
    "UPDATE review SET told_at = decided_at WHERE application_id IN
        (SELECT a.id FROM application a
         JOIN period p ON p.city_id = a.city_id AND p.number = a.period_number
         WHERE a.city_id = review.city_id
           AND p.phase IN ('review_published', 'frozen', 'published'))",
    "CREATE INDEX review_untold ON review (city_id, id) WHERE told_at IS NULL",
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
    // The key says: once for an application.
    "CREATE TABLE second_look (
        city_id {int} NOT NULL,
        application_id {uuid} NOT NULL,
        statement {bytes} NOT NULL,
        requested_at {instant} NOT NULL,
        decided_at {instant},
        CONSTRAINT second_look_pkey PRIMARY KEY (city_id, application_id)
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
