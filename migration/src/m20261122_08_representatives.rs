//! Applicant representatives: what a draw is for, and who was drawn to attend one.

const STATEMENTS: &[&str] = &[
    "ALTER TABLE draw ADD COLUMN purpose {text} NOT NULL DEFAULT 'allocation'",
    "CREATE TABLE representative (
        city_id {int} NOT NULL,
        draw_id {text} NOT NULL,
        place_rank {long} NOT NULL,
        period_number {text} NOT NULL,
        code {text} NOT NULL,
        applicant_id {uuid} NOT NULL,
        state {text} NOT NULL,
        invited_at {instant},
        answer_by {instant},
        answered_at {instant},
        sealed_for {text},
        commitment {bytes},
        CONSTRAINT representative_pkey PRIMARY KEY (city_id, draw_id, place_rank),
        CONSTRAINT representative_code_once UNIQUE (city_id, draw_id, code),
        CONSTRAINT representative_place_once UNIQUE (city_id, period_number, place_rank)
    )",
    "CREATE INDEX representative_of_applicant ON representative (city_id, applicant_id)",
    "CREATE INDEX representative_unanswered ON representative (city_id, answer_by)
        WHERE state = 'invited'",
];

super::dialect::step!(STATEMENTS);
