//! Public files are derived from records: lost ones come back, changed ones never get out.

use std::fs;

use entity::pool_entry;
use fairplate::{
    App, Error,
    service::{ceremony, publication, rules},
    signer::RecordKeys,
};
use fairplate_tests::{
    check_publication, keys, on_both_databases,
    publication::{assert_same, files_under},
    stages::{FINISH_AT, PERIOD, officer, places},
};
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _, Set};

#[test]
fn what_is_lost_or_cut_short_is_published_again_with_the_same_bytes() {
    on_both_databases(async |city| {
        city.finished(6, places(2, 1)).await;
        let public = city.app.layout.public();
        let before = files_under(&public);
        let draw = city.app.layout.draw(PERIOD);
        for lost in ["pool-individual.csv", "close.tlog-proof", "result.note"] {
            fs::remove_file(draw.join(lost)).expect("removed");
        }
        fs::write(draw.join("result-individual.csv"), "1,04").expect("cut short");
        fs::write(city.app.layout.log().join("checkpoint"), "").expect("emptied");
        fs::create_dir_all(city.app.layout.staging().join("202606-0123")).expect("left by a crash");

        ceremony::recover(&city.app).await.expect("recovered");

        assert_same(&before, &files_under(&public));
        check_publication(city).await;
    });
}

#[test]
fn a_pool_that_was_changed_after_the_freeze_is_not_published() {
    on_both_databases(async |city| {
        city.announced(6, places(2, 1)).await;
        let before = files_under(&city.app.layout.public());
        let entry = pool_entry::Entity::find()
            .one(&city.app.db)
            .await
            .expect("read")
            .expect("a line");
        let mut heavier = entry.into_active_model();
        heavier.weight = Set(9);
        heavier.update(&city.app.db).await.expect("changed");
        fs::remove_dir_all(city.app.layout.draw(PERIOD)).expect("the good files are lost as well");

        let refused = publication::publish(&city.app, "check", PERIOD).await;

        assert!(matches!(refused, Err(Error::Internal(_))), "{refused:?}");
        let after = files_under(&city.app.layout.public());
        assert!(
            after.keys().all(|path| !path.starts_with("draws")),
            "{:?}",
            after.keys()
        );
        assert!(before.len() > after.len());
    });
}

#[test]
fn a_public_pool_that_was_changed_is_not_drawn() {
    on_both_databases(async |city| {
        city.closed(6, places(2, 1)).await;
        let pool = city.app.layout.draw(PERIOD).join("pool-individual.csv");
        let good = fs::read_to_string(&pool).expect("a pool");
        fs::write(&pool, good.replacen(",1\n", ",9\n", 1)).expect("changed");

        ceremony::finish(&city.app, &officer(), PERIOD)
            .await
            .expect("finished");

        assert_eq!(
            fs::read_to_string(&pool).expect("a pool"),
            good,
            "the frozen pool was drawn"
        );
        check_publication(city).await;
    });
}

#[test]
fn another_record_key_is_not_slipped_under_the_pinned_name() {
    on_both_databases(async |city| {
        city.closed(4, places(1, 1)).await;
        let before = files_under(&city.app.layout.public());
        let folder = tempfile::tempdir().expect("a folder");
        let other = RecordKeys::create(folder.path(), keys::RECORDS, &keys::passphrase());
        let mut app: App = city.another_node(None).await;
        let mut signers =
            std::sync::Arc::into_inner(app.signers.take().expect("signers")).expect("ours");
        signers.records = other.expect("another key");
        app.signers = Some(signers.into());
        city.at(FINISH_AT);

        let refused = ceremony::finish(&app, &officer(), PERIOD).await;

        assert!(matches!(refused, Err(Error::NotSetUp(_))), "{refused:?}");
        assert_same(&before, &files_under(&city.app.layout.public()));
        assert_eq!(city.draw(PERIOD).await.phase, entity::draw::Phase::Closed);
        check_publication(city).await;
    });
}

#[test]
fn the_origin_of_a_log_never_changes() {
    on_both_databases(async |city| {
        let mut app = city.another_node(None).await;
        app.origin = "elsewhere.example/draws".into();

        let refused = rules::set_up(&app).await;

        assert!(matches!(refused, Err(Error::NotSetUp(_))), "{refused:?}");
        rules::set_up(&city.app).await.expect("set up again");
    });
}
