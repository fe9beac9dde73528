//! Another text of the city's rules.

use ::entity::draw;
use async_graphql::{Context, Description, InputObject, Object, SimpleObject, Union};

use super::{
    approval::{ApprovalAlreadyWaiting, ApprovalRequested, shown},
    context::ContextExt as _,
    error::Result,
    once::{self, Once},
    outcome::{Echo, refusal},
};
use crate::{
    app::App,
    policy,
    service::rules::{self, ChangeProposed, Unfit},
};

/// Which text.
#[derive(InputObject)]
struct ChangePolicyInput {
    /// The whole text of the rules (TOML), byte for byte as it is to be adopted and published. It has
    /// to fit in a request; longer ones are proposed at the command line.
    text: String,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of proposing another text of the rules.
#[derive(Union)]
enum ChangePolicyPayload {
    Requested(ApprovalRequested),
    Waiting(ApprovalAlreadyWaiting),
    Faulty(PolicyFaulty),
    AnotherCity(PolicyOfAnotherCity),
    InForce(PolicyInForce),
    Bound(PolicyBound),
}

/// The text is at fault. Nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct PolicyFaulty {
    /// Everything that is wrong with it, in the order of lines.
    faults: Vec<PolicyFault>,
}

/// What is wrong with a text of rules.
#[derive(SimpleObject)]
struct PolicyFault {
    /// The line, from 1.
    line: i32,
    /// Path of the field, for example `tier.threshold.participations`; empty for the text itself.
    field: String,
    /// What was expected, what was there, what to do.
    message: String,
}

/// The text holds another city's rules. Nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct PolicyOfAnotherCity {
    /// Key of that city.
    city: String,
}

/// The text is the one in force. Nothing was changed.
#[derive(Description)]
struct PolicyInForce;

/// Draws are under way, which go to their end under the rules in force. Nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct PolicyBound {
    /// Ids of the draws that are frozen and neither finished nor voided, as their records name them.
    draws: Vec<String>,
}

refusal! {
    PolicyFaulty:
    "规则文本有错误。请逐项改正后重新提议。",
    "The text of the rules is at fault. Mend what is listed and propose it again.",
}

refusal! {
    PolicyOfAnotherCity:
    "该文本是另一城市的规则。请提交本市的规则文本。",
    "These are the rules of another city. Hand in a text of this city's rules.",
}

refusal! {
    bare PolicyInForce:
    "该文本就是现行规则，无需变更。",
    "This text is the one in force; there is nothing to change.",
}

refusal! {
    PolicyBound:
    "有摇号正在进行，须按现行规则完成。请待其完成或作废后再提议变更规则。",
    "Draws are under way and go to their end under the rules in force. Propose it again when they are finished or voided.",
}

impl ChangePolicyPayload {
    fn of(app: &App, proposed: ChangeProposed) -> crate::Result<Self> {
        Ok(match proposed {
            ChangeProposed::Proposed(proposed) => match shown(app, *proposed)? {
                Ok(requested) => Self::Requested(requested),
                Err(waiting) => Self::Waiting(waiting),
            },
            ChangeProposed::Unfit(Unfit::Faulty(faults)) => Self::Faulty(PolicyFaulty {
                faults: faults.into_iter().map(PolicyFault::from).collect(),
            }),
            ChangeProposed::Unfit(Unfit::AnotherCity { city }) => {
                Self::AnotherCity(PolicyOfAnotherCity { city })
            }
            ChangeProposed::Unfit(Unfit::InForce) => Self::InForce(PolicyInForce),
            ChangeProposed::Unfit(Unfit::Bound(draws)) => {
                let id = |draw: draw::Model| draw.id;
                let draws = draws.into_iter().map(id).collect();
                Self::Bound(PolicyBound { draws })
            }
        })
    }
}

impl From<policy::Fault> for PolicyFault {
    fn from(fault: policy::Fault) -> Self {
        Self {
            line: i32::try_from(fault.line).unwrap_or(i32::MAX),
            field: fault.field,
            message: fault.message,
        }
    }
}

#[derive(Default)]
pub(super) struct RulesChangeMutation;

#[Object]
impl RulesChangeMutation {
    /// Propose that the city adopts another text of its rules; `approve` does it. Periods that have
    /// opened go on under theirs, and rules that rest on weak sources wait to be confirmed. Officers
    /// only.
    async fn change_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The text.")] input: ChangePolicyInput,
    ) -> Result<ChangePolicyPayload> {
        let (app, officer) = (ctx.app(), ctx.actor().officer()?);
        let asked = input.once.asked(ctx, &officer.actor(), &input)?;
        let proposing = rules::propose_change(app, officer, input.text);
        let proposed = once::answer(app, asked, proposing).await?;
        Ok(ChangePolicyPayload::of(app, proposed)?)
    }
}
