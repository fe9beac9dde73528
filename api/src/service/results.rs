//! What anybody may ask of a published period.

use ::entity::{placement, publication};
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    cache::Key,
    config::Tier,
    domain::code::ApplicationCode,
    error::{Error, Result},
    index::{self, Bucket, Entry, Opened, Published},
    service::log,
    store,
    telemetry::{Outcome, Tier as Source},
};

/// What became of a code in a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// It won.
    Won(Placed),
    /// It is an ordered reserve.
    Reserve(Placed),
    /// It was in the pool and is neither.
    NotSelected(Entered),
    /// It was not in the pool.
    NotInPool,
    /// The result is not out yet.
    NotPublished,
}

/// Where a code was in the pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entered {
    /// The draw that counts.
    pub draw: String,
    /// The category.
    pub category: String,
    /// How many tickets it had.
    pub weight: i32,
}

/// Where a code was placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// Where it was in the pool.
    pub entered: Entered,
    /// Its place, winners first.
    pub rank: i64,
    /// The public number of the ticket that placed it.
    pub serial: i64,
    /// That ticket's score, 16 hex digits.
    pub score: String,
}

/// What became of a code in a period. Anybody may ask; the answer holds nothing that is not in the
/// published files.
///
/// # Errors
///
/// [`Error::NotFound`] for a period that does not exist; [`Error::InvalidInput`] for something
/// that cannot be an application code (a slip of the finger is told from a code that is not in
/// the pool).
pub async fn find(app: &App, number: &str, code: &str) -> Result<Answer> {
    require_code(code)?;
    if let Some(answer) = find_near(app, number, code) {
        return Ok(answer);
    }
    if let Some(opened) = app.results.find(number) {
        return of(app, &opened, code).await;
    }
    let publication = store::publications::find_of_period(&app.db, app.city, number).await?;
    if let Some(row) = publication {
        return elsewhere(app, &published(&row)?, code).await;
    }
    store::periods::get(&app.db, app.city, number).await?;
    app.results.wait_for(number);
    answered_by(app, Source::Database);
    Ok(Answer::NotPublished)
}

/// What became of a code in one draw, whose public id is given. The answer never changes once the
/// result is published.
///
/// # Errors
///
/// [`Error::NotFound`] for a draw that does not exist, and [`Error::InvalidInput`] as in [`find`].
pub async fn find_of_draw(app: &App, draw: &str, code: &str) -> Result<Answer> {
    require_code(code)?;
    if let Some(opened) = app.results.find_of_draw(draw) {
        return of(app, &opened, code).await;
    }
    let publication = store::publications::find_of_draw(&app.db, app.city, draw).await?;
    if let Some(row) = publication {
        return elsewhere(app, &published(&row)?, code).await;
    }
    store::draws::get(&app.db, app.city, draw).await?;
    answered_by(app, Source::Database);
    Ok(Answer::NotPublished)
}

fn require_code(code: &str) -> Result<()> {
    let parsed = code.parse::<ApplicationCode>();
    parsed
        .map(drop)
        .map_err(|cause| Error::invalid("code", cause))
}

/// The answer that this node knows without the database, and without waiting for anything: of a
/// published result that is in memory, or that a result is not out yet. Nothing where it does not know,
/// or where the code cannot be one.
#[must_use]
pub fn find_near(app: &App, number: &str, code: &str) -> Option<Answer> {
    match app.results.find(number) {
        Some(opened) => near(app, opened, code),
        None if app.results.is_waited_for(number) => {
            require_code(code).ok()?;
            answered_by(app, Source::Local);
            Some(Answer::NotPublished)
        }
        None => None,
    }
}

/// The same of one draw, whose public id is given.
#[must_use]
pub fn find_near_of_draw(app: &App, draw: &str, code: &str) -> Option<Answer> {
    near(app, app.results.find_of_draw(draw)?, code)
}

fn near(app: &App, opened: Opened, code: &str) -> Option<Answer> {
    let index = opened.index?;
    require_code(code).ok()?;
    answered_by(app, Source::Local);
    Some(answer(index.draw(), index.look_up(code)))
}

/// Whether a period's result is published, as this node knows, and not in its memory.
#[must_use]
pub fn is_elsewhere(app: &App, number: &str) -> bool {
    let opened = app.results.find(number);
    opened.is_some_and(|opened| opened.index.is_none())
}

fn answered_by(app: &App, source: Source) {
    app.telemetry.metrics.look_ups.get(source).inc();
}

async fn of(app: &App, opened: &Opened, code: &str) -> Result<Answer> {
    match &opened.index {
        Some(index) => {
            answered_by(app, Source::Local);
            Ok(answer(index.draw(), index.look_up(code)))
        }
        None => elsewhere(app, &opened.published, code).await,
    }
}

/// A publication as nodes know it.
pub(super) fn published(row: &publication::Model) -> Result<Published> {
    Ok(Published {
        epoch: row.epoch,
        period: row.period_number.clone(),
        draw: row.draw_id.clone(),
        result: log::digest(&row.result_hash)?,
        sha256: log::digest(&row.index_sha256)?,
        bytes: u64::try_from(row.index_bytes).map_err(Error::internal)?,
    })
}

/// The answer of a published result that is not in memory: from the buckets that nodes share, or from
/// the database.
async fn elsewhere(app: &App, published: &Published, code: &str) -> Result<Answer> {
    if app.tier == Tier::Database {
        answered_by(app, Source::Database);
        return look_up(app, &published.draw, code).await;
    }
    let reading = from_bucket(app, published, code);
    if let Some(answer) = app.telemetry.traces.within("cache", reading).await {
        answered_by(app, Source::Redis);
        return Ok(answer);
    }
    let key = Key::result(app.city, &published.period, code);
    if let Some(answer) = app.cache.get(&key).await {
        return Ok(answer);
    }
    let answer = look_up(app, &published.draw, code).await?;
    answered_by(app, Source::Database);
    app.cache.put(&key, &answer).await;
    Ok(answer)
}

/// The answer of the bucket that the code falls to, if Redis has it in time.
async fn from_bucket(app: &App, published: &Published, code: &str) -> Option<Answer> {
    let shared = app.cache.shared().filter(|_| app.tier.asks_redis())?;
    let number = index::bucket_of(code, index::count(published.bytes));
    let key = Key::bucket(app.city, published.sha256, number);
    let read = shared.read(&key).await;
    let outcome = read
        .as_ref()
        .map_or_else(|outcome| *outcome, |_| Outcome::Hit);
    app.cache.reads.shared.get(outcome).inc();
    let bucket = Bucket::read(read.ok()?).ok()?;
    Some(answer(bucket.draw(), bucket.look_up(code)))
}

/// What an index says of a code. One that is not in it was not in the pool.
fn answer(draw: &str, entry: Option<Entry<'_>>) -> Answer {
    let Some(entry) = entry else {
        return Answer::NotInPool;
    };
    let entered = Entered {
        draw: draw.to_owned(),
        category: entry.category.to_owned(),
        weight: entry.weight.into(),
    };
    let Some(place) = entry.place else {
        return Answer::NotSelected(entered);
    };
    let placed = Placed {
        entered,
        rank: place.rank.into(),
        serial: place.serial.into(),
        score: format!("{:016x}", place.score),
    };
    if place.is_winner {
        Answer::Won(placed)
    } else {
        Answer::Reserve(placed)
    }
}

async fn look_up(app: &App, draw: &str, code: &str) -> Result<Answer> {
    for pool in store::draws::list_pools(&app.db, app.city, draw).await? {
        let found = store::pools::find(&app.db, app.city, draw, &pool.category, code).await?;
        let Some(entry) = found else { continue };
        let entered = Entered {
            draw: draw.to_owned(),
            category: pool.category.clone(),
            weight: entry.weight,
        };
        let place = store::placements::find(&app.db, app.city, draw, &pool.category, code).await?;
        return Ok(match place {
            None => Answer::NotSelected(entered),
            Some(place) if place.is_winner => Answer::Won(placed(entered, &place)?),
            Some(place) => Answer::Reserve(placed(entered, &place)?),
        });
    }
    Ok(Answer::NotInPool)
}

fn placed(entered: Entered, place: &placement::Model) -> Result<Placed> {
    let score = place.score[..].try_into().map_err(Error::internal)?;
    Ok(Placed {
        entered,
        rank: place.place_rank,
        serial: place.serial,
        score: format!("{:016x}", u64::from_be_bytes(score)),
    })
}

/// A result, in the order of its file: winners first, then reserves.
pub async fn list_places(app: &App, draw: &str, category: &str) -> Result<Vec<placement::Model>> {
    store::placements::list(&app.db, app.city, draw, category).await
}
