//! The steps of a draw as stories take them: what needs two officers is proposed by the one whom the
//! story names and approved by another one, each in a session of their own. The rest is the city's.

use entity::{approval, draw};
use fairplate::{
    App, Error, Result,
    domain::{
        actor::{Officer, Operator},
        amend::Dropping,
    },
    service::{
        approvals::{self, Action, Decided, Proposed},
        ceremony, sessions,
    },
    store,
};
use verifier::{note::Note, record::Keys};

pub use fairplate::service::ceremony::{Reveals, Sealing, Terms, recover};

/// Who approves in stories that name nobody else.
pub const SECOND: &str = "qian";

/// An officer of this name, in a session that was opened just now.
pub async fn sign_in(app: &App, name: &str) -> Officer {
    let token = sessions::open_for_officer(app, &Operator, name).await;
    let actor = sessions::identify(app, &token.expect("a session")).await;
    let actor = actor.expect("an officer");
    actor.officer().expect("an officer").clone()
}

/// The digest of what is proposed.
#[must_use]
pub fn digest_of(row: &approval::Model) -> [u8; 32] {
    row.digest.as_slice().try_into().expect("32 bytes")
}

/// Proposes something in the name of an officer who signs in for it. What waits already is taken as
/// it is.
pub async fn propose(app: &App, officer: &Officer, action: Action) -> Result<approval::Model> {
    let proposer = sign_in(app, officer.name()).await;
    match approvals::propose(app, &proposer, action).await? {
        Proposed::Requested(row) | Proposed::AlreadyWaiting(row) => Ok(row),
        Proposed::Refused(obstacles) => Err(Error::Conflict {
            what: format!("result: {obstacles:?}"),
        }),
    }
}

/// Has a proposal approved by the second officer.
///
/// # Errors
///
/// What the action refuses; [`Error::Conflict`] where somebody else has decided.
pub async fn approve(app: &App, row: &approval::Model) -> Result<Option<draw::Model>> {
    let second = sign_in(app, SECOND).await.approver();
    match approvals::approve(app, &second, row.id, digest_of(row)).await? {
        Decided::CarriedOut { draw, .. } => Ok(draw),
        Decided::NotWaiting(row) => Err(Error::Conflict {
            what: format!("approval {}", row.id),
        }),
        other => panic!("expected it to be carried out, found {other:?}"),
    }
}

async fn agree(app: &App, officer: &Officer, action: Action) -> Result<Option<draw::Model>> {
    let row = propose(app, officer, action).await?;
    approve(app, &row).await
}

async fn agree_on_draw(app: &App, officer: &Officer, action: Action) -> Result<draw::Model> {
    let draw = agree(app, officer, action).await?;
    Ok(draw.expect("a draw"))
}

/// Freezes the pools of a period.
pub async fn freeze(app: &App, officer: &Officer, number: &str) -> Result<draw::Model> {
    let period = number.to_owned();
    agree_on_draw(app, officer, Action::FreezePeriod { period }).await
}

/// Freezes the pool of a period's representatives.
pub async fn freeze_representatives(
    app: &App,
    officer: &Officer,
    number: &str,
) -> Result<draw::Model> {
    let period = number.to_owned();
    agree_on_draw(app, officer, Action::FreezeRepresentatives { period }).await
}

/// Announces a draw.
pub async fn announce(app: &App, officer: &Officer, id: &str, terms: Terms) -> Result<draw::Model> {
    let draw = id.to_owned();
    agree_on_draw(app, officer, Action::AnnounceDraw { draw, terms }).await
}

/// Closes a draw; gives it as it stands then.
pub async fn close(
    app: &App,
    officer: &Officer,
    id: &str,
    reveals: Reveals,
) -> Result<draw::Model> {
    let closed = ceremony::close(app, officer, id, reveals).await?;
    Ok(closed.into_draw())
}

/// Finishes a draw; gives it as it stands then.
pub async fn finish(app: &App, officer: &Officer, id: &str) -> Result<draw::Model> {
    let finished = ceremony::finish(app, officer, id).await?;
    Ok(finished.into_draw())
}

/// Voids a draw.
pub async fn void(app: &App, officer: &Officer, id: &str, reason: &str) -> Result<draw::Model> {
    let (draw, reason) = (id.to_owned(), reason.to_owned());
    agree_on_draw(app, officer, Action::VoidDraw { draw, reason }).await
}

/// Takes the place of whoever was drawn first.
pub async fn amend(app: &App, officer: &Officer, id: &str) -> Result<draw::Model> {
    let (draw, drops) = (id.to_owned(), vec![first_of(app, id).await]);
    agree_on_draw(app, officer, Action::AmendResult { draw, drops }).await
}

/// Whoever was drawn first, as somebody to be dropped.
pub async fn first_of(app: &App, id: &str) -> Dropping {
    let pools = store::draws::list_pools(&app.db, app.city, id).await;
    let category = pools.expect("pools").remove(0).category;
    let placed = store::placements::list(&app.db, app.city, id, &category).await;
    Dropping {
        category,
        code: placed.expect("a result").remove(0).code,
        reason: "申请材料不实".to_owned(),
    }
}

/// Has the newest record key of a node sign; gives the record of the change.
pub async fn change_record_key(app: &App, officer: &Officer) -> Result<Keys> {
    agree(app, officer, Action::ChangeRecordKey).await?;
    let changes = store::records::list_changes_of_keys(&app.db, app.city, i64::MAX).await?;
    let note = Note::parse(changes.last().expect("a change").note.as_bytes()).expect("a note");
    Ok(Keys::parse(&note.text).expect("a change of keys"))
}

/// Has the witnesses of a node's settings vouch.
pub async fn change_trust(app: &App, officer: &Officer) -> Result<()> {
    agree(app, officer, Action::ChangeTrust).await.map(drop)
}

/// Has the city adopt a text of its rules.
pub async fn change_rules(app: &App, officer: &Officer, text: String) -> Result<()> {
    let changing = Action::ChangePolicy { text };
    agree(app, officer, changing).await.map(drop)
}

/// Confirms the city's rules.
pub async fn confirm_rules(app: &App, officer: &Officer) -> Result<()> {
    agree(app, officer, Action::ConfirmPolicy).await.map(drop)
}

/// Lifts the ban that came of a certificate.
pub async fn lift_ban(app: &App, officer: &Officer, certificate: &str, reason: &str) -> Result<()> {
    let (certificate, reason) = (certificate.to_owned(), reason.to_owned());
    let lifting = Action::LiftBan {
        certificate,
        reason,
    };
    agree(app, officer, lifting).await.map(drop)
}
