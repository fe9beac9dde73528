//! Fairplate: the open backend for city licence-plate lotteries (小客车指标摇号).
//!
//! A module names only modules on its own line or below:
//!
//! ```text
//! cli                                      starts things
//! http                                     bytes in, bytes out
//! graphql · jobs                           translates names; does what is due
//! service                                  transactions, and the order of effects
//! app · config · layout
//! store · index · cache · notify · signer · beacon · witness
//! policy · domain
//! error · clock · ids · telemetry
//! ```
//!
//! Start reading at [`service::ceremony`].

pub mod cli;
pub mod http;
pub mod graphql;
pub mod jobs;
pub mod service;

pub mod app;
pub mod config;
pub mod layout;

pub mod store;
pub mod index;
pub mod cache;
pub mod notify;
pub mod signer;
pub mod beacon;
pub mod witness;

pub mod policy;
pub mod domain;

pub mod error;
pub mod clock;
pub mod ids;
pub mod telemetry;

pub use app::App;
pub use error::{Error, Result};
