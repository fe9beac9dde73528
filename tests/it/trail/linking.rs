//! How rows of the audit trail get their places, and keep them.

use entity::audit;
use fairplate::{
    domain::actor::{Officer, Worker},
    service::{
        retention,
        trail::{self, Anchors},
    },
    store,
};
use fairplate_tests::{
    Asks as _, TestCity,
    city::{databases, run},
    on_both_databases,
    stages::places,
};
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _};
use serde_json::json;
use verifier::text::Digest;

use super::chain::{anchors, check, finished, link, rows};

#[test]
fn rows_that_come_while_two_nodes_link_are_linked_once_each() {
    on_both_databases(async |city| {
        link(city).await;
        let before = rows(&city.app.db, city.app.city).await.len();
        let other = city.another_node(None).await;
        let write = async |node: &fairplate::App, name: &str| {
            for _ in 0..20 {
                let txn = store::begin(&node.db).await.expect("begun");
                for _ in 0..3 {
                    let change = store::trail::Change {
                        city: node.city,
                        at: node.clock.now(),
                        actor: Officer::new(name).actor(),
                        action: "a.test",
                        subject: "x",
                        detail: json!({}),
                    };
                    store::trail::audit(&txn, change).await.expect("written");
                }
                txn.commit().await.expect("committed");
            }
        };
        let link_often = async |node: &fairplate::App| {
            for _ in 0..30 {
                trail::link(node, &Worker).await.expect("linked");
            }
        };
        tokio::join!(
            write(&city.app, "li"),
            write(&other, "zhou"),
            link_often(&city.app),
            link_often(&other),
        );
        link(city).await;

        let verified = check(&city.app.db, city.app.city, &Anchors::default()).await;
        assert_eq!((verified.fault, verified.not_linked), (None, 0));
        let after = rows(&city.app.db, city.app.city).await.len();
        assert_eq!(after - before, 120);
        let idle = trail::link(&city.app, &Worker).await.expect("linked");
        assert_eq!((idle.count, idle.has_more), (0, false));
    });
}

#[test]
fn a_row_keeps_its_link_in_the_other_database() {
    let [first, second] = &databases()[..] else {
        return;
    };
    run(async {
        let from = TestCity::create("hangzhou-2018", first).await;
        let to = TestCity::create("hangzhou-2018", second).await;
        let txn = store::begin(&from.app.db).await.expect("begun");
        let change = store::trail::Change {
            city: from.app.city,
            at: from.app.clock.now() + chrono::TimeDelta::nanoseconds(123_456_789),
            actor: "officer:li".to_owned(),
            action: "a.test",
            subject: "摇号",
            detail: json!({ "说明": "\"\\\n\u{1f697}" }),
        };
        store::trail::audit(&txn, change).await.expect("written");
        txn.commit().await.expect("committed");
        link(&from).await;
        let moved = rows(&from.app.db, from.app.city).await;
        assert_eq!(
            moved.last().expect("a row").at.timestamp_subsec_nanos() % 1_000,
            0
        );

        audit::Entity::delete_many()
            .exec(&to.app.db)
            .await
            .expect("emptied");
        for row in &moved {
            let row = row.clone().into_active_model();
            row.insert(&to.app.db).await.expect("moved");
        }

        let here = check(&from.app.db, from.app.city, &Anchors::default()).await;
        let there = check(&to.app.db, to.app.city, &Anchors::default()).await;
        assert_eq!(here.fault, None);
        assert_eq!(here, there);
    });
}

#[test]
fn nothing_that_is_removed_by_age_is_a_row_of_the_trail() {
    on_both_databases(async |city| {
        finished(city).await;
        link(city).await;
        let count = async || {
            audit::Entity::find()
                .count(&city.app.db)
                .await
                .expect("counted")
        };
        let before = count().await;
        city.clock.advance(30 * 366 * 86_400);

        retention::purge(&city.app, &Worker).await.expect("purged");

        assert_eq!(count().await, before + 1, "one row says what was removed");
        link(city).await;
        let verified = check(&city.app.db, city.app.city, &anchors(city, &[]).await).await;
        assert_eq!(verified.fault, None);
    });
}

#[test]
fn an_auditor_reads_the_place_and_the_link_of_every_row() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let auditor = city.auditor("wu").await;
        let read = async || {
            let reply = auditor
                .ask("{ auditTrail(first: 100) { nodes { position link } } }")
                .await;
            let nodes = reply.get("/auditTrail/nodes").as_array().cloned();
            nodes.expect("a list")
        };
        let waiting = read().await;
        assert!(
            waiting
                .iter()
                .all(|row| *row == json!({ "position": null, "link": null }))
        );

        link(city).await;

        let mut linked = read().await;
        linked.sort_by_key(|row| {
            let position = row["position"].as_str().expect("a place");
            position.parse::<u64>().expect("a number")
        });
        assert_eq!(linked.len(), waiting.len());
        let stored = rows(&city.app.db, city.app.city).await;
        for (shown, row) in linked.iter().zip(&stored) {
            let link: [u8; 32] = row.link.clone().expect("linked").try_into().expect("32");
            let expected = json!({
                "position": row.position.expect("linked").to_string(),
                "link": Digest(link).to_string(),
            });
            assert_eq!(*shown, expected);
        }
    });
}
