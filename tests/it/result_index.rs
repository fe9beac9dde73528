//! Results that are answered from a node's memory: opened once everything is public, the same on
//! every node, and never from a file that is not what was published.

use std::{fs, net::TcpListener, path::PathBuf, sync::Arc};

use fairplate::{
    App,
    beacon::Limits,
    domain::code::ApplicationCode,
    service::{
        ceremony, publication,
        results::{self, Answer},
    },
    store,
    witness::{HttpWitness, Witness},
};
use fairplate_tests::{
    TestCity, check_publication, on_both_databases,
    stages::{FINISH_AT, PERIOD, officer, places},
};

/// The codes of a period's people, and one that is not among them.
async fn drawn(city: &TestCity) -> Vec<String> {
    let citizens = city.finished(6, places(2, 1)).await;
    let mut codes: Vec<_> = citizens
        .iter()
        .map(|citizen| citizen.code().to_owned())
        .collect();
    codes.push(ApplicationCode::from_number(7).to_string());
    codes
}

async fn answers(app: &App, codes: &[String]) -> Vec<Answer> {
    let mut answers = Vec::new();
    for code in codes {
        answers.push(results::find(app, PERIOD, code).await.expect("an answer"));
    }
    answers
}

/// A node that has followed, and then lost its database.
async fn without_database(node: App) -> App {
    publication::catch_up(&node).await.expect("followed");
    node.db.clone().close().await.expect("closed");
    node
}

fn index_file(city: &TestCity) -> PathBuf {
    city.app.layout.index(PERIOD)
}

#[test]
fn a_node_that_follows_answers_without_the_database_what_the_database_answers() {
    on_both_databases(async |city| {
        let codes = drawn(city).await;
        let truth = answers(&city.another_node(None).await, &codes).await;

        let node = without_database(city.another_node(None).await).await;

        assert_eq!(node.results.epoch(), 1);
        assert_eq!(answers(&node, &codes).await, truth);
        assert!(truth.iter().any(|answer| matches!(answer, Answer::Won(_))));
        assert!(
            truth
                .iter()
                .any(|answer| matches!(answer, Answer::Reserve(_)))
        );
        assert!(
            truth
                .iter()
                .any(|answer| matches!(answer, Answer::NotSelected(_)))
        );
        assert_eq!(truth.last(), Some(&Answer::NotInPool));
    });
}

#[test]
fn a_lost_cut_changed_or_foreign_index_is_built_again_with_the_same_bytes() {
    on_both_databases(async |city| {
        let codes = drawn(city).await;
        let truth = answers(&city.app, &codes).await;
        let whole = fs::read(index_file(city)).expect("the index");
        let mut changed = whole.clone();
        let last = changed.len() - 1;
        changed[last] ^= 1;
        let newer = [&b"fairplate results/2\n"[..], &whole[20..]].concat();
        let digest = format!("result {}", "0".repeat(64));
        let text = String::from_utf8_lossy(&whole);
        let line = text.lines().nth(2).expect("the result").to_owned();
        let at = text.find(&line).expect("the result");
        let foreign = [&whole[..at], digest.as_bytes(), &whole[at + line.len()..]].concat();
        for (bytes, what) in [
            (None, "lost"),
            (Some(&whole[..whole.len() / 2]), "cut short"),
            (Some(&changed[..]), "changed"),
            (Some(&newer[..]), "of a newer version"),
            (Some(&foreign[..]), "of another result"),
            (Some(&b""[..]), "empty"),
        ] {
            match bytes {
                None => fs::remove_file(index_file(city)).expect("removed"),
                Some(bytes) => fs::write(index_file(city), bytes).expect("written"),
            }

            let node = without_database(city.another_node(None).await).await;

            assert_eq!(answers(&node, &codes).await, truth, "{what}");
            assert_eq!(
                fs::read(index_file(city)).expect("the index"),
                whole,
                "{what}"
            );
        }
        check_publication(city).await;
    });
}

/// A pool that somebody has changed on the disk is written again from the database first.
#[test]
fn an_index_is_never_built_from_a_pool_that_was_changed() {
    on_both_databases(async |city| {
        let codes = drawn(city).await;
        let truth = answers(&city.app, &codes).await;
        let pool = city.app.layout.draw(PERIOD).join("pool-individual.csv");
        let text = fs::read_to_string(&pool).expect("the pool");
        fs::write(&pool, text.replacen(",1\n", ",2\n", 1)).expect("changed");
        fs::remove_file(index_file(city)).expect("removed");

        let node = without_database(city.another_node(None).await).await;

        assert_eq!(answers(&node, &codes).await, truth);
        assert_eq!(fs::read_to_string(&pool).expect("the pool"), text);
        check_publication(city).await;
    });
}

/// The record is committed and its witnesses are away: nobody may see the result yet, on no node.
#[test]
fn a_result_that_waits_for_its_witnesses_is_not_told() {
    on_both_databases(async |city| {
        let citizens = city.closed(4, places(1, 1)).await;
        city.at(FINISH_AT);
        let code = citizens[0].code().to_owned();
        let port = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", port.local_addr().expect("an address"));
        drop(port);
        let mut app = city.app.clone();
        let key = app.witnesses[0].key().clone();
        let dead: Arc<dyn Witness> = Arc::new(HttpWitness::new(&url, key, Limits::default()));
        app.witnesses = [dead].into();

        ceremony::finish(&app, &officer(), PERIOD)
            .await
            .expect_err("no quorum");

        for node in [city.app.clone(), city.another_node(None).await] {
            publication::catch_up(&node).await.expect("followed");
            let asked = results::find(&node, PERIOD, &code)
                .await
                .expect("an answer");
            assert_eq!(asked, Answer::NotPublished);
        }
        let epoch = store::publications::find_epoch(&city.app.db, city.app.city).await;
        assert_eq!(epoch.expect("an epoch"), 0);

        ceremony::recover(&city.app).await.expect("recovered");

        let asked = results::find(&city.app, PERIOD, &code)
            .await
            .expect("an answer");
        assert_ne!(asked, Answer::NotPublished);
        assert_eq!(city.app.results.epoch(), 1);
        check_publication(city).await;
    });
}

#[test]
fn a_publication_is_opened_once_however_often_it_is_made_good() {
    on_both_databases(async |city| {
        drawn(city).await;
        let before = store::publications::list_after(&city.app.db, city.app.city, 0).await;
        let before = before.expect("publications");
        city.clock
            .set(city.app.clock.now() + chrono::TimeDelta::days(3));

        ceremony::recover(&city.app).await.expect("recovered");
        let other = city.another_node(None).await;
        ceremony::recover(&other).await.expect("recovered");

        let after = store::publications::list_after(&city.app.db, city.app.city, 0).await;
        assert_eq!(after.expect("publications"), before);
        assert_eq!(before.len(), 1);
        assert_eq!(
            (before[0].epoch, before[0].period_number.as_str()),
            (1, PERIOD)
        );
    });
}
