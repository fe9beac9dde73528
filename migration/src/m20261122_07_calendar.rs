//! The city's own calendar: what each period went through and when, days that were moved, messages
//! to everybody in a period, and how long an application stays valid.

const STATEMENTS: &[&str] = &[
    "ALTER TABLE period ADD COLUMN representatives_on {date}",
    // One row a phase: the key is what makes a transition happen once.
    "CREATE TABLE period_transition (
        city_id {int} NOT NULL,
        period_number {text} NOT NULL,
        phase {text} NOT NULL,
        due_on {date} NOT NULL,
        at {instant} NOT NULL,
        actor {text} NOT NULL,
        CONSTRAINT period_transition_pkey PRIMARY KEY (city_id, period_number, phase)
    )",
    "CREATE TABLE period_move (
        city_id {int} NOT NULL,
        id {uuid} NOT NULL,
        period_number {text} NOT NULL,
        milestone {text} NOT NULL,
        moved_from {date} NOT NULL,
        moved_to {date} NOT NULL,
        reason {text} NOT NULL,
        officer {text} NOT NULL,
        moved_at {instant} NOT NULL,
        CONSTRAINT period_move_pkey PRIMARY KEY (city_id, id)
    )",
    "CREATE INDEX period_move_of_period ON period_move (city_id, period_number)",
    "CREATE TABLE circular (
        city_id {int} NOT NULL,
        id {uuid} NOT NULL,
        period_number {text} NOT NULL,
        content {text} NOT NULL,
        created_at {instant} NOT NULL,
        sent_through {uuid},
        done_at {instant},
        CONSTRAINT circular_pkey PRIMARY KEY (city_id, id)
    )",
    "CREATE INDEX circular_open ON circular (city_id, created_at) WHERE done_at IS NULL",
    "ALTER TABLE application ADD COLUMN valid_until {date}",
    "ALTER TABLE application ADD COLUMN renewed_at {instant}",
    "ALTER TABLE application ADD COLUMN reminded_days_before {int}",
    // Those that end soon, and those whose end is not set yet, without reading all the others.
    "CREATE INDEX application_validity ON application (city_id, valid_until) WHERE status = 'valid'",
];

super::dialect::step!(STATEMENTS);
