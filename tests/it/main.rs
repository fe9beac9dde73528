//! Stories, faults, documents and tidiness of Fairplate, on both databases.

mod docs;
mod schema;
mod tidy;

mod access;
mod applications;
mod ceremony;
mod claims;
mod command;
mod duplicates;
mod faults;
mod imports;
mod ledger;
mod messages;
mod outages;
mod participation;
mod periods;
mod personal;
mod publications;
mod races;
mod refusals;
mod results;
mod reviews;
mod second_looks;
mod sessions;
mod tier;
mod trail;
