//! Two officers: what one proposes, the other approves of.

use ::entity::{approval, draw};

use crate::{
    App,
    domain::{
        actor::{Officer, Operator},
        amend,
        span::Span,
    },
    error::{Error, Result},
    service::{
        approvals::{self, Action, Decided, Proposed},
        sessions,
    },
};

/// Their names.
#[derive(Clone, Copy)]
pub(in crate::cli) struct Two {
    /// Who proposes, and does whatever one officer does.
    pub(in crate::cli) first: &'static str,
    /// Who approves.
    pub(in crate::cli) second: &'static str,
}

/// How many proposals are looked through.
const LOOKED_THROUGH: u64 = 100;

impl Two {
    /// The officer in whose name everything else is done.
    pub(in crate::cli) fn officer(self) -> Officer {
        Officer::new(self.first)
    }

    /// Has something proposed and approved; gives the draw that it makes or changes. What a run before
    /// this one has proposed and not come to approve is withdrawn.
    pub(in crate::cli) async fn agree(
        self,
        app: &App,
        action: Action,
    ) -> Result<Option<draw::Model>> {
        let first = signed_in(app, self.first).await?;
        let waiting = Some(approval::State::Waiting);
        for row in
            approvals::list(app, &first.approver(), waiting, Span::first(LOOKED_THROUGH)).await?
        {
            if row.proposed_by == first.name() {
                approvals::withdraw(app, &first, row.id).await?;
            }
        }
        let row = match approvals::propose(app, &first, action).await? {
            Proposed::Requested(row) => row,
            Proposed::AlreadyWaiting(row) => return Err(disagreed(&row)),
            Proposed::Refused(obstacles) => return Err(amend::refusal(&obstacles)),
        };
        let second = signed_in(app, self.second).await?.approver();
        let digest = row.digest.as_slice().try_into().map_err(Error::internal)?;
        match approvals::approve(app, &second, row.id, digest).await? {
            Decided::CarriedOut { draw, .. } => Ok(draw),
            Decided::Own(row)
            | Decided::OtherDigest(row)
            | Decided::Changed(row)
            | Decided::NotWaiting(row) => Err(disagreed(&row)),
        }
    }

    /// The same for what makes or changes a draw.
    pub(in crate::cli) async fn agree_on_draw(
        self,
        app: &App,
        action: Action,
    ) -> Result<draw::Model> {
        let draw = self.agree(app, action).await?;
        draw.ok_or_else(|| Error::internal(anyhow::anyhow!("the action is about no draw")))
    }
}

/// One of them, in a session of their own.
async fn signed_in(app: &App, name: &str) -> Result<Officer> {
    let token = sessions::open_for_officer(app, &Operator, name).await?;
    let actor = sessions::identify(app, &token).await?;
    actor.officer().cloned()
}

fn disagreed(row: &approval::Model) -> Error {
    Error::invalid(
        "approval",
        format!(
            "the officers played here cannot agree on {}, which {} has proposed; withdraw or refuse it",
            row.id, row.proposed_by
        ),
    )
}
