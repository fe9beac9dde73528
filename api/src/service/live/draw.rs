//! A draw, followed.
//!
//! What is told follows from the public records alone: a record counts from the moment at which its
//! witnesses have cosigned it and its file lies in the public folder of this node.

mod position;
mod standing;

use std::{collections::HashMap, sync::Arc, sync::Mutex};

use futures_util::{Stream, stream};
use moka::future::Cache;
use tokio::{sync::watch, time::Instant};

pub use position::{Happened, Position, WINNERS_MAX};
pub(in crate::service) use standing::list_public;
pub use standing::{Announced, Standing, Step};

use super::{Live, lock, rest};
use crate::{
    error::{Error, Result},
    store,
};

/// Pages of winners that are kept for the next who asks.
const PAGES_KEPT: u64 = 256;

/// One winner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The place, from 1.
    pub rank: i64,
    /// The application code.
    pub code: String,
}

/// Category and rank before a page, of a draw.
type PageKey = (String, String, u64);

/// The draws that somebody on this node follows.
pub(super) struct Draws {
    followed: Mutex<HashMap<String, Arc<watch::Sender<Arc<Standing>>>>>,
    pages: Cache<PageKey, Arc<[Place]>>,
}

impl Default for Draws {
    fn default() -> Self {
        Self {
            followed: Mutex::default(),
            pages: Cache::new(PAGES_KEPT),
        }
    }
}

/// Something that happened in a draw.
#[derive(Clone)]
pub struct DrawEvent {
    /// Where it stands among all that happens in the draw.
    pub position: Position,
    /// What is public of the draw.
    pub standing: Arc<Standing>,
    /// What happened.
    pub happened: Happened,
    /// The winners told of, where it tells of winners.
    pub places: Arc<[Place]>,
}

impl Live {
    /// Follows a draw: without `after`, from where it stands now; with it, from the first event
    /// behind that position. At most `winners` codes of each category are told. The stream ends with
    /// the draw.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for a draw that does not exist.
    pub async fn follow_draw(
        self: &Arc<Self>,
        id: &str,
        after: Option<Position>,
        winners: u64,
    ) -> Result<impl Stream<Item = Result<DrawEvent>> + Send + use<>> {
        let following = Following {
            live: Arc::clone(self),
            news: Box::pin(self.listen_to_draw(id)).await?,
            after,
            winners,
        };
        Ok(stream::unfold(Some(following), |following| async {
            let mut following = following?;
            match following.next().await {
                Ok(event) => event.map(|event| (Ok(event), Some(following))),
                Err(error) => Some((Err(error), None)),
            }
        }))
    }

    async fn listen_to_draw(self: &Arc<Self>, id: &str) -> Result<watch::Receiver<Arc<Standing>>> {
        if let Some(told) = lock(&self.draws.followed).get(id) {
            return Ok(told.subscribe());
        }
        let standing = standing::read(&self.app, id, None).await?;
        let mut followed = lock(&self.draws.followed);
        if let Some(told) = followed.get(id) {
            return Ok(told.subscribe());
        }
        let (told, news) = watch::channel(standing);
        let told = Arc::new(told);
        followed.insert(id.to_owned(), Arc::clone(&told));
        tokio::spawn(Arc::clone(self).watch_draw(id.to_owned(), told));
        Ok(news)
    }

    /// Looks at a draw until nobody follows it any more.
    async fn watch_draw(self: Arc<Self>, id: String, told: Arc<watch::Sender<Arc<Standing>>>) {
        let mut listening = self.app.bell.listen();
        loop {
            let known = Arc::clone(&told.borrow());
            if known.is_over() {
                told.closed().await;
            }
            let began = Instant::now();
            {
                let mut followed = lock(&self.draws.followed);
                if told.receiver_count() == 0 {
                    followed.remove(&id);
                    return;
                }
            }
            match standing::read(&self.app, &id, Some(&known)).await {
                Ok(standing) if Arc::ptr_eq(&standing, &known) => {}
                Ok(standing) => drop(told.send_replace(standing)),
                Err(error) => {
                    tracing::warn!(draw = %id, "the draw {id} could not be looked at: {error}");
                }
            }
            tokio::select! {
                () = rest(&mut listening, began.elapsed()) => {}
                () = told.closed() => {}
            }
        }
    }

    /// The winners of a category with these ranks.
    async fn list_winners(
        &self,
        draw: &str,
        category: &str,
        after: u64,
        until: u64,
    ) -> Result<Arc<[Place]>> {
        let key = (draw.to_owned(), category.to_owned(), after);
        let reading = async {
            let _turn = self.reading.acquire().await.map_err(Error::internal)?;
            let after = i64::try_from(after).map_err(Error::internal)?;
            let (db, city) = (&self.app.db, self.app.city);
            let rows =
                store::placements::list_winners(db, city, draw, category, after, position::PAGE)
                    .await?;
            let places = rows.into_iter().map(|(rank, code)| Place { rank, code });
            Ok::<_, Error>(places.collect())
        };
        let page = self.draws.pages.try_get_with(key, reading).await;
        let page: Arc<[Place]> =
            page.map_err(|cause: Arc<Error>| Error::internal(anyhow::anyhow!("{cause:?}")))?;
        let wanted = usize::try_from(until - after).map_err(Error::internal)?;
        Ok(page.get(..wanted).map_or(Arc::clone(&page), Arc::from))
    }
}

/// Somebody who follows a draw.
struct Following {
    live: Arc<Live>,
    news: watch::Receiver<Arc<Standing>>,
    after: Option<Position>,
    winners: u64,
}

impl Following {
    /// The next event; none when the draw is over.
    async fn next(&mut self) -> Result<Option<DrawEvent>> {
        loop {
            let standing = Arc::clone(&self.news.borrow_and_update());
            if let Some((position, happened)) = position::next(&standing, self.after, self.winners)
            {
                // In a box, so that who waits keeps no room for it.
                let places = Box::pin(self.places(&standing, happened)).await?;
                self.after = Some(position);
                return Ok(Some(DrawEvent {
                    position,
                    standing,
                    happened,
                    places,
                }));
            }
            if standing.is_over() || self.news.changed().await.is_err() {
                return Ok(None);
            }
        }
    }

    async fn places(&self, standing: &Standing, happened: Happened) -> Result<Arc<[Place]>> {
        let Happened::Winners {
            category,
            after,
            until,
        } = happened
        else {
            return Ok(Arc::default());
        };
        let outcome = standing
            .result
            .as_ref()
            .and_then(|result| result.outcomes.get(category));
        match outcome {
            Some(outcome) if after < until => {
                let draw = &standing.row.id;
                self.live
                    .list_winners(draw, &outcome.category, after, until)
                    .await
            }
            _ => Ok(Arc::default()),
        }
    }
}
