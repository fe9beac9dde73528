//! Whether look-ups may be sent to a node: what it tells proxies.

use entity::{CityId, publication};
use fairplate::App;
use fairplate_tests::{
    TestCity, on_both_databases,
    server::Server,
    stages::{PERIOD, places},
};
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _, Set};
use serde_json::{Value, json};

/// What a node says of itself: the status, the text, and the JSON.
async fn said(server: &Server) -> (u16, String, Value) {
    let text = server.send("GET", "/readyz", &[], "").await;
    assert_eq!(text.header("content-type"), "text/plain; charset=utf-8");
    let asked = [("accept", "application/json")];
    let json = server.send("GET", "/readyz", &asked, "").await;
    assert_eq!(json.header("content-type"), "application/json");
    assert_eq!(
        (text.status, text.header("cache-control")),
        (json.status, "no-store")
    );
    let sentence = String::from_utf8(text.body.clone()).expect("a text");
    (text.status, sentence, json.json())
}

/// A node of the city that has lost its database after it was asked once.
async fn without_its_database(city: &TestCity) -> (App, Server) {
    let node = city.another_node(None).await;
    let server = Server::start(&node).await;
    assert_eq!(server.get("/readyz").await.0, 200);
    node.db.clone().close().await.expect("closed");
    (node, server)
}

#[test]
fn a_node_that_answers_from_the_newest_result_is_ready_and_says_which_one_it_is() {
    on_both_databases(async |city| {
        city.closed(3, places(1, 1)).await;
        let server = city.server().await;
        let before = said(server).await;
        assert_eq!(
            (before.0, before.1.as_str()),
            (200, "ready\nepoch 0 of 0\n")
        );

        fairplate::service::ceremony::finish(
            &city.app,
            &fairplate_tests::stages::officer(),
            PERIOD,
        )
        .await
        .expect("finished");

        let (status, sentence, json) = said(server).await;
        assert_eq!((status, sentence.as_str()), (200, "ready\nepoch 1 of 1\n"));
        let expected = json!({
            "ready": true, "reason": "ready", "database": true, "epoch": 1, "publishedEpoch": 1,
        });
        assert_eq!(json, expected);
        for path in ["/livez", "/healthz"] {
            assert_eq!(server.get(path).await, (200, b"live\n".to_vec()), "{path}");
        }
    });
}

#[test]
fn a_node_that_holds_a_result_stays_ready_without_its_database_and_answers() {
    on_both_databases(async |city| {
        let citizens = city.finished(3, places(1, 1)).await;
        let (_node, server) = without_its_database(city).await;

        let (status, sentence, json) = said(&server).await;

        assert_eq!(status, 200);
        assert_eq!(sentence, "ready, without its database\nepoch 1 of 1\n");
        assert_eq!(
            (&json["ready"], &json["database"]),
            (&json!(true), &json!(false))
        );
        for citizen in &citizens {
            let path = format!("/result/{PERIOD}/{}", citizen.code());
            let found = server.send("GET", &path, &[], "").await;
            let own = city.server().await.send("GET", &path, &[], "").await;
            assert_eq!((found.status, found.json()), (200, own.json()));
            assert_eq!(found.header("x-fairplate-epoch"), "1");
        }
        let other = format!("/result/202607/{}", citizens[0].code());
        assert!(server.get(&other).await.0 >= 500, "that one is not held");
        assert_eq!(server.get("/livez").await.0, 200);
    });
}

#[test]
fn a_node_that_holds_no_result_is_not_ready_without_its_database() {
    on_both_databases(async |city| {
        city.closed(3, places(1, 1)).await;
        let (_node, server) = without_its_database(city).await;

        let (status, sentence, json) = said(&server).await;

        assert_eq!(status, 503);
        let expected = "the database does not answer, and no result is held\nepoch 0 of 0\n";
        assert_eq!(sentence, expected);
        assert_eq!(
            (&json["ready"], &json["database"]),
            (&json!(false), &json!(false))
        );
        assert_eq!(server.get("/livez").await.0, 200);
    });
}

#[test]
fn a_node_of_a_city_that_is_not_set_up_is_not_ready() {
    on_both_databases(async |city| {
        let mut node = city.another_node(None).await;
        node.city = CityId(1);
        let server = Server::start(&node).await;

        let (status, sentence, json) = said(&server).await;

        assert_eq!(
            (status, sentence.as_str()),
            (503, "the city is not set up\nepoch 0 of 0\n")
        );
        assert_eq!(
            (&json["ready"], &json["database"]),
            (&json!(false), &json!(true))
        );
    });
}

#[test]
fn a_node_that_could_not_read_the_newest_result_is_not_ready_while_others_are() {
    on_both_databases(async |city| {
        let citizens = city.finished(3, places(1, 1)).await;
        let others = city.server().await;
        let row = publication::Entity::find().one(&city.app.db).await;
        let mut row = row
            .expect("read")
            .expect("a publication")
            .into_active_model();
        row.index_sha256 = Set(vec![7; 32]);
        row.update(&city.app.db).await.expect("changed");
        let node = city.another_node(None).await;
        let server = Server::start(&node).await;

        let (status, sentence, json) = said(&server).await;

        assert_eq!(status, 503);
        assert_eq!(sentence, "the newest result is being read\nepoch 0 of 1\n");
        assert_eq!(
            (&json["ready"], &json["publishedEpoch"]),
            (&json!(false), &json!(1))
        );
        let path = format!("/result/{PERIOD}/{}", citizens[0].code());
        let found = server.send("GET", &path, &[], "").await;
        let expected = others.send("GET", &path, &[], "").await;
        assert_eq!(
            (found.status, found.json()),
            (200, expected.json()),
            "from the database"
        );
        assert_eq!(others.get("/readyz").await.0, 200);
    });
}
