//! Amending: after the draw somebody loses their place, and the next reserve moves up. What was drawn
//! stays what it was.

mod plan;

use ::entity::{draw, record};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use verifier::{
    record::{Amend, Change},
    text::Digest,
};

use super::{
    recording::{Stepped, WorkedOut, record_or_leave},
    time,
};
use crate::{
    app::{App, Stage},
    domain::{
        amend::{Dropping, MOST_DROPS, Obstacle, ObstacleKind},
        approval,
        message::Purpose,
    },
    error::{Error, Result},
    service::{
        approvals::Approved,
        certificates, draws, log,
        messages::{self, Post, Recipient},
        rules, trail,
        unsigned::{self, Composing},
    },
    store,
};
use plan::Plan;

/// An amend that could be recorded now.
pub(in crate::service) struct Amending {
    row: draw::Model,
    origin: String,
    result: Digest,
    number: i32,
    plan: Plan,
    text: String,
}

impl Amending {
    /// All of what is decided of it.
    pub(in crate::service) fn content(&self) -> approval::Amending {
        approval::Amending {
            origin: self.origin.clone(),
            draw: self.row.id.clone(),
            result: self.result.to_string(),
            number: self.number,
            lines: self.plan.changes.iter().map(line).collect(),
        }
    }

    /// Which amend of its draw it is, from 1.
    pub(super) fn number(&self) -> i32 {
        self.number
    }

    /// What tells its messages from those of another amend.
    fn occasion(&self) -> String {
        format!("{}/amend-{}", self.row.id, self.number)
    }
}

fn line(change: &Change) -> approval::AmendLine {
    match change {
        Change::Drop {
            category,
            rank,
            code,
            reason,
        } => approval::AmendLine::Drop {
            category: category.clone(),
            rank: *rank,
            code: code.to_string(),
            reason: reason.clone(),
        },
        Change::Promote {
            category,
            rank,
            code,
        } => approval::AmendLine::Promote {
            category: category.clone(),
            rank: *rank,
            code: code.to_string(),
        },
    }
}

/// The amends of a draw so far, in order.
async fn list_amends(db: &impl ConnectionTrait, app: &App, draw: &str) -> Result<Vec<Amend>> {
    let records = store::records::list_of_draw(db, app.city, draw).await?;
    let amended = draws::read_amends(records)?;
    Ok(amended.into_iter().map(|(_, amend)| amend).collect())
}

/// Works out who moves up when these lose their places, and writes the record's text; or says what
/// stands in the way, all of it at once.
///
/// # Errors
///
/// [`Error::NotFound`] for a draw that is not there; [`Error::InvalidInput`] for a reason that is not
/// one line, and for more than [`MOST_DROPS`] places.
pub(in crate::service) async fn prepare_amend(
    app: &App,
    txn: &DatabaseTransaction,
    id: &str,
    drops: &[Dropping],
) -> Result<std::result::Result<Amending, Vec<Obstacle>>> {
    require_readable(drops)?;
    unsigned::require_none(app, txn).await?;
    let row = store::draws::get(txn, app.city, id).await?;
    if let Some(kind) = find_obstacle(app, txn, &row, drops).await? {
        return Ok(Err(vec![Obstacle::of_draw(kind)]));
    }
    let recorded = store::records::find(txn, app.city, id, record::Kind::Result).await?;
    let result = recorded.ok_or_else(|| {
        Error::internal(anyhow::anyhow!(
            "draw {id} is finished and has no result record"
        ))
    })?;
    let earlier = list_amends(txn, app, id).await?;
    let plan = match Plan::of(app, txn, &row, &earlier, drops).await? {
        Ok(plan) => plan,
        Err(obstacles) => return Ok(Err(obstacles)),
    };
    let (origin, result) = (app.origin.to_string(), log::digest(&result.hash)?);
    let text = Amend {
        origin: origin.clone(),
        draw: id.to_owned(),
        result,
        issued: time(app.clock.now()),
        trail: Some(trail::link_all(app, txn).await?),
        changes: plan.changes.clone(),
    }
    .to_string();
    Amend::parse(&text).map_err(Error::internal)?;
    Ok(Ok(Amending {
        number: i32::try_from(earlier.len() + 1).map_err(Error::internal)?,
        row,
        origin,
        result,
        plan,
        text,
    }))
}

/// The reasons become lines of a record that everybody reads.
fn require_readable(drops: &[Dropping]) -> Result<()> {
    if MOST_DROPS < drops.len() {
        return Err(Error::invalid(
            "drops",
            format!(
                "expected at most {MOST_DROPS} places in one amend, found {}; amend once more for the others",
                drops.len()
            ),
        ));
    }
    match drops
        .iter()
        .find(|drop| !verifier::record::is_sentence(&drop.reason))
    {
        None => Ok(()),
        Some(drop) => Err(Error::invalid(
            "drops.reason",
            format!(
                "expected one line of 1 to 1,000 bytes without spaces at its ends for {}, found {} bytes",
                drop.code,
                drop.reason.len()
            ),
        )),
    }
}

/// What stands in the way whoever is named.
async fn find_obstacle(
    app: &App,
    txn: &DatabaseTransaction,
    row: &draw::Model,
    drops: &[Dropping],
) -> Result<Option<ObstacleKind>> {
    Ok(match row.phase {
        draw::Phase::Voided => Some(ObstacleKind::Voided),
        draw::Phase::Frozen | draw::Phase::Announced | draw::Phase::Closed => {
            Some(ObstacleKind::NotFinished)
        }
        draw::Phase::Finished if row.purpose == draw::Purpose::Representatives => {
            Some(ObstacleKind::OfRepresentatives)
        }
        draw::Phase::Finished => {
            let public = store::publications::find_of_draw(txn, app.city, &row.id).await?;
            if public.is_none() {
                Some(ObstacleKind::NotPublished)
            } else {
                drops.is_empty().then_some(ObstacleKind::NobodyNamed)
            }
        }
    })
}

/// Signs and logs the amend, or leaves it to be signed elsewhere; it is public once it is cosigned. The
/// result, its files and its index stay as they are.
pub(in crate::service) async fn amend(
    app: &App,
    txn: &DatabaseTransaction,
    approved: &Approved<Amending>,
) -> Result<Stepped> {
    let amending = approved.what();
    app.reached("amend", Stage::Decided);

    let facts = serde_json::json!({
        "number": amending.number,
        "lines": amending.content().lines,
    });
    let composing = Composing {
        subject: amending.row.id.clone(),
        kind: record::Kind::Amend,
        text: amending.text.clone(),
        chain: None,
        actor: approved.by().actor(),
        detail: approved.detail(facts),
        approval: Some(approved.id()),
    };
    let composed = unsigned::compose(app, txn, composing, None).await?;
    record_or_leave(app, txn, composed, WorkedOut::Amending(amending)).await
}

/// Works an amend out once more that was signed elsewhere.
///
/// # Errors
///
/// [`Error::InvalidInput`] where what it says is not what would be said now: the certificate of somebody
/// who is named has ended meanwhile.
pub(super) async fn prepare_again(
    app: &App,
    txn: &DatabaseTransaction,
    signed: &Amend,
) -> Result<Amending> {
    let drops: Vec<Dropping> = signed.changes.iter().filter_map(dropping).collect();
    let now = prepare_amend(app, txn, &signed.draw, &drops).await?;
    let still = now.ok().filter(|it| it.plan.changes == signed.changes);
    still.ok_or_else(|| {
        Error::invalid(
            "file",
            "somebody whom this amend names stands elsewhere by now; drop it with `fairplate draw drop-unsigned`, and propose it anew",
        )
    })
}

/// Has certificates, applications and the ledger follow an amend; gives the draw, which stays as it is.
pub(super) async fn enact(
    app: &App,
    txn: &DatabaseTransaction,
    amending: &Amending,
    actor: &str,
) -> Result<draw::Model> {
    take_places(app, txn, amending).await?;
    give_places(app, txn, amending, actor).await?;
    Ok(amending.row.clone())
}

fn dropping(change: &Change) -> Option<Dropping> {
    match change {
        Change::Drop {
            category,
            code,
            reason,
            ..
        } => Some(Dropping {
            category: category.clone(),
            code: code.to_string(),
            reason: reason.clone(),
        }),
        Change::Promote { .. } => None,
    }
}

/// Whoever loses their place: the certificate is revoked, the application has ended, the person is told.
async fn take_places(app: &App, txn: &DatabaseTransaction, amending: &Amending) -> Result<()> {
    let (row, occasion) = (&amending.row, amending.occasion());
    for lost in &amending.plan.lost {
        let mut revoked = None;
        if let Some(certificate) = &lost.certificate {
            certificates::revoke(app, txn, certificate, lost.is_vacant).await?;
            let dropped = ::entity::application::Status::Dropped;
            store::applications::set_status(txn, &lost.application, dropped).await?;
            revoked = Some(certificate.number.clone());
        }
        let code = lost.application.code.as_str();
        let purpose = Purpose::PlaceLost {
            period: row.period_number.clone(),
            code: code.to_owned(),
            certificate: revoked,
        };
        let to = Recipient::Applicant(lost.application.applicant_id);
        messages::post(app, txn, Post::new(to, purpose, code, &occasion)).await?;
    }
    Ok(())
}

/// Whoever moves up has what a winner has, counted from now.
async fn give_places(
    app: &App,
    txn: &DatabaseTransaction,
    amending: &Amending,
    actor: &str,
) -> Result<()> {
    let (row, occasion) = (&amending.row, amending.occasion());
    let policy = rules::get(app, &row.policy_digest).await?;
    let codes = amending.plan.gained.iter();
    let codes: Vec<String> = codes.map(|it| it.code.clone()).collect();
    store::applications::mark_allocated(txn, app.city, &codes).await?;
    for gained in &amending.plan.gained {
        certificates::issue_to(app, txn, &policy, row, gained, actor).await?;
        let purpose = Purpose::PlaceGained {
            period: row.period_number.clone(),
            code: gained.code.clone(),
        };
        let to = Recipient::Applicant(gained.applicant_id);
        messages::post(app, txn, Post::new(to, purpose, &gained.code, &occasion)).await?;
    }
    Ok(())
}
