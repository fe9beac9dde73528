//! What anybody may ask of a published period.

use ::entity::placement;
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    cache::Key,
    domain::code::ApplicationCode,
    error::{Error, Result},
    index::Index,
    store,
    telemetry::Tier,
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
    code.parse::<ApplicationCode>()
        .map_err(|cause| Error::invalid("code", cause))?;
    let found = &app.telemetry.metrics.look_ups;
    if let Some(index) = app.results.find(number) {
        found.get(Tier::Local).inc();
        return Ok(from_index(&index, code));
    }
    let publication = store::publications::find_of_period(&app.db, app.city, number).await?;
    let Some(publication) = publication else {
        store::periods::get(&app.db, app.city, number).await?;
        found.get(Tier::Database).inc();
        return Ok(Answer::NotPublished);
    };
    let key = Key::result(app.city, number, code);
    if let Some(answer) = app
        .telemetry
        .traces
        .within("cache", app.cache.get(&key))
        .await
    {
        return Ok(answer);
    }
    let answer = look_up(app, &publication.draw_id, code).await?;
    found.get(Tier::Database).inc();
    app.cache.put(&key, &answer).await;
    Ok(answer)
}

/// The answer of a published result that is in memory; no statement runs.
fn from_index(index: &Index, code: &str) -> Answer {
    let Some(entry) = index.look_up(code) else {
        return Answer::NotInPool;
    };
    let entered = Entered {
        draw: index.draw().to_owned(),
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
