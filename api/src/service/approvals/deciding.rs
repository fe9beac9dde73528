//! Another officer, or an approver, decides.

use ::entity::{approval, draw, session, unsigned_record};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;
use verifier::text::Digest;

use super::{Action, Prepared, content_of, note, require_session, signatory, spelling};
use crate::{
    app::{App, Stage},
    domain::{
        actor::{Approver, Officer},
        approval::{is_proposer, state_at},
    },
    error::{Error, Result},
    service::{
        ceremony,
        once::{Again, keep},
        record_keys, rules, unsigned,
    },
    store::{self, approvals::Decision},
};

/// What became of an approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It is done.
    CarriedOut {
        /// The approval.
        approval: approval::Model,
        /// The draw that was made or changed, if it is about one.
        draw: Option<draw::Model>,
        /// The record of it, where it waits for a signature from a machine without network: nothing is
        /// left to decide, and nothing has changed yet.
        unsigned: Option<Box<unsigned_record::Model>>,
    },
    /// The same person, session or device has proposed it.
    Own(approval::Model),
    /// What is approved of is not what was proposed.
    OtherDigest(approval::Model),
    /// What would be done now is no longer what was proposed.
    Changed(approval::Model),
    /// It does not wait any more, or too long.
    NotWaiting(approval::Model),
}

/// What became of a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It will not be done.
    Done(approval::Model),
    /// It is one's own proposal, which one withdraws.
    Own(approval::Model),
    /// It does not wait any more, or too long.
    NotWaiting(approval::Model),
}

/// What became of a withdrawal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Withdrawn {
    /// It will not be done.
    Done(approval::Model),
    /// It is another officer's proposal, which one refuses.
    AnotherOfficers(approval::Model),
    /// It does not wait any more, or too long.
    NotWaiting(approval::Model),
}

/// Approves of exactly what was proposed, and does it.
///
/// `digest` is that of the content which they have read. The effect, the decision and their
/// audit rows are one transaction; what comes after the commit of a step of a draw is the same as for
/// any other.
///
/// # Errors
///
/// What the action itself refuses now; those of [`super::propose`]; [`Error::NotFound`] for an
/// approval that is not there; [`Error::Unavailable`] where the record is in the log and is not yet
/// public, because witnesses are away.
pub async fn approve(app: &App, by: &Approver, id: Uuid, digest: [u8; 32]) -> Result<Decided> {
    let txn = store::begin(&app.db).await?;
    let (row, session) = begin(app, &txn, by, id).await?;
    if state_at(&row, app.clock.now()) != approval::State::Waiting {
        return Ok(Decided::NotWaiting(row));
    }
    if is_proposer(&row, signatory(&session)) {
        return Ok(Decided::Own(row));
    }
    if row.digest[..] != digest {
        return Ok(Decided::OtherDigest(row));
    }
    let Ok(prepared) = Prepared::of(app, &txn, Action::of(content_of(&row)?)?).await? else {
        return Ok(Decided::Changed(row));
    };
    let spelt = spelling(&prepared.content())?;
    if Digest::of(spelt.as_bytes()).0 != digest {
        return Ok(Decided::Changed(row));
    }
    let step = prepared.step();
    let draw = prepared.carry_out(app, &txn, &row, by).await?;
    note(app, &txn, by.actor(), "approvals.approve", &row).await?;
    let carried_out = decision(app, approval::State::CarriedOut, by)?;
    let approval = store::approvals::decide(&txn, &row, carried_out).await?;
    keep(app, &txn, id).await?;
    app.reached(step, Stage::Recorded);
    txn.commit().await?;
    app.reached(step, Stage::Committed);

    let unsigned = made_for(app, id).await?;
    if unsigned.is_none() {
        settle(app, step, &approval, draw.as_ref()).await?;
    }
    Ok(Decided::CarriedOut {
        approval,
        draw,
        unsigned,
    })
}

/// The record that waits for its signature, where it was made for an approval.
async fn made_for(app: &App, id: Uuid) -> Result<Option<Box<unsigned_record::Model>>> {
    let waiting = unsigned::find(app).await?;
    Ok(waiting
        .filter(|row| row.approval_id == Some(id))
        .map(Box::new))
}

/// What comes after the commit of what was approved.
async fn settle(
    app: &App,
    step: &'static str,
    row: &approval::Model,
    draw: Option<&draw::Model>,
) -> Result<()> {
    if let Some(draw) = draw {
        ceremony::settle_recorded(app, step, &draw.id).await?;
    }
    settle_apart(app, row.action).await
}

/// What comes after the commit of what is not a draw's.
async fn settle_apart(app: &App, action: approval::Action) -> Result<()> {
    match action {
        approval::Action::ChangeRecordKey | approval::Action::ChangeTrust => {
            record_keys::settle(app, "rotate").await
        }
        approval::Action::ChangePolicy => rules::follow(app).await,
        _ => Ok(()),
    }
}

/// Refuses what another officer has proposed: it will not be done, and can be proposed anew.
///
/// # Errors
///
/// Those of [`super::propose`] about the officer; [`Error::NotFound`] for an approval that is not
/// there.
pub async fn refuse(app: &App, by: &Approver, id: Uuid) -> Result<Refused> {
    let txn = store::begin(&app.db).await?;
    let (row, session) = begin(app, &txn, by, id).await?;
    if state_at(&row, app.clock.now()) != approval::State::Waiting {
        return Ok(Refused::NotWaiting(row));
    }
    if is_proposer(&row, signatory(&session)) {
        return Ok(Refused::Own(row));
    }
    note(app, &txn, by.actor(), "approvals.refuse", &row).await?;
    let refused = decision(app, approval::State::Refused, by)?;
    let row = store::approvals::decide(&txn, &row, refused).await?;
    txn.commit().await?;
    Ok(Refused::Done(row))
}

/// Takes one's own proposal back, from whichever session.
///
/// # Errors
///
/// Those of [`refuse`].
pub async fn withdraw(app: &App, officer: &Officer, id: Uuid) -> Result<Withdrawn> {
    let by = officer.approver();
    let txn = store::begin(&app.db).await?;
    let (row, session) = begin(app, &txn, &by, id).await?;
    if state_at(&row, app.clock.now()) != approval::State::Waiting {
        return Ok(Withdrawn::NotWaiting(row));
    }
    if row.proposed_by != session.subject {
        return Ok(Withdrawn::AnotherOfficers(row));
    }
    note(app, &txn, officer.actor(), "approvals.withdraw", &row).await?;
    let withdrawn = decision(app, approval::State::Withdrawn, &by)?;
    let row = store::approvals::decide(&txn, &row, withdrawn).await?;
    txn.commit().await?;
    Ok(Withdrawn::Done(row))
}

/// The approval and the session of whoever decides, under the city's lock: of two who decide at once
/// the second sees what the first has done.
async fn begin(
    app: &App,
    txn: &DatabaseTransaction,
    who: &Approver,
    id: Uuid,
) -> Result<(approval::Model, session::Model)> {
    rules::lock(app, txn).await?;
    let session = require_session(app, txn, who).await?;
    let row = store::approvals::get(txn, app.city, id).await?;
    Ok((row, session))
}

fn decision<'a>(app: &App, state: approval::State, by: &'a Approver) -> Result<Decision<'a>> {
    Ok(Decision {
        state,
        by: Some((by.name(), by.session()?)),
        at: app.clock.now(),
    })
}

impl Again for Decided {
    /// What the first answer could not say, because witnesses were away or the process stopped, is
    /// made good before it is given again.
    async fn again(app: &App, subject: &str) -> Result<Self> {
        let id = subject.parse().map_err(Error::internal)?;
        let approval = store::approvals::get(&app.db, app.city, id).await?;
        let draw = match content_of(&approval)?.find_draw() {
            Some(draw) => Some(draw::Model::again(app, draw).await?),
            None => None,
        };
        let unsigned = made_for(app, id).await?;
        if unsigned.is_none() {
            settle_apart(app, approval.action).await?;
        }
        Ok(Self::CarriedOut {
            approval,
            draw,
            unsigned,
        })
    }
}
