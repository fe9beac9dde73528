//! Fairplate: the open backend for city licence-plate lotteries.

pub mod error;
pub mod ids;
pub mod store;
pub use error::{Error, Result};
