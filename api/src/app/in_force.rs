//! The text of the rules that this process holds for the one in force.

use std::sync::{Arc, PoisonError, RwLock};

use crate::policy::Policy;

/// The newest text of the rules that this process has taken up. What is under way keeps the text that
/// it was begun under; what begins takes this one.
#[derive(Debug)]
pub struct InForce(RwLock<Arc<Policy>>);

impl InForce {
    /// Holds a text.
    #[must_use]
    pub fn new(policy: Arc<Policy>) -> Self {
        Self(RwLock::new(policy))
    }

    /// The text.
    #[must_use]
    pub fn get(&self) -> Arc<Policy> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes another text up.
    pub fn set(&self, policy: Arc<Policy>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = policy;
    }
}
