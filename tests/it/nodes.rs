//! Everything by its id alone: whoever may see a thing finds it, and to anybody else it is not there.

use fairplate_tests::{
    AccountActor, Anonymous, Asks, TestCity,
    ids::{Noun, draw_id, id_of},
    on_both_databases,
    people::person,
    stages::{PERIOD, places},
};
use serde_json::{Value, json};
use uuid::Uuid;

/// What an id leads to for somebody: type and id.
async fn node(actor: &impl Asks, id: &Value) -> Value {
    let document = "query($id: ID!) { node(id: $id) { __typename id } }";
    let reply = actor.ask_with(document, json!({ "id": id })).await;
    reply.get("/node").clone()
}

/// Asserts that an id leads whoever may see the thing to it, and the others to nothing.
fn assert_found(id: &Value, kind: &str, seen: &[Value], unseen: &[Value]) {
    let expected = json!({ "__typename": kind, "id": id });
    for found in seen {
        assert_eq!(found, &expected, "{kind}");
    }
    for found in unseen {
        assert_eq!(found, &Value::Null, "{kind}");
    }
}

/// A field of the answer to a document, which everything was accepted of.
async fn field(actor: &impl Asks, document: &str, pointer: &str) -> Value {
    actor.ask(document).await.get(pointer).clone()
}

#[test]
fn what_everybody_may_see_is_found_by_anybody() {
    on_both_databases(async |city| {
        city.finished(3, places(1, 1)).await;
        let anybody = Anonymous(city);
        let document =
            format!("{{ city {{ id }} period(number: \"{PERIOD}\") {{ id draws {{ id }} }} }}");
        for (pointer, kind) in [
            ("/city/id", "City"),
            ("/period/id", "Period"),
            ("/period/draws/0/id", "Draw"),
        ] {
            let id = field(&anybody, &document, pointer).await;
            assert_found(&id, kind, &[node(&anybody, &id).await], &[]);
        }
        for nobodys in [
            id_of(Noun::City, 440_300),
            id_of(Noun::Period, "202601"),
            draw_id("202699"),
            id_of(Noun::Representative, "202606R/1"),
            id_of(Noun::CodeRequest, Uuid::nil()),
        ] {
            assert_eq!(node(&anybody, &json!(nobodys)).await, Value::Null);
        }
    });
}

#[test]
fn representatives_are_everybodys_and_their_invitations_their_own() {
    on_both_databases(async |city| {
        let drawn = city.represented(7, places(2, 1)).await;
        let place = json!(id_of(Noun::Representative, &drawn[0].name));
        let found = node(&Anonymous(city), &place).await;
        assert_found(&place, "Representative", &[found], &[]);

        let (own, reserve) = (json!(drawn[0].id()), json!(drawn[6].id()));
        let seen = node(&drawn[0].citizen, &own).await;
        let unseen = [
            node(&drawn[1].citizen, &own).await,
            node(&Anonymous(city), &own).await,
            node(&city.officer().await, &own).await,
            // A reserve who was not called has no invitation yet.
            node(&drawn[6].citizen, &reserve).await,
        ];
        assert_found(&own, "Invitation", &[seen], &unseen);
    });
}

/// Somebody with an account, and something of every kind that hangs on it.
async fn settled(city: &TestCity) -> AccountActor<'_> {
    let account = city.signed_in(&person(1)).await;
    let applied = account.apply(account.person.input()).await;
    assert_eq!(applied["__typename"], "ApplicationSubmitted", "{applied}");
    account
}

#[test]
fn what_hangs_on_an_account_is_found_by_its_holder_alone() {
    on_both_databases(async |city| {
        city.opened(places(1, 1)).await;
        let (owner, stranger) = (settled(city).await, city.signed_in(&person(2)).await);
        let officer = city.officer().await;
        let document = "{ me { account { id } sessions { id } drafts { id } \
            inbox { nodes { id } } applications { nodes { id } } } }";
        for (pointer, kind) in [
            ("/me/account/id", "Account"),
            ("/me/sessions/0/id", "Session"),
            ("/me/drafts/0/id", "ApplicationDraft"),
            ("/me/inbox/nodes/0/id", "Message"),
            ("/me/applications/nodes/0/id", "Application"),
        ] {
            let id = field(&owner, document, pointer).await;
            let seen = [node(&owner, &id).await];
            let mut unseen = vec![
                node(&stranger, &id).await,
                node(&Anonymous(city), &id).await,
                node(&city.auditor("wu").await, &id).await,
            ];
            if kind != "Application" {
                unseen.push(node(&officer, &id).await);
            }
            assert_found(&id, kind, &seen, &unseen);
        }
    });
}

#[test]
fn a_winners_certificate_is_found_by_the_winner_alone() {
    on_both_databases(async |city| {
        let citizens = city.finished(3, places(3, 0)).await;
        let [winner, other, _] = &citizens[..] else {
            panic!("three people")
        };
        let winner = winner.signed_in().await;
        let id = field(
            &winner,
            "{ me { certificates { id } } }",
            "/me/certificates/0/id",
        )
        .await;
        let unseen = [
            node(&other.signed_in().await, &id).await,
            node(&city.officer().await, &id).await,
            node(&Anonymous(city), &id).await,
        ];
        let seen = [node(&winner, &id).await];
        assert_found(&id, "Certificate", &seen, &unseen);
    });
}

#[test]
fn what_the_city_keeps_is_found_by_those_whose_desk_it_is_on() {
    on_both_databases(async |city| {
        city.opened(places(1, 1)).await;
        let citizen = city.apply(&person(1)).await;
        let (fang, wu) = (city.reviewer("fang").await, city.auditor("wu").await);
        let officer = city.officer().await;

        let row = field(
            &wu,
            "{ auditTrail { nodes { id } } }",
            "/auditTrail/nodes/0/id",
        )
        .await;
        let seen = [node(&wu, &row).await, node(&officer, &row).await];
        let unseen = [node(&fang, &row).await, node(&citizen, &row).await];
        assert_found(&row, "AuditRow", &seen, &unseen);

        let document = "{ messages(state: WAITING) { nodes { id } } }";
        let message = field(&officer, document, "/messages/nodes/0/id").await;
        let unseen = [node(&fang, &message).await, node(&citizen, &message).await];
        let seen = [node(&officer, &message).await];
        assert_found(&message, "OutgoingMessage", &seen, &unseen);

        let application = json!(citizen.node_id());
        let seen = [
            node(&fang, &application).await,
            node(&officer, &application).await,
        ];
        let unseen = [node(&wu, &application).await];
        assert_found(&application, "Application", &seen, &unseen);
    });
}

#[test]
fn several_ids_are_answered_in_their_order_and_at_most_a_hundred() {
    on_both_databases(async |city| {
        city.opened(places(1, 1)).await;
        let (one, two) = (city.apply(&person(1)).await, city.apply(&person(2)).await);
        let document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        let ids = [
            one.node_id(),
            two.node_id(),
            draw_id("202699"),
            one.node_id(),
        ];

        let reply = one.ask_with(document, json!({ "ids": ids })).await;

        let own = json!({ "id": one.node_id() });
        assert_eq!(reply.get("/nodes"), &json!([own, null, null, own]));
        for (count, codes) in [(100, vec![]), (101, vec!["INVALID_INPUT"])] {
            let ids = vec![draw_id("202699"); count];
            let reply = one.ask_with(document, json!({ "ids": ids })).await;
            assert_eq!(reply.codes(), codes, "{count}");
        }
    });
}

#[test]
fn what_is_no_id_of_the_thing_is_refused_and_changes_nothing() {
    on_both_databases(async |city| {
        city.opened(places(1, 1)).await;
        let citizen = city.apply(&person(1)).await;
        for wrong in [
            citizen.id().to_string(),
            citizen.code().to_owned(),
            draw_id(PERIOD),
            format!("{}=", citizen.node_id()),
            String::new(),
        ] {
            let input = json!({ "applicationId": wrong });
            let reply = citizen.call("cancelApplication", input, "__typename").await;
            assert_eq!(
                reply.refusal(),
                "INVALID_INPUT: applicationId: expected the id of an application, as the server gave it"
            );
        }
        assert_eq!(city.application(&citizen).await, citizen.application);
        let document = format!("{{ node(id: \"{}\") {{ id }} }}", citizen.id());
        let reply = citizen.ask(&document).await;
        assert_eq!(reply.codes(), ["INVALID_INPUT"]);
    });
}
