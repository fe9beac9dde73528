//! All public files, checked against one another and against the database.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use entity::{draw, record};
use fairplate::{App, service::publication, store};
use verifier::{
    Options, Trust, Verdict,
    log::{Checkpoint, LogFolder},
    trust::published_policies,
    verify_folder,
};

use crate::city::TestCity;

/// What the last check saw.
#[derive(Default)]
pub(crate) struct Seen(Mutex<Option<Past>>);

struct Past {
    trust: Vec<Vec<u8>>,
    checkpoint: Option<Checkpoint>,
    /// Files of draws; a later check finds every one of them again, unchanged.
    files: BTreeMap<PathBuf, Vec<u8>>,
}

/// Every file under a folder, by its path within; nothing where there is no folder.
#[must_use]
pub fn files_under(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = fs::read_dir(&next) else {
            continue;
        };
        for entry in entries {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let within = path.strip_prefix(folder).expect("within").to_owned();
                files.insert(within, fs::read(&path).expect("a file"));
            }
        }
    }
    files
}

/// Checks everything that the city has published, and that publishing again changes nothing.
///
/// Every draw goes through the verifier, the log's tiles and checkpoint are compared with the
/// records, what pins trust has not changed, and nothing temporary is left.
pub async fn check_publication(city: &TestCity) {
    let app = &city.app;
    let public = app.layout.public();
    let before = files_under(&public);
    for path in before
        .keys()
        .chain(files_under(&app.layout.staging()).keys())
    {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        assert!(
            !name.starts_with('.'),
            "a temporary file is left: {}",
            path.display()
        );
    }
    let staged = files_under(&app.layout.staging());
    assert!(
        staged.is_empty(),
        "files are left in staging: {:?}",
        staged.keys()
    );

    let records = store::records::list(&app.db, app.city)
        .await
        .expect("records");
    check_draws(app, &records).await;
    let checkpoint = check_log(app, &records, &before);
    remember(city, &before, checkpoint);
    for id in recorded(&records) {
        publication::publish(app, "check", &id)
            .await
            .expect("published again");
    }
    assert_same(&before, &files_under(&public));
}

/// Compares two sets of files, and names the first that differ.
pub fn assert_same(expected: &BTreeMap<PathBuf, Vec<u8>>, found: &BTreeMap<PathBuf, Vec<u8>>) {
    let names = |files: &BTreeMap<PathBuf, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(expected), names(found), "other files");
    for (path, bytes) in expected {
        let (expected, found) = (
            String::from_utf8_lossy(bytes),
            String::from_utf8_lossy(&found[path]),
        );
        assert_eq!(expected, found, "{}", path.display());
    }
}

fn recorded(records: &[record::Model]) -> Vec<String> {
    let mut ids: Vec<String> = records
        .iter()
        .filter(|record| record.kind != record::Kind::Keys)
        .map(|record| record.draw_id.clone())
        .collect();
    ids.sort();
    ids.dedup();
    ids
}

async fn check_draws(app: &App, records: &[record::Model]) {
    let ids = recorded(records);
    let mut folders: Vec<String> = fs::read_dir(app.layout.draws())
        .map(|entries| {
            let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
            entries
                .map(|entry| name(entry.expect("an entry")))
                .collect()
        })
        .unwrap_or_default();
    folders.sort();
    assert_eq!(
        folders, ids,
        "a folder for every draw with a record, and no other"
    );
    let public = app.layout.public();
    for id in ids {
        let trust = pinned(&public);
        let folder = app.layout.draw(&id);
        let options = Options {
            log: Some(app.layout.log()),
            ..Options::default()
        };
        let report = verify_folder(&folder, &trust, &options, &mut |_| {});
        let row = store::draws::get(&app.db, app.city, &id)
            .await
            .expect("a draw");
        let expected = match row.phase {
            draw::Phase::Finished | draw::Phase::Voided => Verdict::Verified,
            _ => Verdict::Incomplete,
        };
        assert_eq!(report.verdict, expected, "draw {id}: {report}");
        check_records(&folder, records, &id);
    }
}

/// What somebody believes who has pinned every trust policy that a city has published, and its first
/// record key.
#[must_use]
pub fn pinned(public: &Path) -> Trust {
    let read = |path: &PathBuf| fs::read(path).expect("what pins trust");
    let policies: Vec<_> = published_policies(public).iter().map(read).collect();
    let records = read(&public.join("records.vkey"));
    Trust::parse_all(&policies, &records).expect("trust")
}

/// The notes in a draw's folder are the records of the database.
fn check_records(folder: &Path, records: &[record::Model], id: &str) {
    for record in records.iter().filter(|record| record.draw_id == id) {
        let name = match record.kind {
            record::Kind::Announce => "announce.note".to_owned(),
            record::Kind::Close => "close.note".to_owned(),
            record::Kind::Result => "result.note".to_owned(),
            record::Kind::Void => "void.note".to_owned(),
            record::Kind::Amend => format!("amend-{}.note", record.number),
            record::Kind::Keys => continue,
        };
        let note = fs::read_to_string(folder.join(&name)).expect("a note");
        assert_eq!(note, record.note, "{name} of draw {id}");
    }
}

fn check_log(
    app: &App,
    records: &[record::Model],
    files: &BTreeMap<PathBuf, Vec<u8>>,
) -> Option<Checkpoint> {
    if records.is_empty() {
        assert!(
            !files.keys().any(|path| path.starts_with("log")),
            "a log without a record"
        );
        return None;
    }
    let folder = app.layout.log();
    let log = LogFolder::open(&folder, app.trust.log()).expect("a good log");
    log.check_tiles(&folder).expect("good tiles");
    let notes: Vec<_> = records
        .iter()
        .map(|record| record.note.as_bytes().to_vec())
        .collect();
    assert_eq!(log.entries, notes, "the log's entries are the records");
    let quorum = app
        .trust
        .quorum_met_at(&log.note)
        .expect("readable cosignatures");
    assert!(quorum.is_some(), "the published checkpoint is cosigned");
    Some(log.checkpoint)
}

/// What was public once stays, byte for byte; the log only grows.
fn remember(city: &TestCity, files: &BTreeMap<PathBuf, Vec<u8>>, checkpoint: Option<Checkpoint>) {
    let trust: Vec<_> = ["trust.policy", "records.vkey"]
        .iter()
        .filter_map(|name| files.get(Path::new(name)).cloned())
        .collect();
    let mut seen = city.seen.0.lock().expect("a single thread");
    if let Some(past) = &*seen {
        assert!(
            past.trust.is_empty() || past.trust == trust,
            "what pins trust has changed"
        );
        for (path, bytes) in &past.files {
            assert!(
                files.get(path) == Some(bytes),
                "{} has changed",
                path.display()
            );
        }
        if let (Some(earlier), true) = (&past.checkpoint, checkpoint.is_some()) {
            let log = LogFolder::open(&city.app.layout.log(), city.app.trust.log());
            log.expect("a good log")
                .check_beginning(earlier)
                .expect("a log that has only grown");
        }
    }
    let files = files.iter().filter(|(path, _)| path.starts_with("draws"));
    let files = files
        .map(|(path, bytes)| (path.clone(), bytes.clone()))
        .collect();
    *seen = Some(Past {
        trust,
        checkpoint,
        files,
    });
}
