//! What a resolver reaches for.

use async_graphql::Context;

use crate::{app::App, domain::actor::Actor};

/// Reads what the schema and the request carry.
pub(super) trait ContextExt<'a> {
    /// The city.
    fn app(&self) -> &'a App;

    /// Who sent the request; nobody in particular where no session was checked.
    fn actor(&self) -> &'a Actor;
}

impl<'a> ContextExt<'a> for Context<'a> {
    fn app(&self) -> &'a App {
        self.data_unchecked()
    }

    fn actor(&self) -> &'a Actor {
        self.data_opt().unwrap_or(&Actor::Anonymous)
    }
}
