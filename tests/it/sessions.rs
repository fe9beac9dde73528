//! Who is signed in, for how long, and as what.

use fairplate::{Error, domain::actor::Operator, service::sessions};
use fairplate_tests::{
    Asks as _, neighbour::neighbours_code, on_both_databases, people::person, stages::places,
};
use serde_json::json;

const ME: &str = "{ me { role name applications { nodes { code } } } }";

#[test]
fn a_session_is_somebodys_and_nobody_elses() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (one, two) = (city.apply(&person(1)).await, city.apply(&person(2)).await);

        let officer = city.officer().await.ask(ME).await;

        for citizen in [&one, &two] {
            let me = json!({ "role": "APPLICANT", "name": null, "applications": { "nodes": [{ "code": citizen.code() }] } });
            assert_eq!(citizen.ask(ME).await.get("/me"), &me);
        }
        assert_eq!(
            officer.get("/me"),
            &json!({ "role": "OFFICER", "name": "zhou", "applications": { "nodes": [] } })
        );
        let nobody = city.server().await.post(None, ME, json!({})).await;
        assert_eq!(nobody.get("/me"), &json!(null));
    });
}

#[test]
fn a_token_that_is_unknown_or_over_is_not_taken_for_nobody() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (citizen, officer) = (city.apply(&person(1)).await, city.officer().await);
        let server = city.server().await;
        for token in ["", "x", "Zm9yZ2Vk", &"a".repeat(300)] {
            let reply = server.post(Some(token), ME, json!({})).await;
            assert_eq!(
                (reply.status, reply.codes()),
                (401, vec!["UNAUTHENTICATED"]),
                "{token}"
            );
        }
        city.at("2026-06-01T13:00:01Z");
        assert_eq!(
            officer.ask(ME).await.refusal(),
            "UNAUTHENTICATED: sign in first"
        );
        citizen.ask(ME).await.accepted();
        city.at("2026-07-01T01:00:01Z");
        assert_eq!(citizen.ask(ME).await.codes(), ["UNAUTHENTICATED"]);
    });
}

#[test]
fn an_officers_name_can_stand_in_the_trail() {
    on_both_databases(async |city| {
        for name in ["", "li wei", "li:wei", &"l".repeat(65), "li\n"] {
            let refused = sessions::open_for_officer(&city.app, &Operator, name).await;
            assert!(matches!(refused, Err(Error::InvalidInput { .. })), "{name}");
        }
        let refused = sessions::open_for_code(&city.app, &Operator, &neighbours_code()).await;
        assert!(
            matches!(refused, Err(Error::NotFound { .. })),
            "a neighbour's code is nobody's here"
        );
    });
}
