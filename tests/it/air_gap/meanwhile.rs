//! What happens in a city while a record is being carried to its key.

use fairplate::{
    Error,
    domain::actor::Operator,
    service::{
        approvals::Action,
        ceremony::{Revealed, close, drop_unsigned, reveal},
        representatives::seal,
    },
    store,
};
use fairplate_tests::{
    Asks as _, TestCity,
    ceremony::{self, Reveals, Terms},
    check_publication,
    city::moment,
    ids::draw_id,
    representatives::{self, Drawn, REPRESENTATIVES},
    stages::{
        ANNOUNCE_AT, CLOSE_AT, CONTRIBUTORS, FINISH_AT, PERIOD, officer, places, reveals, terms,
    },
};
use serde_json::json;

use super::{announced, off_line, state};
use crate::ceremony::contributions;

#[test]
fn while_a_record_waits_nothing_else_is_recorded_in_the_city() {
    off_line(async |city| {
        let (_, later) = two_draws(city).await;
        city.announce(PERIOD).await;
        let before = state(city).await;

        let others = [
            Action::AnnounceDraw {
                draw: later.clone(),
                terms: Terms {
                    closes_at: moment("2026-07-30T07:00:00Z"),
                    ..terms(&later)
                },
            },
            Action::AnnounceDraw {
                draw: PERIOD.to_owned(),
                terms: terms(PERIOD),
            },
            Action::VoidDraw {
                draw: PERIOD.to_owned(),
                reason: "flooded".to_owned(),
            },
            Action::ChangeRecordKey,
        ];
        for action in others {
            let refused = ceremony::propose(&city.app, &officer(), action).await;
            let error = refused.expect_err("a record waits");
            assert_eq!(error.code().as_str(), "WRONG_PHASE");
            let says = format!("the announce of {PERIOD} waits for its signature");
            assert!(error.to_string().contains(&says), "{error}");
        }
        let row = before.waiting.clone().expect("one");
        let second = store::unsigned_records::insert(&city.app.db, row).await;
        assert!(second.is_err(), "the database has room for one");
        assert_eq!(state(city).await, before);
        let (kept, other) = (city.draw(PERIOD).await, city.draw(&later).await);
        city.carry(PERIOD).await;
        assert_ne!(city.draw(PERIOD).await, kept);
        assert_eq!(city.draw(&later).await, other);
        check_publication(city).await;
    });
}

/// Two frozen draws: the period's, and one of its representatives.
async fn two_draws(city: &TestCity) -> (String, String) {
    city.reviewed(4, places(1, 1)).await;
    let representatives = ceremony::freeze_representatives(&city.app, &officer(), PERIOD).await;
    let representatives = representatives.expect("frozen");
    let row = ceremony::freeze(&city.app, &officer(), PERIOD).await;
    city.at(ANNOUNCE_AT);
    (row.expect("frozen").id, representatives.id)
}

#[test]
fn a_secret_that_comes_while_the_close_waits_comes_too_late() {
    off_line(async |city| {
        announced(city).await;
        city.at("2026-06-29T07:30:00Z");
        let closed = close(&city.app, &officer(), PERIOD, reveals()).await;
        closed.expect("decided");
        let before = state(city).await;
        let (name, secret) = CONTRIBUTORS[0];

        let revealed = reveal(&city.app, PERIOD, name, &secret).await;

        assert!(matches!(revealed, Ok(Revealed::Closed(_))), "{revealed:?}");
        assert_eq!(state(city).await, before);
        city.carry(PERIOD).await;
        let values = state(city).await.contributions;
        assert!(values.iter().all(|row| row.value.is_some()));
        check_publication(city).await;
    });
}

/// Draws the period's representatives, each record carried to the key and back; gives those who accept.
async fn represented(city: &TestCity) -> Vec<Drawn<'_>> {
    let citizens = city.reviewed(7, places(2, 1)).await;
    let app = &city.app;
    let frozen = ceremony::freeze_representatives(app, &officer(), PERIOD).await;
    frozen.expect("frozen");
    city.at(representatives::ANNOUNCE_AT);
    let terms = representatives::terms();
    let announced = ceremony::announce(app, &officer(), REPRESENTATIVES, terms).await;
    announced.expect("decided");
    city.carry(REPRESENTATIVES).await;
    city.at(representatives::CLOSE_AT);
    let none = Reveals::default();
    let closed = ceremony::close(app, &officer(), REPRESENTATIVES, none).await;
    closed.expect("decided");
    city.carry(REPRESENTATIVES).await;
    city.at(representatives::FINISH_AT);
    let finished = ceremony::finish(app, &officer(), REPRESENTATIVES).await;
    finished.expect("decided");
    city.carry(REPRESENTATIVES).await;
    let drawn = city.drawn_of(citizens).await;
    for one in &drawn[..2] {
        one.accept().await;
    }
    drawn
}

#[test]
fn a_commitment_that_comes_while_the_announcement_waits_comes_too_late() {
    off_line(async |city| {
        let drawn = represented(city).await;
        city.at(representatives::FREEZE_AT);
        drawn[0].seal(PERIOD).await;
        let frozen = ceremony::freeze(&city.app, &officer(), PERIOD).await;
        frozen.expect("frozen");
        city.at(ANNOUNCE_AT);
        city.announce(PERIOD).await;
        let before = state(city).await;
        let (late, applicant) = (&drawn[1], drawn[1].citizen.applicant());
        let (_, sealed) = representatives::sealing(&late.name, PERIOD);

        let refused = seal(&city.app, &applicant, &late.name, PERIOD, sealed).await;

        assert!(matches!(refused, Err(Error::TooLate { .. })), "{refused:?}");
        assert_eq!(state(city).await, before);
        city.carry(PERIOD).await;
        let names: Vec<_> = state(city)
            .await
            .contributions
            .into_iter()
            .map(|row| row.name)
            .collect();
        assert!(names.contains(&drawn[0].name) && !names.contains(&late.name));
        check_publication(city).await;
    });
}

#[test]
fn what_waits_is_said_over_the_api_and_a_key_is_answered_with_what_has_become_of_it() {
    off_line(async |city| {
        announced(city).await;
        city.at(CLOSE_AT);
        let officer = city.officer().await;
        let mut input = contributions(PERIOD);
        input["idempotencyKey"] = json!("close-202606-once");
        let fields = "draw { phase } unsigned { kind subject hash signingKeys }";
        let ask = async || {
            let reply = officer.call("closeContributions", input.clone(), fields);
            reply.await
        };
        let first = ask().await;
        let hash = city.export(PERIOD).await.hash().to_string();
        assert_eq!(
            first.get("/payload"),
            &json!({
                "draw": { "phase": "ANNOUNCED" },
                "unsigned": {
                    "kind": "CLOSE",
                    "subject": PERIOD,
                    "hash": hash,
                    "signingKeys": [city.app.signers().expect("keys").records.first().to_string()],
                },
            })
        );
        assert_eq!(ask().await.get("/payload"), first.get("/payload"));
        city.carry(PERIOD).await;
        assert_eq!(
            ask().await.get("/payload"),
            &json!({ "draw": { "phase": "CLOSED" }, "unsigned": null })
        );
        city.at(FINISH_AT);
        let finishing = json!({ "draw": draw_id(PERIOD), "idempotencyKey": "finish-202606-once" });
        let ask = async || {
            let reply = officer.call("finishDraw", finishing.clone(), fields);
            reply.await
        };
        assert_eq!(ask().await.get("/payload/unsigned/kind"), "RESULT");
        let dropped = drop_unsigned(&city.app, &Operator, PERIOD).await;
        dropped.expect("dropped");
        let refusal = ask().await.refusal();
        assert!(refusal.contains("was dropped"), "{refusal}");
        assert_eq!(city.waiting().await, None);
        check_publication(city).await;
    });
}
