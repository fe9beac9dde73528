//! What comes after a draw: certificates, bans, the carry-over of quota; and which keys of personal
//! data a city has had.

const STATEMENTS: &[&str] = &[
    "CREATE TABLE certificate (
        city_id {int} NOT NULL,
        number {text} NOT NULL,
        applicant_id {uuid} NOT NULL,
        application_id {uuid} NOT NULL,
        category {text} NOT NULL,
        origin {text} NOT NULL,
        period_number {text} NOT NULL,
        policy_digest {bytes} NOT NULL,
        status {text} NOT NULL,
        issued_on {date} NOT NULL,
        expires_on {date} NOT NULL,
        ended_on {date},
        told_days {int},
        CONSTRAINT certificate_pkey PRIMARY KEY (city_id, number),
        CONSTRAINT certificate_of_application_once UNIQUE (city_id, application_id)
    )",
    "CREATE INDEX certificate_of_applicant ON certificate (city_id, applicant_id)",
    "CREATE INDEX certificate_live ON certificate (city_id, expires_on, number)
        WHERE status = 'live'",
    "CREATE TABLE ban (
        city_id {int} NOT NULL,
        id {uuid} NOT NULL,
        applicant_id {uuid} NOT NULL,
        begins_on {date} NOT NULL,
        ends_on {date} NOT NULL,
        reason {text} NOT NULL,
        certificate_number {text} NOT NULL,
        imposed_at {instant} NOT NULL,
        CONSTRAINT ban_pkey PRIMARY KEY (city_id, id),
        CONSTRAINT ban_of_certificate_once UNIQUE (city_id, certificate_number)
    )",
    "CREATE INDEX ban_of_applicant ON ban (city_id, applicant_id)",
    // The carry-over: lines are only ever added, and their sum is what a later period may use.
    "CREATE TABLE quota_line (
        city_id {int} NOT NULL,
        id {uuid} NOT NULL,
        category {text} NOT NULL,
        period_number {text} NOT NULL,
        reason {text} NOT NULL,
        amount {long} NOT NULL,
        noted_on {date} NOT NULL,
        certificate_number {text},
        CONSTRAINT quota_line_pkey PRIMARY KEY (city_id, id),
        CONSTRAINT quota_line_of_certificate_once UNIQUE (city_id, certificate_number)
    )",
    "CREATE INDEX quota_line_of_category ON quota_line (city_id, category, period_number)",
    "ALTER TABLE period_quota ADD COLUMN carried_over {long} NOT NULL DEFAULT 0",
    "ALTER TABLE draw_pool ADD COLUMN excluded {long} NOT NULL DEFAULT 0",
    "CREATE TABLE personal_key (
        city_id {int} NOT NULL,
        generation {int} NOT NULL,
        key_id {text} NOT NULL,
        made_at {instant} NOT NULL,
        CONSTRAINT personal_key_pkey PRIMARY KEY (city_id, generation)
    )",
];

super::dialect::step!(STATEMENTS);
