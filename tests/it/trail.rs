//! The audit trail, as auditors read it.

mod chain;
mod command;
mod linking;
mod rewritten;

use fairplate_tests::{Asks as _, on_both_databases, people::person, stages::places};
use serde_json::json;

const ROWS: &str = "nodes { actor action subject } pageInfo { hasNextPage endCursor }";

#[test]
fn every_decision_on_an_application_is_in_the_trail() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (citizen, other) = (city.apply(&person(1)).await, city.apply(&person(2)).await);
        let fang = city.reviewer("fang").await;
        fang.at_desk("claimApplication", citizen.code(), "").await;
        city.at("2026-06-01T01:00:01Z");
        fang.decide(citizen.code(), false).await;
        city.review_all().await;
        citizen.ask_for_second_look("It is not so").await;
        city.at("2026-06-24T01:00:00Z");
        city.reviewer("tao")
            .await
            .decide(citizen.code(), true)
            .await;

        let auditor = city.auditor("wu").await;
        let document = format!(
            "{{ auditTrail(subject: \"{}\") {{ {ROWS} }} }}",
            citizen.code()
        );
        let reply = auditor.ask(&document).await;

        let person = format!("applicant:{}", citizen.application.applicant_id);
        let expected = [
            ("reviewer:tao", "reviews.decide"),
            (&person, "reviews.request_second_look"),
            ("reviewer:fang", "reviews.decide"),
        ]
        .map(|(actor, action)| json!({ "actor": actor, "action": action, "subject": citizen.code() }));
        let rows = reply.get("/auditTrail/nodes").as_array().expect("a list");
        assert_eq!(rows[..3], expected);
        // What came in one and the same moment has no order.
        assert!(rows[3..].iter().any(|row| row["action"] == "reviews.claim"));
        assert!(
            rows[3..]
                .iter()
                .any(|row| row["action"] == "applications.submit")
        );
        assert!(rows.iter().all(|row| row["subject"] != other.code()));
    });
}

#[test]
fn the_whole_trail_is_read_page_by_page_and_is_the_citys_own() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let officer = city.officer().await;
        let whole = officer
            .ask(&format!("{{ auditTrail(first: 100) {{ {ROWS} }} }}"))
            .await;
        let whole = whole
            .get("/auditTrail/nodes")
            .as_array()
            .expect("a list")
            .clone();
        let (mut read, mut after) = (Vec::new(), json!(null));
        loop {
            let document = format!(
                "query($after: String) {{ auditTrail(first: 3, after: $after) {{ {ROWS} }} }}"
            );
            let reply = officer.ask_with(&document, json!({ "after": after })).await;
            read.extend(
                reply
                    .get("/auditTrail/nodes")
                    .as_array()
                    .expect("a list")
                    .clone(),
            );
            after = reply.get("/auditTrail/pageInfo/endCursor").clone();
            if reply.get("/auditTrail/pageInfo/hasNextPage") == false {
                break;
            }
        }
        assert!(5 < read.len());
        assert_eq!(read, whole);
        let wrong = officer
            .ask("{ auditTrail(after: \"cGVyaW9kOjIwMTQwNQ\") { nodes { at } } }")
            .await;
        assert_eq!(wrong.codes(), ["INVALID_INPUT"]);
    });
}
