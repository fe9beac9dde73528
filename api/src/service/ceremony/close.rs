//! Closing: the contributions are written down, and nobody has an input left.

use ::entity::{contribution, draw, record};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use verifier::{
    record::{Announce, Close, Contribution, OpenValue, commitment},
    text::Digest,
    trail::TrailHead,
};

use super::{
    instant, latest_record,
    recording::{Stepped, WorkedOut, record_or_leave},
    settle, time,
};
use crate::{
    app::{App, Stage},
    domain::{actor::Officer, phase},
    error::{Error, Result},
    service::{
        log,
        once::keep,
        publication::timely,
        trail,
        unsigned::{self, Composing},
    },
    store,
};

/// What the contributors brought.
#[derive(Default)]
pub struct Reveals {
    /// Secrets of sealed contributions, by name, beside those that contributors have revealed
    /// themselves. Who is in neither is written down as missing.
    pub sealed: Vec<(String, [u8; 32])>,
    /// Open values, by label; every announced label needs one.
    pub open: Vec<(String, String)>,
}

/// Signs, logs and publishes the contributions, before the beacon round exists; or leaves them to be
/// signed elsewhere.
///
/// # Errors
///
/// [`Error::WrongPhase`] unless the draw is announced; [`Error::AwaitsSignature`] while another record
/// waits; [`Error::TooEarly`] while a contribution is
/// missing and its contributor still has time; [`Error::TooLate`] where the witnessed record could
/// no longer lie before the beacon round, or witnesses saw the announcement too late;
/// [`Error::InvalidInput`] for a secret that does not open its seal, or a name or label that was not
/// announced.
pub async fn close(app: &App, officer: &Officer, id: &str, reveals: Reveals) -> Result<Stepped> {
    timely::require_announced(app, id).await?;
    let now = app.clock.now();
    let txn = store::begin(&app.db).await?;
    store::cities::lock(&txn, app.city).await?;
    unsigned::require_none(app, &txn).await?;
    let row = store::draws::get(&txn, app.city, id).await?;
    phase::require_draw(&row, draw::Phase::Announced)?;
    let (terms, hash) = log::announced(&txn, app, id).await?;
    let reveals = with_stored(app, &txn, id, reveals).await?;
    require_in_time(&row, &terms, &reveals, now)?;
    let trail = trail::link_all(app, &txn).await?;
    let text = compose(&terms, hash, trail, &reveals, now)?;
    app.reached("close", Stage::Decided);

    let composing = Composing {
        subject: id.to_owned(),
        kind: record::Kind::Close,
        text,
        chain: None,
        actor: officer.actor(),
        detail: serde_json::json!({
            "revealed": reveals.sealed.len(),
            "missing": terms.sealed.len() - reveals.sealed.len(),
        }),
        approval: None,
    };
    let composed = unsigned::compose(app, &txn, composing, None).await?;
    let stepped = record_or_leave(app, &txn, composed, WorkedOut::Nothing).await?;
    keep(app, &txn, stepped.subject()).await?;
    app.reached("close", Stage::Recorded);
    txn.commit().await?;
    app.reached("close", Stage::Committed);

    if let Stepped::Recorded(_) = stepped {
        settle(app, "close", id).await?;
    }
    Ok(stepped)
}

/// Does what a signed close says: each contribution has its value, and the draw takes no more.
pub(super) async fn enact(
    txn: &DatabaseTransaction,
    row: &draw::Model,
    record: &Close,
) -> Result<draw::Model> {
    phase::require_draw(row, draw::Phase::Announced)?;
    let closed = store::draws::advance(txn, row, draw::Phase::Closed, None).await?;
    for contribution in store::contributions::list(txn, row.city_id, &row.id).await? {
        if let Some(value) = value_of(record, &contribution) {
            store::contributions::reveal(txn, &contribution, &value).await?;
        }
    }
    Ok(closed)
}

/// What a record says was brought for a contribution.
fn value_of(record: &Close, row: &contribution::Model) -> Option<String> {
    match row.kind {
        contribution::Kind::Sealed => record.sealed.iter().find_map(|line| match line {
            Contribution::Reveal { name, secret } if *name == row.name => {
                Some(Digest(*secret).to_string())
            }
            _ => None,
        }),
        contribution::Kind::Open => {
            let brought = record.open.iter().find(|line| line.label == row.name);
            brought.map(|line| line.value.clone())
        }
    }
}

/// What the officer brings, with the secrets that contributors have revealed themselves. An officer
/// who names one of these as well has to name the same secret: the record takes only the one that
/// opens the commitment.
async fn with_stored(
    app: &App,
    txn: &impl ConnectionTrait,
    id: &str,
    mut reveals: Reveals,
) -> Result<Reveals> {
    for row in store::contributions::list(txn, app.city, id).await? {
        let is_brought = reveals.sealed.iter().any(|(name, _)| *name == row.name);
        let (contribution::Kind::Sealed, Some(secret), false) = (row.kind, &row.value, is_brought)
        else {
            continue;
        };
        let secret: Digest = secret.parse().map_err(Error::internal)?;
        reveals.sealed.push((row.name, secret.0));
    }
    Ok(reveals)
}

fn require_in_time(
    row: &draw::Model,
    terms: &Announce,
    reveals: &Reveals,
    now: DateTime<Utc>,
) -> Result<()> {
    let latest = latest_record(row, terms)?;
    if latest < now {
        return Err(Error::TooLate {
            what: "closing the contributions",
            at: latest,
            remedy: timely::SAY_SO,
        });
    }
    let is_missing = |name: &String| !reveals.sealed.iter().any(|(revealed, _)| revealed == name);
    let closes_at = instant(terms.closes);
    if terms.sealed.iter().any(|sealed| is_missing(&sealed.name)) && now < closes_at {
        return Err(Error::TooEarly {
            what: "closing with a missing contribution",
            at: closes_at,
        });
    }
    Ok(())
}

/// The record's text: the announced names and labels, in their order, each with what was brought.
fn compose(
    terms: &Announce,
    announce: Digest,
    trail: TrailHead,
    reveals: &Reveals,
    now: DateTime<Utc>,
) -> Result<String> {
    require_distinct("reveals", &reveals.sealed)?;
    require_distinct("open", &reveals.open)?;
    for (name, _) in &reveals.sealed {
        if !terms.sealed.iter().any(|sealed| sealed.name == *name) {
            return Err(Error::invalid(
                "reveals",
                format!("{name} was not announced as a contributor"),
            ));
        }
    }
    for (label, _) in &reveals.open {
        if !terms.open.contains(label) {
            return Err(Error::invalid(
                "open",
                format!("{label} was not announced as an open value"),
            ));
        }
    }
    let text = Close {
        origin: terms.origin.clone(),
        draw: terms.draw.clone(),
        announce,
        issued: time(now),
        trail: Some(trail),
        sealed: sealed_lines(terms, reveals)?,
        open: open_lines(terms, reveals)?,
    }
    .to_string();
    Close::parse(&text).map_err(|cause| Error::invalid("open", cause))?;
    Ok(text)
}

/// Who or what is named twice could mean two things.
fn require_distinct<V>(field: &str, named: &[(String, V)]) -> Result<()> {
    for (place, (name, _)) in named.iter().enumerate() {
        if named[..place].iter().any(|(earlier, _)| earlier == name) {
            return Err(Error::invalid(
                field,
                format!("{name} is named twice; name it once"),
            ));
        }
    }
    Ok(())
}

fn sealed_lines(terms: &Announce, reveals: &Reveals) -> Result<Vec<Contribution>> {
    let mut lines = Vec::new();
    for line in &terms.sealed {
        let brought = reveals.sealed.iter().find(|(name, _)| *name == line.name);
        let Some((name, secret)) = brought else {
            lines.push(Contribution::Missing {
                name: line.name.clone(),
            });
            continue;
        };
        if commitment(&terms.origin, &terms.draw, name, secret) != line.commitment {
            return Err(Error::invalid(
                "reveals",
                format!(
                    "the secret of {name} does not open the announced commitment; ask for the right one"
                ),
            ));
        }
        lines.push(Contribution::Reveal {
            name: name.clone(),
            secret: *secret,
        });
    }
    Ok(lines)
}

fn open_lines(terms: &Announce, reveals: &Reveals) -> Result<Vec<OpenValue>> {
    let mut lines = Vec::new();
    for label in &terms.open {
        let brought = reveals.open.iter().find(|(brought, _)| brought == label);
        let (_, value) = brought.ok_or_else(|| {
            Error::invalid("open", format!("{label} was announced and has no value"))
        })?;
        lines.push(OpenValue {
            label: label.clone(),
            value: value.clone(),
        });
    }
    Ok(lines)
}
