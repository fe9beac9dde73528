//! Ceremonies with every effect that they tell of.

use std::{collections::BTreeSet, sync::Arc};

use fairplate::{domain::actor::Operator, service::ceremony::drop_unsigned};
use fairplate_tests::{
    TestCity, ceremony,
    database::Kind,
    faults::Recorder,
    keys,
    stages::{
        ANNOUNCE_AT, CLOSE_AT, FINISH_AT, FREEZE_AT, PERIOD, officer, places, reveals, terms,
    },
};

/// A whole ceremony, one that is called off, a change of keys, and everything done again.
pub(super) async fn happened() -> BTreeSet<(String, String)> {
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
        } else {
            let closed = ceremony::close(&app, &officer(), PERIOD, reveals()).await;
            closed.expect("closed");
            city.at(FINISH_AT);
            let finished = ceremony::finish(&app, &officer(), PERIOD).await;
            finished.expect("finished");
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
