//! What is public: one row for each draw whose result anybody may ask for.

const STATEMENTS: &[&str] = &[
    // The epoch is the pointer that every node follows; the second constraint is what makes a draw
    // public once.
    "CREATE TABLE publication (
        city_id {int} NOT NULL,
        epoch {long} NOT NULL,
        draw_id {text} NOT NULL,
        period_number {text} NOT NULL,
        result_hash {bytes} NOT NULL,
        index_sha256 {bytes} NOT NULL,
        index_bytes {long} NOT NULL,
        published_at {instant} NOT NULL,
        CONSTRAINT publication_pkey PRIMARY KEY (city_id, epoch),
        CONSTRAINT publication_draw_once UNIQUE (city_id, draw_id)
    )",
    "CREATE INDEX publication_of_period ON publication (city_id, period_number)",
];

super::dialect::step!(STATEMENTS);
