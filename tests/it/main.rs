//! Stories, faults, documents and tidiness of Fairplate, on both databases.

mod docs;
mod schema;
mod tidy;
