//! What is true after every step, each a sentence that says what is not.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use entity::{approval, draw, record};
use fairplate::{service::trail, store};
use fairplate_tests::{
    TestCity,
    publication::{files_under, pinned},
};
use sea_orm::EntityTrait as _;
use verifier::{
    Options, Verdict,
    log::LogFolder,
    succession::{follow, in_force, quorum_met_at},
    verify_folder,
};

use super::world::World;

type Checked = Result<(), String>;

fn holds(is_true: bool, broken: impl FnOnce() -> String) -> Checked {
    if is_true { Ok(()) } else { Err(broken()) }
}

/// What earlier looks saw, and may never see otherwise.
#[derive(Default)]
pub(super) struct Past {
    phases: BTreeMap<String, draw::Phase>,
    files: BTreeMap<PathBuf, Vec<u8>>,
    entries: Vec<Vec<u8>>,
}

impl Past {
    /// Every one of them.
    pub(super) async fn check(&mut self, world: &World) -> Checked {
        let city = &world.city;
        let app = &city.app;
        let records = store::records::list(&app.db, app.city).await;
        let records = records.expect("records");
        self.phases_go_forward(city).await?;
        one_record_of_a_kind(&records)?;
        self.public_files_stay(city)?;
        self.the_log_grows(city, &records)?;
        self.published_records_are_in_the_log(city)?;
        what_is_public_verifies(city)?;
        places_are_of_results(city, &records).await?;
        two_have_agreed(city).await?;
        the_trail_is_whole(city).await
    }

    async fn phases_go_forward(&mut self, city: &TestCity) -> Checked {
        let draws = store::draws::list(&city.app.db, city.app.city, 100).await;
        let draws = draws.expect("draws");
        for row in &draws {
            let before = self.phases.insert(row.id.clone(), row.phase);
            let is_forward = before.is_none_or(|before| rank(before) <= rank(row.phase))
                && before.is_none_or(|before| rank(before) < 3 || before == row.phase);
            holds(is_forward, || {
                format!("draw {} went from {before:?} to {:?}", row.id, row.phase)
            })?;
        }
        let finished = draws
            .iter()
            .filter(|row| row.phase == draw::Phase::Finished);
        holds(finished.count() <= 1, || {
            "a period has two finished draws".to_owned()
        })?;
        let under_way = draws.iter().filter(|row| rank(row.phase) < 3);
        holds(under_way.count() <= 1, || {
            "a period has two draws under way".to_owned()
        })
    }

    /// What became public stays, byte for byte; only the log grows.
    fn public_files_stay(&mut self, city: &TestCity) -> Checked {
        let files = files_under(&city.app.layout.public());
        for (path, bytes) in self.files.iter().filter(|it| it.0.starts_with("draws")) {
            holds(files.get(path) == Some(bytes), || {
                format!("{} has changed", path.display())
            })?;
        }
        for path in files.keys() {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            holds(!name.starts_with('.'), || format!("{name} is left"))?;
        }
        self.files = files;
        Ok(())
    }

    /// The public log is a beginning of the records, cosigned, and never shorter.
    fn the_log_grows(&mut self, city: &TestCity, records: &[record::Model]) -> Checked {
        let folder = city.app.layout.log();
        if !folder.exists() {
            return holds(self.entries.is_empty(), || "the log is gone".to_owned());
        }
        let trust = pinned(&city.app.layout.public());
        let log = LogFolder::open_pinned(&folder, &trust)
            .map_err(|cause| format!("the log cannot be read: {cause}"))?;
        log.check_tiles(&folder)
            .map_err(|cause| format!("the log's tiles: {cause}"))?;
        let notes = records.iter().map(|row| row.note.as_bytes());
        let is_beginning = log
            .entries
            .iter()
            .zip(notes)
            .all(|(one, other)| one == other);
        holds(is_beginning && log.entries.len() <= records.len(), || {
            "the public log is not what was recorded".to_owned()
        })?;
        holds(log.entries.starts_with(&self.entries), || {
            "the public log has taken something back".to_owned()
        })?;
        let changes = follow(&trust.records, &log.entries).expect("changes of keys");
        let changes = changes.iter().map(|change| (change.index, &change.record));
        let policies = in_force(&trust, changes, log.checkpoint.size).expect("all are pinned");
        let met = quorum_met_at(&policies, &log.note);
        holds(met.is_ok_and(|met| met.is_some()), || {
            "the public checkpoint is not cosigned".to_owned()
        })?;
        self.entries = log.entries;
        Ok(())
    }

    fn published_records_are_in_the_log(&self, city: &TestCity) -> Checked {
        let entries: BTreeSet<&[u8]> = self.entries.iter().map(Vec::as_slice).collect();
        for (path, bytes) in files_under(&city.app.layout.draws()) {
            let is_record = path.extension().is_some_and(|ending| ending == "note");
            holds(!is_record || entries.contains(&bytes[..]), || {
                format!("{} is public and not in the log", path.display())
            })?;
        }
        Ok(())
    }
}

fn rank(phase: draw::Phase) -> u8 {
    match phase {
        draw::Phase::Frozen => 0,
        draw::Phase::Announced => 1,
        draw::Phase::Closed => 2,
        draw::Phase::Finished | draw::Phase::Voided => 3,
    }
}

fn one_record_of_a_kind(records: &[record::Model]) -> Checked {
    let mut seen = BTreeSet::new();
    // Places may be lost and taken more than once; everything else happens once.
    for row in records.iter().filter(|it| it.kind != record::Kind::Amend) {
        let kind = match row.kind {
            record::Kind::Result | record::Kind::Void => "end".to_owned(),
            other => format!("{other:?}"),
        };
        holds(seen.insert((row.draw_id.clone(), kind.clone())), || {
            format!("draw {} has two records: {kind}", row.draw_id)
        })?;
    }
    Ok(())
}

/// The public's own verifier accepts whatever is there, or says that something is still to come.
fn what_is_public_verifies(city: &TestCity) -> Checked {
    let (app, public) = (&city.app, city.app.layout.public());
    let Ok(draws) = fs::read_dir(app.layout.draws()) else {
        return Ok(());
    };
    let trust = pinned(&public);
    for folder in draws {
        let folder = folder.expect("a draw").path();
        let options = Options {
            log: Some(app.layout.log()),
            ..Options::default()
        };
        let report = verify_folder(&folder, &trust, &options, &mut |_| {});
        let is_right = [Verdict::Verified, Verdict::Incomplete].contains(&report.verdict);
        holds(is_right, || format!("{}: {report}", folder.display()))?;
        let is_over = folder.join("result.note").exists() || folder.join("void.note").exists();
        let is_verified = report.verdict == Verdict::Verified;
        holds(is_over == is_verified, || {
            format!("{}: {report}", folder.display())
        })?;
    }
    Ok(())
}

/// Places, and certificates behind them, are those of a recorded result.
async fn places_are_of_results(city: &TestCity, records: &[record::Model]) -> Checked {
    let (db, id) = (&city.app.db, city.app.city);
    for row in store::draws::list(db, id, 100).await.expect("draws") {
        let places = store::placements::list(db, id, &row.id, "individual").await;
        let has_result = records
            .iter()
            .any(|it| it.draw_id == row.id && it.kind == record::Kind::Result);
        let count = places.expect("places").len();
        holds(count == if has_result { 3 } else { 0 }, || {
            format!("draw {} has {count} places", row.id)
        })?;
    }
    Ok(())
}

async fn two_have_agreed(city: &TestCity) -> Checked {
    let rows = approval::Entity::find().all(&city.app.db).await;
    for row in rows.expect("approvals") {
        let is_alone = row.decided_by.as_ref() == Some(&row.proposed_by);
        let is_done = row.state == approval::State::CarriedOut;
        holds(!(is_done && is_alone), || {
            format!("{} alone has carried {} out", row.proposed_by, row.id)
        })?;
    }
    Ok(())
}

async fn the_trail_is_whole(city: &TestCity) -> Checked {
    let (db, id) = (&city.app.db, city.app.city);
    let pinned = city.app.signers().expect("keys").records.first().clone();
    let checked = trail::check(db, id, &pinned, &[], &mut |_, _| {}).await;
    let verified = checked.expect("checked").expect("signed by the city");
    let records = store::records::count(db, id).await.expect("counted");
    holds(
        verified.fault.is_none() && verified.compared == records,
        || format!("the audit trail: {verified:?}"),
    )
}
