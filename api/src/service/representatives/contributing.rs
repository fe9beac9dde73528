//! What a representative brings to the period's draw: a commitment before its announcement. The
//! secret comes in like everybody's, by [`ceremony::reveal`](crate::service::ceremony::reveal). See rule
//! D30 of the specification of draws.

use ::entity::{draw, representative};
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use verifier::text::Digest;

use super::{draw_to_come, own};
use crate::{
    app::App,
    domain::{
        actor::Applicant,
        representative::{RepresentativeName, state_name},
    },
    error::{Error, Result},
    service::{ceremony::Sealing, log, once::keep, trail, unsigned},
    store,
};

/// Where a representative's contribution stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// The draw that the commitment is, or has to be, made for.
    pub draw: String,
    /// The name that it is made under.
    pub name: String,
    /// The commitment, once it is in.
    pub commitment: Option<Digest>,
    /// Whether the draw is announced: the commitment can no longer change, the secret may come.
    pub is_announced: bool,
    /// Until when the secret may be revealed, once the draw is announced.
    pub reveal_by: Option<DateTime<Utc>>,
    /// Whether the secret was revealed.
    pub is_revealed: bool,
}

/// Where a representative's contribution stands: to the draw that will be announced next, or to the
/// one that was announced last.
pub async fn contribution(app: &App, row: &representative::Model) -> Result<Contribution> {
    let name = RepresentativeName::of(row).to_string();
    let purpose = draw::Purpose::Allocation;
    let number = &row.period_number;
    let draws = store::draws::list_of_period(&app.db, app.city, number, purpose).await?;
    let announced = draws
        .into_iter()
        .next()
        .filter(|latest| !matches!(latest.phase, draw::Phase::Frozen | draw::Phase::Voided));
    let Some(announced) = announced else {
        let draw = draw_to_come(&app.db, app, number).await?;
        let is_for_it = row.sealed_for.as_ref() == Some(&draw);
        let commitment = row.commitment.as_deref().filter(|_| is_for_it);
        return Ok(Contribution {
            draw,
            name,
            commitment: commitment.map(log::digest).transpose()?,
            is_announced: false,
            reveal_by: None,
            is_revealed: false,
        });
    };
    let stored = store::contributions::find_sealed(&app.db, app.city, &announced.id, &name).await?;
    let sealed = stored.as_ref().and_then(|row| row.commitment.as_deref());
    Ok(Contribution {
        name,
        commitment: sealed.map(log::digest).transpose()?,
        is_announced: true,
        reveal_by: announced.closes_at,
        is_revealed: stored.is_some_and(|row| row.value.is_some()),
        draw: announced.id,
    })
}

/// Whether a contributor's name belongs to somebody whom a draw of the city has picked: nobody else
/// contributes under it, and they do so by themselves.
pub(in crate::service) async fn is_reserved_name(
    app: &App,
    txn: &impl ConnectionTrait,
    name: &str,
) -> Result<bool> {
    match RepresentativeName::parse(name) {
        Some(name) => Ok(store::draws::find(txn, app.city, &name.draw)
            .await?
            .is_some()),
        None => Ok(false),
    }
}

/// The commitments that representatives have handed in for a draw, in the order of their places.
pub(in crate::service) async fn list_sealings(
    app: &App,
    txn: &impl ConnectionTrait,
    draw: &str,
) -> Result<Vec<Sealing>> {
    let rows = store::representatives::list_sealed(txn, app.city, draw).await?;
    let sealing = |row: representative::Model| {
        Ok(Sealing {
            name: RepresentativeName::of(&row).to_string(),
            commitment: log::digest(row.commitment.as_deref().unwrap_or_default())?,
        })
    };
    rows.into_iter().map(sealing).collect()
}

/// Hands in a commitment. Until the draw is announced, a later one takes the place of an earlier:
/// whoever lost the secret makes another.
///
/// # Errors
///
/// [`Error::NotFound`] for an invitation that is not the applicant's own; [`Error::WrongPhase`]
/// unless it was accepted, and once the draw is announced; [`Error::InvalidInput`] for a commitment
/// that is made for another draw than the one that will be announced; [`Error::TooLate`] while its
/// announcement waits for a signature.
pub async fn seal(
    app: &App,
    applicant: &Applicant,
    id: &str,
    draw: &str,
    commitment: Digest,
) -> Result<representative::Model> {
    let txn = store::begin(&app.db).await?;
    // Waits for an announcement under way, and then sees that it was made.
    store::cities::lock_shared(&txn, app.city).await?;
    let row = own(&txn, app, applicant, id).await?;
    require_accepted(&row)?;
    let to_come = draw_to_come(&txn, app, &row.period_number).await?;
    if to_come != draw {
        return Err(Error::invalid(
            "draw",
            format!(
                "a commitment names its draw, and the next of period {} is {to_come}; make it for that one",
                row.period_number
            ),
        ));
    }
    let is_there = row.sealed_for.as_deref() == Some(draw)
        && row.commitment.as_deref() == Some(&commitment.0[..]);
    if is_there {
        return Ok(row);
    }
    if let Some(at) = unsigned::announced_at(app, &txn, draw).await? {
        return Err(Error::TooLate {
            what: "handing a commitment in",
            at,
            remedy: "the announcement is being signed, with the commitments that were there",
        });
    }
    let sealed = store::representatives::seal(&txn, &row, draw, &commitment.0).await?;
    let detail = serde_json::json!({ "draw": draw, "commitment": commitment.to_string() });
    let action = "representatives.seal";
    trail::note(app, &txn, applicant.actor(), action, id, detail).await?;
    keep(app, &txn, id).await?;
    txn.commit().await?;
    Ok(sealed)
}

/// Whoever had accepted may contribute, also to a redo after the day on which they came or did not.
fn require_accepted(row: &representative::Model) -> Result<()> {
    if matches!(
        row.state,
        representative::State::Accepted
            | representative::State::Attended
            | representative::State::Absent
    ) {
        return Ok(());
    }
    Err(Error::WrongPhase {
        what: format!("invitation {}", RepresentativeName::of(row)),
        needed: "ACCEPTED",
        actual: state_name(row.state),
    })
}
