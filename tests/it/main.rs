//! Stories, faults, documents and tidiness of Fairplate, on both databases.

mod docs;
mod schema;
mod tidy;

mod access;
mod applications;
mod calendar;
mod ceremony;
mod canary;
mod certificates;
mod command;
mod data_keys;
mod faults;
mod imports;
mod invariants;
mod contributions;
mod duties;
mod faults;
mod imports;
mod invitations;
mod ledger;
mod messages;
mod moves;
mod outages;
mod participation;
mod periods;
mod publications;
mod races;
mod refusals;
mod representatives;
mod renewals;
mod results;
mod reviews;
mod sessions;
mod tier;
