//! Opening a result to whoever asks: its index, and the epoch that every node follows.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use ::entity::{draw, publication, record};
use anyhow::Context as _;
use tokio::sync::Notify;
use verifier::text::Digest;

use super::{buckets, files, folder, pool_name};
use crate::{
    app::App,
    cache::Key,
    error::{Error, Result},
    index::{self, Built, Index, Opened, Published, Source},
    service::{log, results, rules},
    store,
};

/// How often a node looks for a new publication. It answers from one at most this long, and the
/// time to read its index, after it was committed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long a node leaves an index alone that it has built and that was not the published one. To build
/// a large one takes seconds, and the next try gives the same.
const BUILD_AGAIN: Duration = Duration::from_mins(1);

/// Indexes that a node reads when it starts; what is older is answered from elsewhere.
const NEWEST: usize = 4;

/// Opens a draw's result, when it has one and everything of it is public. Says whether it is open.
///
/// The index is a function of the public files, so that every node that builds it gets the digest
/// that the first one wrote down.
pub(super) async fn open(app: &App, row: &draw::Model) -> Result<bool> {
    if row.purpose != draw::Purpose::Allocation {
        return Ok(false);
    }
    let found = store::records::find(&app.db, app.city, &row.id, record::Kind::Result).await?;
    let Some(result) = found else {
        return Ok(false);
    };
    let head = super::newest_checkpoint(app).await?;
    if head.is_none_or(|head| head.size <= result.log_index) {
        return Ok(false);
    }
    if store::publications::find_of_draw(&app.db, app.city, &row.id)
        .await?
        .is_none()
    {
        let built = build(app, &row.id, log::digest(&result.hash)?, None).await?;
        buckets::spread(app, &row.id, log::digest(&result.hash)?, built).await;
        note(app, row, result.hash, built).await?;
        if let Some(shared) = app.cache.shared() {
            shared.ring(&Key::news(app.city)).await;
        }
    }
    catch_up(app).await?;
    Ok(true)
}

/// The one transaction that makes a result public to ask for.
async fn note(app: &App, row: &draw::Model, result_hash: Vec<u8>, built: Built) -> Result<()> {
    let txn = store::begin(&app.db).await?;
    store::cities::lock(&txn, app.city).await?;
    let there = store::publications::find_of_draw(&txn, app.city, &row.id).await?;
    if there.is_some() {
        // Another node was faster, with the same files.
        return Ok(txn.rollback().await?);
    }
    let epoch = store::publications::find_epoch(&txn, app.city).await? + 1;
    let publication = publication::Model {
        city_id: app.city,
        epoch,
        draw_id: row.id.clone(),
        period_number: row.period_number.clone(),
        result_hash,
        index_sha256: built.sha256.0.to_vec(),
        index_bytes: i64::try_from(built.bytes).map_err(Error::internal)?,
        published_at: app.clock.now(),
    };
    store::publications::insert(&txn, publication).await?;
    Ok(txn.commit().await?)
}

/// An index that came out as another one than was published.
#[derive(Debug, thiserror::Error)]
#[error("the index has come out with the digest {0}, which is not the published one")]
struct Misbuilt(Digest);

/// Builds a draw's index from its public files, and puts it in its place; one that does not come out as
/// the expected one is not put there.
async fn build(app: &App, draw: &str, result: Digest, expected: Option<Digest>) -> Result<Built> {
    let (announce, _) = log::announced(&app.db, app, draw).await?;
    let mut categories = Vec::new();
    for pool in store::draws::list_pools(&app.db, app.city, draw).await? {
        let file = app.layout.draw(draw).join(pool_name(&pool.category));
        let outcome = folder::outcome(&app.db, app, &pool).await?;
        categories.push((pool.category, file, outcome));
    }
    let (place, root) = (app.layout.index(draw), app.layout.root().to_owned());
    let building = tokio::task::spawn_blocking(move || -> anyhow::Result<Built> {
        // In the order of the record, whatever the order of the rows.
        let mut ordered = Vec::new();
        for line in &announce.pools {
            let at = categories
                .iter()
                .position(|(name, ..)| *name == line.category);
            let (_, file, outcome) = categories.swap_remove(at.context("a pool without a row")?);
            ordered.push((file, outcome));
        }
        let source = Source {
            announce: &announce,
            result,
            categories: ordered,
        };
        files::make_folder(&root, place.parent().unwrap_or(&root))?;
        files::make_durably(&place, |path| {
            let built = index::build(path, &source)?;
            match expected {
                Some(expected) if expected != built.sha256 => Err(Misbuilt(built.sha256).into()),
                _ => Ok(built),
            }
        })
    });
    building
        .await
        .map_err(Error::internal)?
        .with_context(|| format!("building the index of draw {draw}"))
        .map_err(files::unwritten)
}

/// Learns of every publication that this node does not know yet, oldest first, and reads the indexes
/// of the newest.
///
/// # Errors
///
/// What kept an index from being read or built again; the node goes on answering from what it has,
/// and from the database.
pub async fn catch_up(app: &App) -> Result<()> {
    let (known, looked) = (app.results.epoch(), Instant::now());
    let newer = store::publications::list_after(&app.db, app.city, known).await?;
    app.standing
        .published(newer.first().map_or(known, |row| row.epoch));
    for (place, row) in newer.iter().enumerate().rev() {
        let published = Arc::new(results::published(row)?);
        let is_kept = app.tier.keeps_index() && place < NEWEST;
        let index = if is_kept {
            Some(Arc::new(read(app, &published).await?))
        } else {
            None
        };
        app.results.add(Opened { published, index });
    }
    app.results.looked(looked);
    app.standing.caught_up();
    Ok(())
}

/// The index of a publication: from its file, from the buckets that nodes share where the file is lost
/// or not what was published, or built again.
///
/// # Errors
///
/// [`Error::Internal`] where the published index is one that this version cannot read or make: another
/// version has published it. Its file is left alone.
async fn read(app: &App, published: &Arc<Published>) -> Result<Index> {
    let cause = match open_file(app, published).await? {
        Ok(index) => return Ok(index),
        Err(cause) if cause.is_of_the_published_file() => return Err(Error::internal(cause)),
        Err(cause) => cause,
    };
    let draw = &published.draw;
    if let Some(since) = app.standing.misbuilt(&published.sha256)
        && since.elapsed() < BUILD_AGAIN
    {
        return Err(Error::internal(cause));
    }
    tracing::info!(
        draw,
        "the result index of draw {draw} is made again: {cause}"
    );
    if let Some(index) = buckets::gather(app, published).await {
        return Ok(index);
    }
    let row = store::draws::get(&app.db, app.city, draw).await?;
    super::publish_files(app, "refresh", &row).await?;
    let built = build(app, draw, published.result, Some(published.sha256)).await;
    if let Err(Error::Internal(cause)) = &built
        && cause.is::<Misbuilt>()
    {
        app.standing.has_misbuilt(published.sha256);
    }
    built?;
    open_file(app, published).await?.map_err(Error::internal)
}

/// Opens the file of an index.
pub(super) async fn open_file(
    app: &App,
    published: &Arc<Published>,
) -> Result<Result<Index, index::IndexError>> {
    let (path, published) = (app.layout.index(&published.draw), Arc::clone(published));
    tokio::task::spawn_blocking(move || {
        Index::open(&path, &published.draw, published.result, published.sha256)
    })
    .await
    .map_err(Error::internal)
}

/// Follows the city's publications until `stop` is ready, whichever node makes them.
///
/// A ring from the node that makes one only shortens the wait: what is published is what the
/// database says.
pub async fn follow(app: &App, stop: impl Future<Output = ()>) {
    let woken = Notify::new();
    tokio::select! {
        () = stop => {}
        () = look(app, &woken) => {}
        () = listen(app, &woken) => {}
    }
}

/// One turn of following: learns what is new, also of the rules, and sees that Redis has what it
/// should.
pub async fn follow_once(app: &App) {
    if let Err(error) = catch_up(app).await {
        tracing::error!(
            error = format!("{error:#}"),
            "the newest result is answered from the database: {error:#}"
        );
    }
    app.standing.looked();
    if let Err(error) = rules::follow(app).await {
        tracing::error!(
            error = format!("{error:#}"),
            "this node goes on under the rules that it knows, and changes nothing under others: {error:#}"
        );
    }
    buckets::keep(app).await;
}

async fn look(app: &App, woken: &Notify) {
    loop {
        follow_once(app).await;
        // Whether it was rung or is time makes no difference.
        drop(tokio::time::timeout(LOOK_EVERY, woken.notified()).await);
    }
}

async fn listen(app: &App, woken: &Notify) {
    let Some(shared) = app.cache.shared() else {
        return std::future::pending().await;
    };
    loop {
        shared
            .hear(&Key::news(app.city), || woken.notify_one())
            .await;
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
