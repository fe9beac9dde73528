//! Stories, faults, documents and tidiness of Fairplate, on both databases.

mod docs;
mod schema;
mod tidy;

mod access;
mod accounts;
mod applications;
mod ceremony;
mod command;
mod deliveries;
mod drafts;
mod faults;
mod guide;
mod imports;
mod ledger;
mod messages;
mod one_time_codes;
mod outages;
mod participation;
mod periods;
mod personal;
mod phones;
mod publications;
mod races;
mod refusals;
mod results;
mod reviews;
mod sessions;
mod tier;
