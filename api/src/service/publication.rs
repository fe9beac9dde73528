//! Public files, derived from records.
//!
//! [`publish`] is the one function that writes them, after success and after a crash alike; running
//! it twice gives the same bytes. A draw's folder is put together in the staging folder, verified
//! there with the public's own verifier, and only then moved, file by file.

mod buckets;
mod files;
mod folder;
mod result;
mod staging;
pub(in crate::service) mod timely;
pub mod published;

pub(in crate::service) use folder::{file_stem, outcome};
pub use result::{catch_up, follow, follow_once};
pub use staging::clear as clear_staging;

use std::{collections::BTreeSet, fs, path::Path};

use ::entity::{checkpoint, draw};
use anyhow::Context as _;
use verifier::{
    Options, Report, Verdict, log::tiles, note::Note, record::Record, trust::TrustPolicy,
    verify_folder,
};

use crate::{
    app::{App, Stage},
    error::{Error, Result},
    service::{log, trust::Policies},
    store,
};

/// Name of a category's pool file.
#[must_use]
pub fn pool_name(category: &str) -> String {
    format!("pool-{category}.csv")
}

/// Name of a category's result file.
#[must_use]
pub fn result_name(category: &str) -> String {
    format!("result-{category}.csv")
}

/// Brings everything public that the records say of a draw, and the log; then its result may be
/// asked for.
///
/// # Errors
///
/// [`Error::TooLate`] if witnesses saw a record of it too late for it to count; the log alone is
/// published then. [`Error::Internal`] if the verifier refutes what would be published; nothing is
/// published then.
pub async fn publish(app: &App, step: &'static str, id: &str) -> Result<()> {
    let row = store::draws::get(&app.db, app.city, id).await?;
    publish_files(app, step, &row).await?;
    if result::open(app, &row).await? {
        app.reached(step, Stage::ResultOpened);
    }
    Ok(())
}

async fn publish_files(app: &App, step: &'static str, row: &draw::Model) -> Result<()> {
    publish_trust(app).await?;
    if let Err(late) = timely::require(app, &app.db, row).await {
        publish_log(app).await?;
        return Err(late);
    }
    let folder = folder::stage(app, row).await?;
    let policies = Policies::of(app, &app.db).await?;
    let report = verify(app, &policies, folder.place.path(), Options::default()).await?;
    require_publishable(&policies, row, folder.has_ended, &report)?;
    app.reached(step, Stage::Staged);

    let public = app.layout.draw(&row.id);
    files::make_folder(app.layout.root(), &public).map_err(files::unwritten)?;
    for name in &folder.names {
        let moved = files::rename_durably(&folder.place.path().join(name), &public.join(name));
        moved.map_err(files::unwritten)?;
        app.reached(step, Stage::FilePublished);
    }
    folder.place.remove().map_err(Error::internal)?;
    app.reached(step, Stage::DrawPublished);
    publish_log(app).await?;
    app.reached(step, Stage::LogPublished);
    Ok(())
}

/// What the public's verifier says of a published draw, the whole log searched for a second
/// announcement of it.
pub async fn verdict(app: &App, id: &str) -> Result<Report> {
    let options = Options {
        log: Some(app.layout.log()),
        ..Options::default()
    };
    let policies = Policies::of(app, &app.db).await?;
    verify(app, &policies, &app.layout.draw(id), options).await
}

/// Writes what the public pins: the log's and the witnesses' keys, and the first record key.
///
/// They are written once. What has changed is never slipped under a name that people have pinned: the
/// log leads on from the first record key, and [`publish_keys`] publishes each later one under a name
/// of its own, as this does with the trust policies of later witnesses.
pub async fn publish_trust(app: &App) -> Result<()> {
    let public = app.layout.public();
    files::make_folder(app.layout.root(), &public).map_err(files::unwritten)?;
    let Some(signers) = app.signers.as_deref() else {
        return Ok(());
    };
    let policies = Policies::of(app, &app.db).await?;
    let named = policies.named(public_size(app).await?).into_iter();
    let mut pinned: Vec<_> = named.map(|(name, it)| (name, it.to_string())).collect();
    let records = format!("{}\n", signers.records.first());
    pinned.push(("records.vkey".to_owned(), records));
    for (name, text) in pinned {
        let path = public.join(name);
        match fs::read_to_string(&path) {
            Ok(there) if there == text => files::settle(&public).map_err(files::unwritten)?,
            Ok(_) => {
                return Err(Error::NotSetUp(format!(
                    "{} is public and names other keys than this process holds; start with the keys it names, or publish a change of keys first",
                    path.display()
                )));
            }
            Err(_) => files::write_durably(&path, text.as_bytes()).map_err(files::unwritten)?,
        }
    }
    Ok(())
}

/// The trust policy with which the log began, where it is public.
pub(in crate::service) fn find_first_policy(app: &App) -> Result<Option<TrustPolicy>> {
    match fs::read_to_string(app.layout.public().join("trust.policy")) {
        Ok(text) => text.parse().map(Some).map_err(Error::internal),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(Error::internal(cause)),
    }
}

/// Writes what a change of keys makes public: the log with it, and the new key as
/// `records-<epoch>.vkey`. Doing it again writes the same.
pub(in crate::service) async fn publish_keys(app: &App) -> Result<()> {
    publish_trust(app).await?;
    publish_log(app).await?;
    let size = public_size(app).await?;
    let mut before = app.signers()?.records.first().clone();
    for row in store::records::list_changes_of_keys(&app.db, app.city, size).await? {
        let Record::Keys(change) = log::read(&row)? else {
            continue;
        };
        // The verifier pins one key; the first of a change is as good as any of it. It stays where only
        // the witnesses have changed.
        let Some(key) = change.keys.first().filter(|key| **key != before) else {
            continue;
        };
        before.clone_from(key);
        let name = format!("records-{}.vkey", change.epoch);
        let path = app.layout.public().join(name);
        let text = format!("{key}\n");
        if fs::read_to_string(&path).is_ok_and(|there| there == text) {
            continue;
        }
        files::write_durably(&path, text.as_bytes()).map_err(Error::internal)?;
    }
    Ok(())
}

/// Writes the static log: tiles, entries, and the newest checkpoint that its witnesses cosigned.
async fn publish_log(app: &App) -> Result<()> {
    let Some(head) = newest_checkpoint(app).await? else {
        return Ok(());
    };
    let records = store::records::list(&app.db, app.city).await?;
    let size = usize::try_from(head.size).map_err(Error::internal)?;
    let entries: Vec<Vec<u8>> = records
        .into_iter()
        .take(size)
        .map(|record| record.note.into_bytes())
        .collect();
    let log = app.layout.log();
    let mut written: Vec<(String, Vec<u8>)> = tiles(&entries);
    written.push((
        "checkpoint".to_owned(),
        format!("{}{}", head.note, head.cosignatures).into_bytes(),
    ));
    write_all(app.layout.root(), &log, &written).map_err(files::unwritten)
}

/// Writes files below a folder; those that are there with these bytes are made durable, and left as they
/// are.
fn write_all(root: &Path, top: &Path, written: &[(String, Vec<u8>)]) -> anyhow::Result<()> {
    let mut folders = BTreeSet::new();
    for (name, bytes) in written {
        let path = top.join(name);
        let folder = path.parent().unwrap_or(top);
        let is_first = folders.insert(folder.to_owned());
        if is_first {
            files::make_folder(root, folder)?;
        }
        if !fs::read(&path).is_ok_and(|there| there == *bytes) {
            files::write_durably(&path, bytes)?;
        } else if is_first {
            files::settle(folder)?;
        }
    }
    Ok(())
}

/// How many entries of the log are public: those under the newest checkpoint that its witnesses
/// cosigned.
pub(in crate::service) async fn public_size(app: &App) -> Result<i64> {
    Ok(newest_checkpoint(app).await?.map_or(0, |head| head.size))
}

async fn newest_checkpoint(app: &App) -> Result<Option<checkpoint::Model>> {
    let policies = Policies::of(app, &app.db).await?;
    let rows = store::records::list_checkpoints(&app.db, app.city).await?;
    Ok(rows
        .into_iter()
        .rev()
        .find(|row| policies.is_vouched_for(row)))
}

async fn verify(app: &App, policies: &Policies, folder: &Path, options: Options) -> Result<Report> {
    let records = fs::read(app.layout.public().join("records.vkey"));
    let records = records.context("reading records.vkey");
    let trust = policies.pinned(&records.map_err(Error::internal)?)?;
    let folder = folder.to_owned();
    let verifying =
        tokio::task::spawn_blocking(move || verify_folder(&folder, &trust, &options, &mut |_| {}));
    verifying.await.map_err(Error::internal)
}

/// Nothing that the verifier refutes becomes public. Before its end a draw is incomplete, which is
/// no refutation; with its result, or with its void, it has to be verified.
fn require_publishable(
    policies: &Policies,
    row: &draw::Model,
    has_ended: bool,
    report: &Report,
) -> Result<()> {
    let wanted = match (has_ended, policies.ask_somebody()) {
        (true, true) => Verdict::Verified,
        (true, false) => Verdict::VerifiedUnwitnessed,
        (false, _) => Verdict::Incomplete,
    };
    if wanted == report.verdict {
        return Ok(());
    }
    Err(Error::internal(anyhow::anyhow!(
        "the verifier does not accept draw {} as it would be published: {report}",
        row.id
    )))
}

/// A cosigned checkpoint as a note.
pub(in crate::service) fn cosigned(row: &checkpoint::Model) -> Result<Note> {
    Note::parse(format!("{}{}", row.note, row.cosignatures).as_bytes()).map_err(Error::internal)
}
