//! What one officer proposes and another one approves.

const STATEMENTS: &[&str] = &[
    // The last constraint is the rule itself: nothing was carried out by one name or in one session.
    "CREATE TABLE approval (
        city_id {int} NOT NULL,
        id {uuid} NOT NULL,
        action {text} NOT NULL,
        subject {text} NOT NULL,
        content {text} NOT NULL,
        digest {bytes} NOT NULL,
        proposed_by {text} NOT NULL,
        proposed_session {bytes} NOT NULL,
        proposed_device {bytes},
        proposed_at {instant} NOT NULL,
        expires_at {instant} NOT NULL,
        state {text} NOT NULL,
        decided_by {text},
        decided_session {bytes},
        decided_at {instant},
        CONSTRAINT approval_pkey PRIMARY KEY (city_id, id),
        CONSTRAINT approval_decided_once CHECK ((state = 'waiting') = (decided_at IS NULL)),
        CONSTRAINT approval_by_two CHECK (state <> 'carried_out' OR (decided_by IS NOT NULL
            AND decided_session IS NOT NULL AND decided_by <> proposed_by
            AND decided_session <> proposed_session))
    )",
    "CREATE UNIQUE INDEX approval_waiting_once ON approval (city_id, action, subject)
        WHERE state = 'waiting'",
];

super::dialect::step!(STATEMENTS);
