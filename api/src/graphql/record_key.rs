//! Another key that signs the city's records.

use async_graphql::{Context, InputObject, Object};

use super::{
    approval::proposal,
    context::ContextExt as _,
    error::Result,
    once::{self, Once},
    outcome::Echo,
};
use crate::service::approvals::{self, Action};

/// Nothing but who asks again: the key is the newest of the node's folder of keys.
#[derive(InputObject)]
struct ChangeRecordKeyInput {
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

proposal! {
    /// What became of proposing to change the record key.
    ChangeRecordKeyPayload,
}

#[derive(Default)]
pub(super) struct RecordKeyMutation;

#[Object]
impl RecordKeyMutation {
    /// Propose to have the newest record key that the operator has made (`fairplate key rotate-record
    /// --prepare`) sign the city's records from then on; `approve` does it, at a node that holds both
    /// keys. Officers only.
    async fn change_record_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The request.")] input: ChangeRecordKeyInput,
    ) -> Result<ChangeRecordKeyPayload> {
        let (app, officer) = (ctx.app(), ctx.actor().officer()?);
        let asked = input.once.asked(ctx, &officer.actor(), &input)?;
        let proposing = approvals::propose(app, officer, Action::ChangeRecordKey);
        let proposed = once::answer(app, asked, proposing).await?;
        Ok(ChangeRecordKeyPayload::of(app, proposed)?)
    }
}
