//! What anybody may ask of a published period.

use std::collections::HashMap;

use ::entity::{placement, publication};
use futures_util::future::join_all;
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
        return one(app, &published(&row)?, code).await;
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
        return one(app, &published(&row)?, code).await;
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

/// What somebody asks the result of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Named<'a> {
    /// A period, by its number: the answer may still come.
    Period(&'a str),
    /// A draw, by its public id: the answer stays.
    Draw(&'a str),
}

impl<'a> Named<'a> {
    /// The number or the id.
    #[must_use]
    pub fn name(self) -> &'a str {
        match self {
            Self::Period(name) | Self::Draw(name) => name,
        }
    }

    fn opened(self, app: &App) -> Option<Opened> {
        match self {
            Self::Period(number) => app.results.find(number),
            Self::Draw(draw) => app.results.find_of_draw(draw),
        }
    }
}

/// Whether the result is published, as this node knows, and not in its memory; and the code can be
/// one.
#[must_use]
pub fn is_elsewhere(app: &App, named: Named<'_>, code: &str) -> bool {
    let opened = named.opened(app);
    opened.is_some_and(|opened| opened.index.is_none()) && require_code(code).is_ok()
}

/// What became of several codes whose answers are elsewhere, as [`is_elsewhere`] says of each, in their
/// order.
///
/// # Errors
///
/// [`Error::NotFound`] where that is not published.
pub async fn find_together(app: &App, named: Named<'_>, codes: &[&str]) -> Result<Vec<Answer>> {
    match named.opened(app) {
        Some(opened) => elsewhere(app, &opened.published, codes).await,
        None => Err(Error::not_found("published result", named.name())),
    }
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
        None => one(app, &opened.published, code).await,
    }
}

/// The answer for one code, from elsewhere.
async fn one(app: &App, published: &Published, code: &str) -> Result<Answer> {
    let answer = elsewhere(app, published, &[code]).await?.pop();
    answer.ok_or_else(|| Error::internal(anyhow::anyhow!("a look-up has no answer")))
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

/// The answers of a published result that is not in memory, in the order of the codes: from the
/// buckets that nodes share, or from the database.
async fn elsewhere(app: &App, published: &Published, codes: &[&str]) -> Result<Vec<Answer>> {
    let kept = codes.iter().map(|code| from_redis(app, published, code));
    let mut answers = join_all(kept).await;
    let with_none = answers
        .iter()
        .zip(codes)
        .filter(|(answer, _)| answer.is_none());
    let missing: Vec<&str> = with_none.map(|(_, code)| *code).collect();
    if !missing.is_empty() {
        let found = look_up(app, &published.draw, &missing).await?;
        app.telemetry
            .metrics
            .look_ups
            .get(Source::Database)
            .inc_by(missing.len() as u64);
        let keep = missing.iter().zip(&found).map(async |(code, answer)| {
            if app.tier != Tier::Database {
                let key = Key::result(app.city, &published.period, code);
                app.cache.put(&key, answer).await;
            }
        });
        join_all(keep).await;
        let places = answers.iter_mut().filter(|answer| answer.is_none());
        for (place, answer) in places.zip(found) {
            *place = Some(answer);
        }
    }
    Ok(answers.into_iter().flatten().collect())
}

/// The answer that Redis has, in a bucket or by itself, if this node asks there.
async fn from_redis(app: &App, published: &Published, code: &str) -> Option<Answer> {
    if app.tier == Tier::Database {
        return None;
    }
    let reading = from_bucket(app, published, code);
    if let Some(answer) = app.telemetry.traces.within("cache", reading).await {
        answered_by(app, Source::Redis);
        return Some(answer);
    }
    let key = Key::result(app.city, &published.period, code);
    app.cache.get(&key).await
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

/// What the database has of these codes, in their order: two statements a pool, however many they are.
async fn look_up(app: &App, draw: &str, codes: &[&str]) -> Result<Vec<Answer>> {
    let (db, city) = (&app.db, app.city);
    let mut found = HashMap::new();
    for pool in store::draws::list_pools(db, city, draw).await? {
        let left = codes.iter().filter(|code| !found.contains_key(**code));
        let left: Vec<&str> = left.copied().collect();
        if left.is_empty() {
            break;
        }
        let category = &pool.category;
        let entries = store::pools::list_of_codes(db, city, draw, category, &left).await?;
        let entered: Vec<&str> = entries.iter().map(|entry| entry.code.as_str()).collect();
        let places = if entered.is_empty() {
            Vec::new()
        } else {
            store::placements::list_of_codes(db, city, draw, category, &entered).await?
        };
        for entry in entries {
            let place = places.iter().find(|place| place.code == entry.code);
            let entered = Entered {
                draw: draw.to_owned(),
                category: category.clone(),
                weight: entry.weight,
            };
            let answer = match place {
                None => Answer::NotSelected(entered),
                Some(place) if place.is_winner => Answer::Won(placed(entered, place)?),
                Some(place) => Answer::Reserve(placed(entered, place)?),
            };
            found.insert(entry.code, answer);
        }
    }
    let answer = |code: &&str| found.get(*code).cloned().unwrap_or(Answer::NotInPool);
    Ok(codes.iter().map(answer).collect())
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
