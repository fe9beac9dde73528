//! Another text of the rules, which two officers want.

use sea_orm::{ConnectionTrait, DatabaseTransaction};
use verifier::text::Digest;

use super::keep_text;
use crate::{
    app::{App, Stage},
    domain::{actor::Officer, approval, phase::draw_phase_name},
    error::{Error, Result},
    policy::{Fault, Policy, list_differences},
    service::{
        approvals::{self, Action, Approved, Proposed},
        once::Again,
        trail,
    },
    store,
};

/// What a text that was handed in is called in messages.
const NAME: &str = "policy";

/// Why a text cannot be adopted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It is at fault.
    Faulty(Vec<Fault>),
    /// It is another city's.
    AnotherCity {
        /// That city's key.
        city: String,
    },
    /// It is the one in force.
    InForce,
    /// Draws are under way, and go to their end under the rules in force.
    Bound(Vec<::entity::draw::Model>),
}

/// What became of proposing a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeProposed {
    /// What becomes of a proposal.
    Proposed(Box<Proposed>),
    /// Nothing is proposed.
    Unfit(Unfit),
}

impl Again for ChangeProposed {
    async fn again(app: &App, subject: &str) -> Result<Self> {
        let again = Proposed::again(app, subject).await?;
        Ok(Self::Proposed(Box::new(again)))
    }
}

/// Proposes that the city adopts a text of its rules.
///
/// # Errors
///
/// Those of [`approvals::propose`].
pub async fn propose_change(app: &App, officer: &Officer, text: String) -> Result<ChangeProposed> {
    if let Err(unfit) = examine(app, &app.db, &text).await? {
        return Ok(ChangeProposed::Unfit(unfit));
    }
    let proposed = approvals::propose(app, officer, Action::ChangePolicy { text }).await?;
    Ok(ChangeProposed::Proposed(Box::new(proposed)))
}

/// Reads a text whole, and says whether the city can adopt it now.
async fn examine(
    app: &App,
    db: &impl ConnectionTrait,
    text: &str,
) -> Result<std::result::Result<Policy, Unfit>> {
    let policy = match Policy::parse(NAME, text) {
        Ok(policy) => policy,
        Err(faults) => return Ok(Err(Unfit::Faulty(faults))),
    };
    let (city, own) = (&policy.city, &app.policy.city);
    if (city.id, &city.key) != (own.id, &own.key) {
        let city = policy.city.key;
        return Ok(Err(Unfit::AnotherCity { city }));
    }
    if policy.digest() == app.policy.digest() {
        return Ok(Err(Unfit::InForce));
    }
    let bound = store::draws::list_unfinished(db, app.city).await?;
    if !bound.is_empty() {
        return Ok(Err(Unfit::Bound(bound)));
    }
    Ok(Ok(policy))
}

/// The same as an error, where it is found out too late to be an answer.
fn refused(unfit: Unfit) -> Error {
    match unfit {
        Unfit::Faulty(faults) => {
            let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
            Error::invalid("text", format!("it is refused:\n{}", lines.join("\n")))
        }
        Unfit::AnotherCity { city } => Error::invalid(
            "text",
            format!("expected the rules of this city, found those of {city}"),
        ),
        Unfit::InForce => Error::invalid("text", "it is the text in force; there is nothing to do"),
        Unfit::Bound(draws) => {
            let first = draws.first();
            Error::WrongPhase {
                what: format!("draw {}", first.map_or("", |draw| draw.id.as_str())),
                needed: "finished or voided: draws go to their end under the rules in force",
                actual: first.map_or("under way", |draw| draw_phase_name(draw.phase)),
            }
        }
    }
}

/// A text that could be adopted now.
pub(in crate::service) struct Changing {
    policy: Policy,
    content: approval::RulesChange,
    adopted: [u8; 32],
}

impl Changing {
    /// All of what is decided of it.
    pub(in crate::service) fn content(&self) -> approval::RulesChange {
        self.content.clone()
    }
}

/// Says whether a text can take the place of the one in force, and in what they differ.
///
/// # Errors
///
/// [`Error::InvalidInput`] for a text that is at fault, another city's, or in force;
/// [`Error::WrongPhase`] while a draw is frozen and neither finished nor voided.
pub(in crate::service) async fn prepare_change(
    app: &App,
    txn: &DatabaseTransaction,
    text: &str,
) -> Result<Changing> {
    let policy = examine(app, txn, text).await?.map_err(refused)?;
    let adopted = app.policy.digest();
    Ok(Changing {
        content: approval::RulesChange {
            city: app.city.0,
            replaces: app.policy.key.clone(),
            adopted: Digest(adopted).to_string(),
            policy: policy.key.clone(),
            sha256: Digest(policy.digest()).to_string(),
            differences: list_differences(&app.policy, &policy),
            text: text.to_owned(),
        },
        policy,
        adopted,
    })
}

/// Adopts a text. Periods that have opened go on under theirs; rules of weak sources wait to be
/// confirmed, where exactly this text was not confirmed before.
pub(in crate::service) async fn change(
    app: &App,
    txn: &DatabaseTransaction,
    approved: &Approved<Changing>,
) -> Result<()> {
    let Changing {
        policy,
        content,
        adopted,
    } = approved.what();
    app.reached("adopt", Stage::Decided);
    keep_text(app, txn, policy).await?;
    store::cities::set_policy(txn, app.city, Some(adopted), &policy.digest()).await?;
    let detail = approved.detail(serde_json::json!({
        "sha256": content.sha256,
        "replaces": content.adopted,
    }));
    let (actor, key) = (approved.by().actor(), &policy.key);
    trail::note(app, txn, actor, "rules.adopt", key, detail).await
}
