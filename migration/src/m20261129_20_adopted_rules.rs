//! Which text of its rules a city runs under. Until now that was the one that the settings named when
//! a process started; for cities that are there it is the one adopted last.

const STATEMENTS: &[&str] = &[
    "ALTER TABLE city ADD COLUMN policy_digest {bytes}",
    "UPDATE city SET policy_digest = (SELECT digest FROM policy_version
        WHERE policy_version.city_id = city.id ORDER BY adopted_at DESC, digest LIMIT 1)",
];

super::dialect::step!(STATEMENTS);
