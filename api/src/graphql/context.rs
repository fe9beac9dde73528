//! What a resolver reaches for.

use async_graphql::Context;

use crate::{app::App, domain::actor::Actor};

/// Reads what the schema and the request carry.
pub(super) trait ContextExt {
    /// The city.
    fn app(&self) -> &App;

    /// Who sent the request; nobody in particular where no session was checked.
    fn actor(&self) -> &Actor;
}

impl ContextExt for Context<'_> {
    fn app(&self) -> &App {
        self.data_unchecked()
    }

    fn actor(&self) -> &Actor {
        self.data_opt().unwrap_or(&Actor::Anonymous)
    }
}
