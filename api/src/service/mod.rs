//! The use cases: one public function is one thing that the city or a citizen can do.
//!
//! Each takes the app, a proof of who asks, and what is asked; it says what happens first and what
//! is atomic. Start with [`ceremony`].

pub mod applications;
pub mod ceremony;
pub mod imports;
pub mod log;
mod participation;
pub mod periods;
pub mod publication;
pub mod results;
pub mod reviews;
pub mod rules;
pub mod sessions;
mod trail;
