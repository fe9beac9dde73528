//! Stories, faults, documents and tidiness of Fairplate, on both databases.

mod docs;
mod schema;
mod tidy;

mod access;
mod applications;
mod calendar;
mod ceremony;
mod claims;
mod command;
mod duplicates;
mod certificates;
mod deliveries;
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
mod personal;
mod publications;
mod races;
mod refusals;
mod representatives;
mod renewals;
mod results;
mod reviews;
mod second_looks;
mod sessions;
mod tier;
mod trail;
