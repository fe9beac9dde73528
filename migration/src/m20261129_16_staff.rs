//! Staff: accounts of the people of the city, their passkeys, and how their sessions were opened.

const STATEMENTS: &[&str] = &[
    // The key is the name without its case: two officers whose names differ in nothing else would be
    // one person to whoever reads the audit trail.
    "CREATE TABLE staff (
        city_id {int} NOT NULL,
        id {uuid} NOT NULL,
        name {text} NOT NULL,
        name_key {text} NOT NULL,
        is_reviewer {bool} NOT NULL,
        is_officer {bool} NOT NULL,
        is_approver {bool} NOT NULL,
        is_auditor {bool} NOT NULL,
        sealed {bytes} NOT NULL,
        totp_step {long},
        invitation_hash {bytes},
        invitation_until {instant},
        epoch {int} NOT NULL,
        created_at {instant} NOT NULL,
        blocked_at {instant},
        CONSTRAINT staff_pkey PRIMARY KEY (city_id, id),
        CONSTRAINT staff_name_once UNIQUE (city_id, name_key),
        CONSTRAINT staff_some_role CHECK (is_reviewer OR is_officer OR is_approver OR is_auditor),
        CONSTRAINT staff_invitation_whole
            CHECK ((invitation_hash IS NULL) = (invitation_until IS NULL)),
        CONSTRAINT staff_blocked_uninvited
            CHECK (blocked_at IS NULL OR invitation_hash IS NULL)
    )",
    "CREATE TABLE passkey (
        city_id {int} NOT NULL,
        id {uuid} NOT NULL,
        staff_id {uuid} NOT NULL,
        credential_hash {bytes} NOT NULL,
        sealed {bytes} NOT NULL,
        epoch {int} NOT NULL,
        created_at {instant} NOT NULL,
        CONSTRAINT passkey_pkey PRIMARY KEY (city_id, id),
        CONSTRAINT passkey_credential_once UNIQUE (city_id, credential_hash)
    )",
    "CREATE INDEX passkey_of_staff ON passkey (city_id, staff_id)",
    // Without somebody it is a question to a name that nobody has.
    "CREATE TABLE passkey_challenge (
        city_id {int} NOT NULL,
        id {uuid} NOT NULL,
        purpose {text} NOT NULL,
        staff_id {uuid},
        invitation_hash {bytes},
        sealed {bytes} NOT NULL,
        expires_at {instant} NOT NULL,
        CONSTRAINT passkey_challenge_pkey PRIMARY KEY (city_id, id)
    )",
    "CREATE INDEX passkey_challenge_expired ON passkey_challenge (city_id, expires_at)",
    "ALTER TABLE session ADD COLUMN staff_id {uuid}",
    "ALTER TABLE session ADD COLUMN opened_by {text}",
    "ALTER TABLE session ADD COLUMN idle_secs {int}",
];

super::dialect::step!(STATEMENTS);
