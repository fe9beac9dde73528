//! The ceremony: what becomes of a pool from the freeze to the result.

use fairplate::{beacon, store};
use fairplate_tests::{
    Anonymous, Asks as _, TestCity, check_publication,
    city::moment,
    ids::draw_id,
    on_both_databases,
    people::person,
    stages::{
        ANNOUNCE_AT, BALL_MACHINE, CLOSE_AT, CLOSES_AT, CONTRIBUTORS, FINISH_AT, FREEZE_AT, PERIOD,
        later, places,
    },
};
use serde_json::{Value, json};
use verifier::record::{Announce, Record, commitment};

/// What `announceDraw` takes, on the usual terms.
pub(crate) fn announcement(draw: &str) -> Value {
    let sealed = CONTRIBUTORS.iter().map(|(name, secret)| {
        let commitment = commitment(fairplate_tests::keys::ORIGIN, draw, name, secret);
        json!({ "name": name, "commitment": commitment.to_string() })
    });
    json!({
        "draw": draw_id(draw),
        "sealed": sealed.collect::<Vec<_>>(),
        "open": [BALL_MACHINE],
        "windowSeconds": 86_400,
        "marginSeconds": 60,
        "closesAt": CLOSES_AT,
    })
}

/// What `closeContributions` takes when everybody has come.
pub(crate) fn contributions(draw: &str) -> Value {
    let sealed = CONTRIBUTORS
        .iter()
        .map(|(name, secret)| json!({ "name": name, "secret": verifier::text::Digest(*secret).to_string() }));
    json!({
        "draw": draw_id(draw),
        "sealed": sealed.collect::<Vec<_>>(),
        "open": [{ "label": BALL_MACHINE, "value": "374478" }],
    })
}

/// The steps of a draw that are public, and what the verifier says.
async fn standing(city: &TestCity, draw: &str) -> Value {
    let document = format!(
        "{{ draw(publicId: \"{draw}\") {{ phase sequence records {{ kind }} verdict {{ verdict }} }} }}"
    );
    Anonymous(city).ask(&document).await.get("/draw").clone()
}

#[test]
fn an_application_becomes_a_verified_draw_over_the_api_alone() {
    on_both_databases(async |city| {
        city.opened(places(1, 1)).await;
        let officer = city.officer().await;
        for number in 1..=3 {
            let account = city.signed_in(&person(number)).await;
            let applied = account.apply(account.person.input()).await;
            assert_eq!(applied["application"]["status"], "NEW");
            let code = &applied["application"]["code"];
            let decision = json!({ "code": code, "decision": "APPROVED" });
            officer
                .call("reviewApplication", decision, "__typename")
                .await
                .accepted();
        }
        city.review_all().await;
        lead(city).await;

        let shown = standing(city, PERIOD).await;

        let kinds = json!([{ "kind": "ANNOUNCE" }, { "kind": "CLOSE" }, { "kind": "RESULT" }]);
        assert_eq!(
            shown,
            json!({ "phase": "FINISHED", "sequence": "1", "records": kinds, "verdict": { "verdict": "VERIFIED" } })
        );
        check_publication(city).await;
    });
}

/// The ceremony over the API, each step at its time and looked at.
async fn lead(city: &TestCity) {
    let steps = [
        (
            FREEZE_AT,
            "freezePeriod",
            json!({ "period": PERIOD }),
            "FROZEN",
        ),
        (
            ANNOUNCE_AT,
            "announceDraw",
            announcement(PERIOD),
            "ANNOUNCED",
        ),
        (
            CLOSE_AT,
            "closeContributions",
            contributions(PERIOD),
            "CLOSED",
        ),
        (
            FINISH_AT,
            "finishDraw",
            json!({ "draw": draw_id(PERIOD) }),
            "FINISHED",
        ),
    ];
    for (at, mutation, input, phase) in steps {
        city.at(at);
        let reply = city
            .officer()
            .await
            .call(mutation, input, "draw { phase }")
            .await;
        assert_eq!(reply.get("/payload/draw/phase"), phase);
        check_publication(city).await;
    }
}

#[test]
fn the_published_folder_is_served_file_by_file_and_as_one_archive() {
    on_both_databases(async |city| {
        city.finished(6, places(2, 1)).await;
        let document =
            format!("{{ draw(publicId: \"{PERIOD}\") {{ files {{ name url sha256 }} }} }}");

        let reply = Anonymous(city).ask(&document).await;

        let server = city.server().await;
        let files = reply.get("/draw/files").as_array().expect("files").clone();
        assert_eq!(files.len(), 10);
        for file in files {
            let (status, bytes) = server.get(file["url"].as_str().expect("a path")).await;
            assert_eq!(status, 200, "{file}");
            assert_eq!(
                verifier::text::Digest::of(&bytes).to_string(),
                file["sha256"]
            );
        }
        let (status, archive) = server.get(&format!("/public/draws/{PERIOD}.tar")).await;
        assert_eq!(status, 200);
        assert_eq!(
            server.get(&format!("/public/draws/{PERIOD}.tar")).await.1,
            archive
        );
        for hidden in [
            "/public/../keys/record.key",
            "/public/%2e%2e/fairplate.db",
            "/public/draws/none.tar",
        ] {
            assert_eq!(server.get(hidden).await.0, 404, "{hidden}");
        }
    });
}

#[test]
fn a_draw_on_the_real_round_of_quicknet_is_verified() {
    on_both_databases(async |city| {
        city.frozen(7, places(2, 2)).await;
        let mut terms = announcement(PERIOD);
        terms["chain"] = beacon::quicknet().to_string().into();
        terms["round"] = "30000000".into();
        let app = city.carrying_the_recorded_round().await;
        let officer = fairplate_tests::stages::officer();
        city.officer()
            .await
            .call("announceDraw", terms, "draw { beacon { at } }")
            .await
            .accepted();
        city.at(CLOSE_AT);
        let input = contributions(PERIOD);
        city.officer()
            .await
            .call("closeContributions", input, "draw { phase }")
            .await
            .accepted();
        city.at("2026-06-30T07:09:24Z");

        fairplate::service::ceremony::finish(&app, &officer, PERIOD)
            .await
            .expect("finished");

        assert_eq!(
            standing(city, PERIOD).await["verdict"]["verdict"],
            "VERIFIED"
        );
        check_publication(city).await;
    });
}

#[test]
fn finishing_again_gives_the_same_result_again() {
    on_both_databases(async |city| {
        city.finished(6, places(2, 1)).await;
        check_publication(city).await;
        let fields = "draw { phase records { hash } }";
        let input = json!({ "draw": draw_id(PERIOD) });
        let first = city
            .officer()
            .await
            .call("finishDraw", input.clone(), fields)
            .await;
        city.at(&later(FINISH_AT, 3_600));

        let again = city.officer().await.call("finishDraw", input, fields).await;

        assert_eq!(again.answer(), first.answer());
        assert_eq!(
            again
                .get("/payload/draw/records")
                .as_array()
                .expect("records")
                .len(),
            3
        );
        check_publication(city).await;
    });
}

#[test]
fn reserves_beyond_the_pool_are_as_many_as_there_are_people() {
    on_both_databases(async |city| {
        city.finished(5, places(2, 40)).await;

        assert_eq!(placed(city).await, [true, true, false, false, false]);
        assert_eq!(
            standing(city, PERIOD).await["verdict"]["verdict"],
            "VERIFIED"
        );
        check_publication(city).await;
    });
}

#[test]
fn everybody_wins_when_the_quota_reaches_the_pool() {
    on_both_databases(async |city| {
        city.finished(3, places(3, 2)).await;

        assert_eq!(placed(city).await, [true, true, true]);
        check_publication(city).await;
    });
}

#[test]
fn an_empty_pool_is_drawn_and_nobody_wins() {
    on_both_databases(async |city| {
        city.finished(0, places(2, 2)).await;

        assert_eq!(placed(city).await, [false; 0]);
        assert_eq!(
            standing(city, PERIOD).await["verdict"]["verdict"],
            "VERIFIED"
        );
        check_publication(city).await;
    });
}

/// Who was placed, by rank: whether they won.
async fn placed(city: &TestCity) -> Vec<bool> {
    let places = store::placements::list(&city.app.db, city.app.city, PERIOD, "individual").await;
    places
        .expect("places")
        .iter()
        .map(|place| place.is_winner)
        .collect()
}

#[test]
fn a_redo_after_a_void_is_a_new_draw_that_names_the_void() {
    on_both_databases(async |city| {
        city.announced(6, places(2, 1)).await;
        let void = json!({ "draw": draw_id(PERIOD), "reason": "the hall was flooded" });
        city.officer()
            .await
            .call("voidDraw", void, "draw { phase }")
            .await
            .accepted();
        check_publication(city).await;
        city.at("2026-06-30T08:00:00Z");
        let input = json!({ "period": PERIOD });
        let frozen = city
            .officer()
            .await
            .call("freezePeriod", input, "draw { id sequence }")
            .await;
        let mut terms = announcement("202606-2");
        terms["closesAt"] = "2026-07-02T07:00:00Z".into();

        city.officer()
            .await
            .call("announceDraw", terms, "draw { phase }")
            .await
            .accepted();

        assert_eq!(
            frozen.get("/payload/draw"),
            &json!({ "id": draw_id("202606-2"), "sequence": "2" })
        );
        let records = store::records::list(&city.app.db, city.app.city)
            .await
            .expect("records");
        let [_, void, redo] = &records[..] else {
            panic!("{} records", records.len())
        };
        assert_eq!(announce_of(&redo.note).previous.0[..], void.hash[..]);
        assert_eq!(standing(city, PERIOD).await["phase"], "VOIDED");
        check_publication(city).await;
    });
}

fn announce_of(note: &str) -> Announce {
    let note = verifier::note::Note::parse(note.as_bytes()).expect("a note");
    match Record::parse(&note.text).expect("a record") {
        Record::Announce(announce) => announce,
        other => panic!("expected an announce, found {other:?}"),
    }
}

#[test]
fn a_second_draw_names_the_result_of_the_first() {
    on_both_databases(async |city| {
        city.finished(6, places(2, 1)).await;
        let first = store::records::list(&city.app.db, city.app.city)
            .await
            .expect("records");
        let later = city.second_period().await;

        let input = json!({ "period": later });
        city.officer()
            .await
            .call("freezePeriod", input, "draw { id }")
            .await
            .accepted();
        let mut terms = announcement(&later);
        terms["closesAt"] = "2026-07-30T07:00:00Z".into();
        city.officer()
            .await
            .call("announceDraw", terms, "draw { id }")
            .await
            .accepted();

        let records = store::records::list(&city.app.db, city.app.city)
            .await
            .expect("records");
        assert_eq!(
            announce_of(&records[3].note).previous.0[..],
            first[2].hash[..]
        );
        check_publication(city).await;
    });
}

#[test]
fn contributions_that_did_not_come_are_written_down_as_missing() {
    on_both_databases(async |city| {
        city.announced(4, places(1, 1)).await;
        let mut brought = contributions(PERIOD);
        brought["sealed"].as_array_mut().expect("a list").pop();

        let reply = city
            .officer()
            .await
            .call("closeContributions", brought, "draw { records { note } }")
            .await;

        let note = reply
            .get("/payload/draw/records/1/note")
            .as_str()
            .expect("a note");
        assert!(note.contains("\nreveal notary.example/c1 "), "{note}");
        assert!(note.contains("\nmissing rep-a.example/c1\n"), "{note}");
        assert!(moment(CLOSES_AT) < moment(CLOSE_AT));
        check_publication(city).await;
    });
}
