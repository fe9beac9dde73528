//! What officers, contributors and whoever carries records do.

use chrono::TimeDelta;
use entity::{application, approval, draw};
use fairplate::{
    App, Error, Result,
    domain::{actor::Operator, amend::Dropping},
    service::{
        approvals::{self, Action},
        ceremony::drop_unsigned,
        unsigned,
    },
    store,
};
use fairplate_tests::{
    air_gap,
    ceremony::{self, Reveals, Sealing, Terms, digest_of, sign_in},
    keys,
    stages::{BALL_MACHINE, CONTRIBUTORS, PERIOD},
};
use sea_orm::EntityTrait as _;
use verifier::record::commitment;

use super::{How, Move, What};

/// The two officers.
const OFFICERS: [&str; 2] = ["zhou", "qian"];

/// How long an announcement stands, and how far a record lies before the round; seconds.
const SHORT: u64 = 60;

/// The draw of the period that was made last.
pub(super) async fn newest(app: &App) -> Option<draw::Model> {
    let (purpose, id) = (draw::Purpose::Allocation, app.city);
    let draws = store::draws::list_of_period(&app.db, id, PERIOD, purpose).await;
    draws.expect("draws").into_iter().next()
}

async fn newest_id(app: &App) -> String {
    let row = newest(app).await;
    row.map_or_else(|| PERIOD.to_owned(), |row| row.id)
}

/// What waits, as it comes back from its key.
pub(super) async fn sign(app: &App) -> Option<Vec<u8>> {
    let waiting = unsigned::find(app).await.expect("found or not")?;
    let request = unsigned::export(app, &Operator, &waiting.subject).await;
    Some(air_gap::sign(&request.expect("a record that waits")))
}

/// What waits is carried to its key and back, and dropped where it comes too late.
async fn carry(app: &App) -> Result<()> {
    let Some(file) = sign(app).await else {
        return Ok(());
    };
    match air_gap::import(app, &file).await {
        Err(Error::TooLate { .. }) => drop_waiting(app).await,
        imported => imported.map(drop),
    }
}

async fn drop_waiting(app: &App) -> Result<()> {
    let waiting = unsigned::find(app).await?;
    let subject = waiting.map_or_else(|| PERIOD.to_owned(), |row| row.subject);
    let dropped = drop_unsigned(app, &Operator, &subject).await;
    dropped.map(drop)
}

pub(super) async fn take(app: &App, signed: &[Vec<u8>], it: Move) -> Result<()> {
    match it {
        Move::Propose { officer, what } => {
            let officer = sign_in(app, OFFICERS[officer]).await;
            let action = action(app, what).await;
            approvals::propose(app, &officer, action).await.map(drop)
        }
        Move::Decide { officer, how } => decide(app, OFFICERS[officer], how).await,
        Move::Agree { what } => {
            refuse_what_waits(app).await?;
            let officer = sign_in(app, OFFICERS[0]).await;
            let row = ceremony::propose(app, &officer, action(app, what).await).await?;
            ceremony::approve(app, &row).await.map(drop)
        }
        Move::Reveal {
            contributor,
            is_right,
        } => {
            let (name, secret) = CONTRIBUTORS[contributor];
            let secret = if is_right { secret } else { [9; 32] };
            let id = newest_id(app).await;
            let revealed = fairplate::service::ceremony::reveal(app, &id, name, &secret);
            revealed.await.map(drop)
        }
        Move::Close {
            officer,
            brings,
            is_right,
        } => {
            let officer = sign_in(app, OFFICERS[officer]).await;
            let id = newest_id(app).await;
            let closed = ceremony::close(app, &officer, &id, reveals(brings, is_right));
            closed.await.map(drop)
        }
        Move::Finish { officer } => {
            let officer = sign_in(app, OFFICERS[officer]).await;
            let id = newest_id(app).await;
            ceremony::finish(app, &officer, &id).await.map(drop)
        }
        Move::Import { which } => match signed.get(which % signed.len().max(1)) {
            Some(file) => air_gap::import(app, file).await.map(drop),
            None => Ok(()),
        },
        Move::Drop => drop_waiting(app).await,
        Move::Next => next(app).await,
        _ => ceremony::recover(app).await,
    }
}

/// What comes next, done by both.
async fn next(app: &App) -> Result<()> {
    match ceremony::recover(app).await {
        Err(Error::TooLate { .. }) => {}
        recovered => recovered?,
    }
    carry(app).await?;
    refuse_what_waits(app).await?;
    let officer = sign_in(app, OFFICERS[0]).await;
    match ceremony::change_trust(app, &officer).await {
        // The settings are in force.
        Err(Error::NotSetUp(_)) => {}
        changed => changed?,
    }
    carry(app).await?;
    let row = newest(app).await;
    let id = newest_id(app).await;
    let done = match row.map(|row| row.phase) {
        None | Some(draw::Phase::Voided) => ceremony::freeze(app, &officer, PERIOD).await,
        Some(draw::Phase::Frozen) => ceremony::announce(app, &officer, &id, terms(app, &id)).await,
        Some(draw::Phase::Announced) => ceremony::close(app, &officer, &id, reveals(3, true)).await,
        Some(draw::Phase::Closed) => ceremony::finish(app, &officer, &id).await,
        Some(draw::Phase::Finished) => ceremony::amend(app, &officer, &id).await,
    };
    done?;
    carry(app).await
}

/// What one of the two has proposed before is refused by the other one, so that both agree anew.
async fn refuse_what_waits(app: &App) -> Result<()> {
    for row in approval::Entity::find().all(&app.db).await.expect("rows") {
        let proposer = &row.proposed_by;
        let other = OFFICERS.iter().find(|name| *name != proposer);
        let other = sign_in(app, other.expect("one of the two")).await;
        approvals::refuse(app, &other.approver(), row.id).await?;
    }
    Ok(())
}

fn terms(app: &App, draw: &str) -> Terms {
    let sealed = CONTRIBUTORS.iter().map(|(name, secret)| Sealing {
        name: (*name).to_owned(),
        commitment: commitment(keys::ORIGIN, draw, name, secret),
    });
    Terms {
        sealed: sealed.collect(),
        open: vec![BALL_MACHINE.to_owned()],
        window_secs: SHORT,
        margin_secs: SHORT,
        closes_at: app.clock.now() + TimeDelta::seconds(200),
        chain: None,
        round: None,
    }
}

/// The secrets of those whose bit is set.
fn reveals(brings: u8, is_right: bool) -> Reveals {
    let brought = CONTRIBUTORS
        .iter()
        .enumerate()
        .filter(|(place, _)| brings & (1 << place) != 0)
        .map(|(_, (name, secret))| {
            let secret = if is_right { *secret } else { [9; 32] };
            ((*name).to_owned(), secret)
        });
    Reveals {
        sealed: brought.collect(),
        open: vec![(BALL_MACHINE.to_owned(), "374478".to_owned())],
    }
}

async fn action(app: &App, what: What) -> Action {
    let draw = newest_id(app).await;
    match what {
        What::Freeze => Action::FreezePeriod {
            period: PERIOD.to_owned(),
        },
        What::Announce => Action::AnnounceDraw {
            terms: terms(app, &draw),
            draw,
        },
        What::Void => Action::VoidDraw {
            draw,
            reason: "the hall was flooded".to_owned(),
        },
        What::Trust => Action::ChangeTrust,
        What::Amend => Action::AmendResult {
            drops: first_holder(app, &draw).await,
            draw,
        },
    }
}

/// Whoever holds the first place of a draw, if it has a result.
async fn first_holder(app: &App, draw: &str) -> Vec<Dropping> {
    let (db, city) = (&app.db, app.city);
    let places = store::placements::list(db, city, draw, "individual").await;
    let mut holder = None;
    for place in places.expect("places") {
        let row = store::applications::find_by_code(db, city, &place.code).await;
        let status = row.expect("read").expect("an application").status;
        if holder.is_none() && status == application::Status::Allocated {
            holder = Some(Dropping {
                category: place.category,
                code: place.code,
                reason: "申请材料不实".to_owned(),
            });
        }
    }
    holder.into_iter().collect()
}

async fn decide(app: &App, officer: &str, how: How) -> Result<()> {
    let mut rows = approval::Entity::find().all(&app.db).await.expect("rows");
    rows.sort_by_key(|row| row.proposed_at);
    let Some(newest) = rows.last() else {
        return Ok(());
    };
    let officer = sign_in(app, officer).await;
    let mut digest = digest_of(newest);
    match how {
        How::Approve => {}
        How::ApproveUnread => digest[0] ^= 1,
        How::ApproveStale => digest = digest_of(&rows[0]),
        How::Refuse => {
            return approvals::refuse(app, &officer.approver(), newest.id)
                .await
                .map(drop);
        }
        How::Withdraw => {
            return approvals::withdraw(app, &officer, newest.id)
                .await
                .map(drop);
        }
    }
    let decided = approvals::approve(app, &officer.approver(), newest.id, digest).await;
    decided.map(drop)
}
