//! Stories, faults, documents and tidiness of Fairplate, on both databases.

mod docs;
mod tidy;

mod ceremony;
mod faults;
