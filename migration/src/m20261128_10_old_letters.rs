//! Letters that were handed over are found by their age, so that they can be removed.

const STATEMENTS: &[&str] = &["CREATE INDEX message_handed_over ON message (city_id, id)
        WHERE state = 'sent' AND channel <> 'inbox'"];

super::dialect::step!(STATEMENTS);
