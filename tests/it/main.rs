//! Stories, faults, documents and tidiness of Fairplate, on both databases.

mod docs;
mod schema;
mod tidy;

mod access;
mod applications;
mod calendar;
mod canary;
mod ceremony;
mod certificates;
mod command;
mod contributions;
mod data_keys;
mod deliveries;
mod duties;
mod faults;
mod imports;
mod invariants;
mod invitations;
mod ledger;
mod messages;
mod moves;
mod outages;
mod participation;
mod periods;
mod planning;
mod publications;
mod races;
mod refusals;
mod renewals;
mod representatives;
mod results;
mod reviews;
mod sessions;
mod tier;
