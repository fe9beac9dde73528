//! What really happens, beside the table.

use std::{collections::BTreeSet, fs, path::Path, sync::Arc};

use entity::ban;
use fairplate::{
    domain::actor::{Operator, Worker},
    service::{ceremony::drop_unsigned, certificates},
};
use fairplate_tests::{
    TestCity, ceremony,
    city::run,
    database::Kind,
    faults::Recorder,
    keys,
    stages::{
        ANNOUNCE_AT, CLOSE_AT, FINISH_AT, FREEZE_AT, PERIOD, officer, places, reveals, terms,
    },
};
use sea_orm::EntityTrait as _;

use super::{EFFECTS, effects};

/// A whole ceremony, one that is called off, an amend, a ban that is lifted, a change of keys and one of rules, one whose
/// records are carried to their key, and everything done again.
async fn happened() -> BTreeSet<(String, String)> {
    let recorder = Arc::new(Recorder::default());
    for ending in ["finish", "void"] {
        let mut city = TestCity::create("hangzhou-2018", &Kind::Sqlite).await;
        city.app.observer = Arc::clone(&recorder) as _;
        keys::with_a_second_record_key(&city.app.layout.keys());
        city.reviewed(4, places(1, 1)).await;
        city.at(FREEZE_AT);
        let app = city.another_node(None).await;
        let app = fairplate::App {
            observer: Arc::clone(&recorder) as _,
            ..app
        };
        ceremony::freeze(&app, &officer(), PERIOD)
            .await
            .expect("frozen");
        city.at(ANNOUNCE_AT);
        ceremony::announce(&app, &officer(), PERIOD, terms(PERIOD))
            .await
            .expect("announced");
        city.at(CLOSE_AT);
        if ending == "void" {
            let changed = ceremony::change_record_key(&app, &officer()).await;
            changed.expect("changed");
            let voided = ceremony::void(&app, &officer(), PERIOD, "flooded").await;
            voided.expect("voided");
            let text = crate::rules::longer_bans(&app);
            let adopted = ceremony::change_rules(&app, &officer(), text).await;
            adopted.expect("adopted");
        } else {
            let closed = ceremony::close(&app, &officer(), PERIOD, reveals()).await;
            closed.expect("closed");
            city.at(FINISH_AT);
            let finished = ceremony::finish(&app, &officer(), PERIOD).await;
            finished.expect("finished");
            let amended = ceremony::amend(&app, &officer(), PERIOD).await;
            amended.expect("amended");
            city.at("2027-07-01T01:00:00Z");
            certificates::forfeit_all(&app, &Worker)
                .await
                .expect("run out");
            let ban = ban::Entity::find().one(&app.db).await.expect("read");
            let certificate = ban.expect("a ban").certificate_number;
            let lifted = ceremony::lift_ban(&app, &officer(), &certificate, "a mistake").await;
            lifted.expect("lifted");
        }
        ceremony::recover(&app).await.expect("recovered");
    }
    happened_off_line(&recorder).await;
    let points = recorder.points().into_iter();
    points.map(|point| (point.step, point.stage)).collect()
}

/// A ceremony whose records are carried to their key and back, one of them dropped on the way.
async fn happened_off_line(recorder: &Arc<Recorder>) {
    let mut city = TestCity::with_its_key_off_line(&Kind::Sqlite).await;
    city.app.observer = Arc::clone(recorder) as _;
    city.frozen(4, places(1, 1)).await;
    city.announce(PERIOD).await;
    let dropped = drop_unsigned(&city.app, &Operator, PERIOD).await;
    dropped.expect("dropped");
    city.announce(PERIOD).await;
    city.carry(PERIOD).await;
    city.at(CLOSE_AT);
    let closed = ceremony::close(&city.app, &officer(), PERIOD, reveals()).await;
    closed.expect("decided");
    city.carry(PERIOD).await;
    city.at(FINISH_AT);
    let finished = ceremony::finish(&city.app, &officer(), PERIOD).await;
    finished.expect("decided");
    city.carry(PERIOD).await;
}

#[test]
fn the_table_of_disturbances_has_the_effects_that_happen_and_no_other() {
    let happened = run(happened());
    let mut known = effects();
    // Told by the test that asks again under one key.
    known.retain(|(step, _)| step != "again");
    assert_eq!(happened, known);
}

/// The first word of every call that tells of an effect, in the sources of the server.
fn told_steps(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            told_steps(&path, found);
        } else {
            let text = fs::read_to_string(&path).expect("a source");
            for call in [
                ".reached(\"",
                "publish(app, \"",
                "settle(app, \"",
                "settle_recorded(app, \"",
            ] {
                let words = text.split(call).skip(1);
                found.extend(words.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
            }
            let files = text.split("publish_files(app, \"").skip(1);
            found.extend(files.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
        }
    }
}

#[test]
fn no_source_tells_of_a_step_that_the_table_does_not_have() {
    let mut told = BTreeSet::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/src/service");
    told_steps(&folder, &mut told);
    let known: BTreeSet<String> = EFFECTS.iter().map(|row| row.0.to_owned()).collect();
    let unknown: Vec<_> = told.difference(&known).collect();
    assert!(unknown.is_empty(), "{unknown:?} of {told:?}");
    assert!(5 < told.len(), "{told:?}");
}
