//! The buckets of published results, in the Redis that nodes share.
//!
//! They are written before a result is opened, so that nobody finds them cold, and again when Redis
//! has lost them. Nothing depends on them but how fast a node without the index answers.

use std::{collections::BTreeSet, path::Path, sync::Arc, time::Duration};

use tokio::sync::mpsc;
use verifier::text::Digest;

use super::{files, result::open_file};
use crate::{
    app::App,
    cache::{Key, Shared},
    ids,
    index::{self, Bucket, Buckets, Built, Index, Published},
};

/// How long the buckets stay without being written again; longer than a period.
const KEEP: Duration = Duration::from_hours(100 * 24);

/// How long one node may take to write them before another may try. Where Redis has no room for all of
/// them and throws some away, they are written no more often than this.
const LEASE: Duration = Duration::from_secs(30);

/// Buckets that are written or read at once: about half a MiB.
const TOGETHER: usize = 256;

/// Buckets of which it is looked each second whether they are there. Where one of three masters of a
/// cluster has lost its part, they are all elsewhere once in six hundred times.
const LOOKED_AFTER: u32 = 16;

/// Writes the buckets of a result that is about to be opened.
pub(super) async fn spread(app: &App, draw: &str, result: Digest, built: Built) {
    let published = Arc::new(Published {
        epoch: 0,
        period: String::new(),
        draw: draw.to_owned(),
        result,
        sha256: built.sha256,
        bytes: built.bytes,
    });
    if let Some(shared) = app.cache.shared() {
        write(app, shared, &published, None).await;
    }
}

/// Writes the buckets of the newest result again, where Redis has lost them.
pub(super) async fn keep(app: &App) {
    let Some(shared) = app.cache.shared() else {
        return;
    };
    let Some(newest) = app.results.newest() else {
        return;
    };
    let key = Key::buckets(app.city, newest.published.sha256);
    if shared.get(&key).await.is_none() || has_lost_some(app, shared, &newest.published).await {
        write(app, shared, &newest.published, newest.index).await;
    }
}

/// Whether buckets are missing although all were written: of the servers of a cluster each can lose
/// its own.
async fn has_lost_some(app: &App, shared: &Shared, published: &Published) -> bool {
    let all = index::count(published.bytes);
    let some = if all <= LOOKED_AFTER {
        (0..all).collect()
    } else {
        // Others each time.
        let random: [u32; LOOKED_AFTER as usize] =
            std::array::from_fn(|_| u32::from_le_bytes(ids::random()) % all);
        BTreeSet::from(random)
    };
    let keys = some
        .into_iter()
        .map(|number| Key::bucket(app.city, published.sha256, number));
    let keys: Vec<_> = keys.collect();
    let there = shared.count(&keys).await;
    there.is_some_and(|there| there < keys.len())
}

/// Writes all buckets, unless another node does it.
async fn write(app: &App, shared: &Shared, published: &Arc<Published>, index: Option<Arc<Index>>) {
    let lease = Key::buckets_lease(app.city, published.sha256);
    if shared.lease(&lease, LEASE).await != Some(true) {
        return;
    }
    let index = match index {
        Some(index) => index,
        None => match open_file(app, published).await {
            Ok(Ok(index)) => Arc::new(index),
            // Whoever has the index in memory writes them.
            Ok(Err(_)) | Err(_) => return,
        },
    };
    let (city, sha256) = (app.city, published.sha256);
    let (sender, mut chunks) = mpsc::channel(2);
    let cutting = tokio::task::spawn_blocking(move || {
        let mut buckets = Buckets::of(&index)
            .map(|(number, bytes)| (Key::bucket(city, sha256, number), bytes))
            .peekable();
        while buckets.peek().is_some() {
            let chunk: Vec<_> = buckets.by_ref().take(TOGETHER).collect();
            if sender.blocking_send(chunk).is_err() {
                break;
            }
        }
    });
    let mut is_whole = true;
    while let Some(chunk) = chunks.recv().await {
        is_whole = shared.put_all(&chunk, KEEP).await;
        if !is_whole {
            break;
        }
    }
    drop(chunks);
    if cutting.await.is_ok() && is_whole {
        let key = Key::buckets(city, sha256);
        shared.put(&key, b"whole", KEEP).await;
        let draw = &published.draw;
        tracing::info!(draw, "the buckets of draw {draw} are in Redis");
    }
}

/// The index of a publication, made of the buckets that another node has written.
pub(super) async fn gather(app: &App, published: &Arc<Published>) -> Option<Index> {
    let shared = app.cache.shared().filter(|_| app.tier.asks_redis())?;
    shared
        .get(&Key::buckets(app.city, published.sha256))
        .await?;
    let numbers: Vec<_> = (0..index::count(published.bytes)).collect();
    let mut buckets = Vec::with_capacity(numbers.len());
    for chunk in numbers.chunks(TOGETHER) {
        let keys = chunk
            .iter()
            .map(|number| Key::bucket(app.city, published.sha256, *number));
        let keys: Vec<_> = keys.collect();
        for value in shared.get_all(&keys).await? {
            buckets.push(value?);
        }
    }
    let (path, published) = (app.layout.index(&published.draw), Arc::clone(published));
    let root = app.layout.root().to_owned();
    let making = tokio::task::spawn_blocking(move || {
        let buckets: Result<Vec<_>, _> = buckets.into_iter().map(Bucket::read).collect();
        let bytes = index::assemble(&buckets.ok()?).ok()?;
        let Published {
            draw,
            result,
            sha256,
            ..
        } = &*published;
        let index = Index::believe(bytes, draw, *result, *sha256).ok()?;
        if let Err(cause) = keep_file(&root, &path, &index) {
            // It is in memory; the next start takes it from Redis again.
            tracing::warn!(
                draw,
                "the index of draw {draw} is not kept on the disk: {cause}"
            );
        }
        Some(index)
    });
    making.await.ok().flatten()
}

fn keep_file(root: &Path, path: &Path, index: &Index) -> anyhow::Result<()> {
    files::make_folder(root, path.parent().unwrap_or(root))?;
    files::write_durably(path, index.bytes())
}
