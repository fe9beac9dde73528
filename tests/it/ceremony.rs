//! The ceremony.
