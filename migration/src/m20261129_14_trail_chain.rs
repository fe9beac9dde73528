//! Rows of the audit trail get a place and a link to the row before them.

const STATEMENTS: &[&str] = &[
    "ALTER TABLE audit ADD COLUMN position {long}
        CONSTRAINT audit_position_from_1 CHECK (position >= 1)",
    // Both or neither: a row is linked, or waits for it.
    "ALTER TABLE audit ADD COLUMN link {bytes}
        CONSTRAINT audit_linked_whole CHECK ((position IS NULL) = (link IS NULL))",
    // Partial, so that SQLite looks for rows that wait in the other index, which has them in order.
    "CREATE UNIQUE INDEX audit_position_once ON audit (city_id, position)
        WHERE position IS NOT NULL",
    "CREATE INDEX audit_not_linked ON audit (city_id, id) WHERE position IS NULL",
];

super::dialect::step!(STATEMENTS);
