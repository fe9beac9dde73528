//! What anybody may ask of a published period.

use ::entity::{draw, period, placement};
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    cache::Key,
    domain::code::ApplicationCode,
    error::{Error, Result},
    store,
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
    let period = store::periods::get(&app.db, app.city, number).await?;
    if period.phase != period::Phase::Published {
        return Ok(Answer::NotPublished);
    }
    let key = Key::result(app.city, number, code);
    if let Some(answer) = app.cache.get(&key).await {
        return Ok(answer);
    }
    let answer = look_up(app, number, code).await?;
    app.cache.put(&key, &answer).await;
    Ok(answer)
}

async fn look_up(app: &App, number: &str, code: &str) -> Result<Answer> {
    let Some(draw) = counting_draw(app, number).await? else {
        return Ok(Answer::NotPublished);
    };
    for pool in store::draws::list_pools(&app.db, app.city, &draw.id).await? {
        let found = store::pools::find(&app.db, app.city, &draw.id, &pool.category, code).await?;
        let Some(entry) = found else { continue };
        let entered = Entered {
            draw: draw.id.clone(),
            category: pool.category.clone(),
            weight: entry.weight,
        };
        let place =
            store::placements::find(&app.db, app.city, &draw.id, &pool.category, code).await?;
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

/// The finished draw of a period.
pub async fn counting_draw(app: &App, number: &str) -> Result<Option<draw::Model>> {
    let draws =
        store::draws::list_of_period(&app.db, app.city, number, draw::Purpose::Allocation).await?;
    Ok(draws
        .into_iter()
        .find(|draw| draw.phase == draw::Phase::Finished))
}

/// A result, in the order of its file: winners first, then reserves.
pub async fn list_places(app: &App, draw: &str, category: &str) -> Result<Vec<placement::Model>> {
    store::placements::list(&app.db, app.city, draw, category).await
}
