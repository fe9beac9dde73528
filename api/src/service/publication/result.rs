//! Opening a result to whoever asks: its index, and the epoch that every node follows.

use std::{fs, path::Path, sync::Arc, time::Duration};

use ::entity::{draw, publication, record};
use anyhow::Context as _;
use verifier::{
    note::Note,
    record::{Announce, Record},
    text::Digest,
};

use super::{files, folder, pool_name};
use crate::{
    app::App,
    error::{Error, Result},
    index::{self, Built, Index, Opened, Source},
    service::log,
    store,
};

/// How often a node looks for a new publication. It answers from one at most this long, and the
/// time to read its index, after it was committed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Publications that a node reads when it starts; what is older is answered from the database.
const NEWEST: u64 = 4;

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
        let built = build(app, &row.id, log::digest(&result.hash)?).await?;
        note(app, row, result.hash, built).await?;
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

/// Builds a draw's index from its public files, and puts it in its place.
async fn build(app: &App, draw: &str, result: Digest) -> Result<Built> {
    let announce = announce(app, draw).await?;
    let mut categories = Vec::new();
    for pool in store::draws::list_pools(&app.db, app.city, draw).await? {
        let file = app.layout.draw(draw).join(pool_name(&pool.category));
        let outcome = folder::outcome(app, &pool).await?;
        categories.push((pool.category, file, outcome));
    }
    let place = app.layout.index(draw);
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
        fs::create_dir_all(place.parent().unwrap_or(Path::new(".")))?;
        files::make_durably(&place, |path| Ok(index::build(path, &source)?))
    });
    building
        .await
        .map_err(Error::internal)?
        .with_context(|| format!("building the index of draw {draw}"))
        .map_err(Error::internal)
}

async fn announce(app: &App, draw: &str) -> Result<Announce> {
    let row = store::records::find(&app.db, app.city, draw, record::Kind::Announce).await?;
    let row = row.ok_or_else(|| Error::not_found("announce record of draw", draw))?;
    let note = Note::parse(row.note.as_bytes()).map_err(Error::internal)?;
    match Record::parse(&note.text).map_err(Error::internal)? {
        Record::Announce(announce) => Ok(announce),
        _ => Err(Error::internal(anyhow::anyhow!(
            "the announce record of draw {draw} is another record"
        ))),
    }
}

/// Reads every publication that this node does not answer from yet, oldest first.
///
/// # Errors
///
/// What kept an index from being read or built again; the node goes on answering from what it has,
/// and from the database.
pub async fn catch_up(app: &App) -> Result<()> {
    let known = app.results.epoch();
    let mut newer = store::publications::list_after(&app.db, app.city, known, NEWEST).await?;
    app.standing
        .published(newer.first().map_or(known, |row| row.epoch));
    newer.reverse();
    for row in newer {
        let opened = Opened {
            epoch: row.epoch,
            period: row.period_number.clone(),
            index: Arc::new(read(app, &row).await?),
        };
        app.results.add(opened);
    }
    app.standing.caught_up();
    Ok(())
}

/// The index of a publication: from its file, or built again where the file is lost or not what was
/// published.
async fn read(app: &App, row: &publication::Model) -> Result<Index> {
    let cause = match open_file(app, row).await? {
        Ok(index) => return Ok(index),
        Err(cause) => cause,
    };
    tracing::info!(
        draw = row.draw_id,
        "the result index of draw {} is built again: {cause}",
        row.draw_id
    );
    let draw = store::draws::get(&app.db, app.city, &row.draw_id).await?;
    super::publish_files(app, "refresh", &draw).await?;
    let built = build(app, &row.draw_id, log::digest(&row.result_hash)?).await?;
    if built.sha256.0[..] != row.index_sha256[..] {
        return Err(Error::internal(anyhow::anyhow!(
            "the index of draw {} was built again with the digest {}, which is not the published one",
            row.draw_id,
            built.sha256
        )));
    }
    open_file(app, row).await?.map_err(Error::internal)
}

async fn open_file(
    app: &App,
    row: &publication::Model,
) -> Result<Result<Index, index::IndexError>> {
    let (path, draw) = (app.layout.index(&row.draw_id), row.draw_id.clone());
    let (result, sha256) = (
        log::digest(&row.result_hash)?,
        log::digest(&row.index_sha256)?,
    );
    tokio::task::spawn_blocking(move || Index::open(&path, &draw, result, sha256))
        .await
        .map_err(Error::internal)
}

/// Follows the city's publications until `stop` is ready, whichever node makes them.
pub async fn follow(app: &App, stop: impl Future<Output = ()>) {
    let mut stop = std::pin::pin!(stop);
    loop {
        if let Err(error) = catch_up(app).await {
            tracing::error!(
                error = format!("{error:#}"),
                "the newest result is answered from the database: {error:#}"
            );
        }
        app.standing.looked();
        tokio::select! {
            () = &mut stop => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}
