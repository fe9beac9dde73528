//! Bans that two officers have lifted.

const STATEMENTS: &[&str] = &["ALTER TABLE ban ADD COLUMN lifted_at {instant}"];

super::dialect::step!(STATEMENTS);
