//! What representatives bring to the period's draw: sealed before its announcement, revealed after it
//! as everybody reveals.

use fairplate::store;
use fairplate_tests::{
    Asks as _, TestCity, ceremony, check_publication,
    ids::draw_id,
    on_both_databases,
    representatives::{Drawn, FREEZE_AT, REPRESENTATIVES, sealing},
    stages::{ANNOUNCE_AT, CLOSE_AT, CLOSES_AT, FINISH_AT, PERIOD, officer, places},
};
use serde_json::{Value, json};
use verifier::text::Digest;

use crate::{
    ceremony::{announcement, contributions},
    revealing::{revealed, revealing},
};

/// A period whose representatives are drawn and whose first three have accepted.
async fn accepted(city: &TestCity) -> Vec<Drawn<'_>> {
    let drawn = city.represented(7, places(2, 1)).await;
    for representative in &drawn[..3] {
        representative.accept().await;
    }
    drawn
}

/// Freezes the period and puts the clock where it can be announced.
async fn freeze(city: &TestCity) {
    city.at(FREEZE_AT);
    ceremony::freeze(&city.app, &officer(), PERIOD)
        .await
        .expect("frozen");
    city.at(ANNOUNCE_AT);
}

/// Hands in a representative's secret, as anybody would who holds it.
async fn reveal(who: &Drawn<'_>, secret: [u8; 32]) -> String {
    let citizen = &who.citizen;
    revealed(citizen, &revealing(PERIOD, &who.name, secret)).await
}

const STANDING: &str = "invitation { contribution { draw commitment isAnnounced isRevealed } }";

/// What a representative sees of their contribution.
async fn standing(who: &Drawn<'_>) -> Value {
    let shown =
        "{ me { invitations { contribution { draw commitment isAnnounced isRevealed } } } }";
    let reply = who.citizen.ask(shown).await;
    reply.get("/me/invitations/0/contribution").clone()
}

/// The lines of a record of the period's draw that speak of representatives.
async fn lines(city: &TestCity, record: usize) -> Vec<String> {
    let records = store::records::list_of_draw(&city.app.db, city.app.city, PERIOD)
        .await
        .expect("records");
    let lines = records[record].note.lines();
    lines
        .filter(|line| line.contains(REPRESENTATIVES))
        .map(str::to_owned)
        .collect()
}

#[test]
fn what_representatives_seal_and_reveal_stands_in_the_records_of_a_verified_draw() {
    on_both_databases(async |city| {
        let drawn = accepted(city).await;
        let (one, two) = (&drawn[0], &drawn[1]);
        let (secret, sealed) = sealing(&one.name, PERIOD);
        let input =
            json!({ "invitation": one.id(), "draw": PERIOD, "commitment": sealed.to_string() });
        let reply = one.citizen.call("sealContribution", input, STANDING).await;
        assert_eq!(
            reply.get("/payload/invitation/contribution"),
            &json!({ "draw": PERIOD, "commitment": sealed.to_string(), "isAnnounced": false, "isRevealed": false })
        );
        two.seal(PERIOD).await;
        freeze(city).await;

        let announced = city.officer().await;
        announced
            .call("announceDraw", announcement(PERIOD), "draw { id }")
            .await
            .accepted();
        assert_eq!(reveal(one, secret).await, "ContributionRevealed");
        assert_eq!(
            standing(one).await,
            json!({ "draw": PERIOD, "commitment": sealed.to_string(), "isAnnounced": true, "isRevealed": true })
        );
        city.at(CLOSE_AT);
        let closing = city.officer().await;
        closing
            .call("closeContributions", contributions(PERIOD), "draw { id }")
            .await
            .accepted();
        city.at(FINISH_AT);
        ceremony::finish(&city.app, &officer(), PERIOD)
            .await
            .expect("finished");

        let (_, others) = sealing(&two.name, PERIOD);
        assert_eq!(
            lines(city, 0).await,
            [
                format!("sealed 202606R/1 {sealed}"),
                format!("sealed 202606R/2 {others}")
            ]
        );
        assert_eq!(
            lines(city, 1).await,
            [
                format!("reveal 202606R/1 {}", Digest(secret)),
                "missing 202606R/2".to_owned()
            ]
        );
        check_publication(city).await;
    });
}

#[test]
fn an_officer_can_neither_leave_a_commitment_out_nor_contribute_in_a_representatives_name() {
    on_both_databases(async |city| {
        let drawn = accepted(city).await;
        drawn[0].seal(PERIOD).await;
        freeze(city).await;
        let before = city.draw(PERIOD).await;
        // One who has handed a commitment in, and one who has not.
        for who in &drawn[..2] {
            let mut terms = announcement(PERIOD);
            let other = json!({ "name": who.name, "commitment": "0".repeat(64) });
            terms["sealed"].as_array_mut().expect("a list").push(other);
            let officer = city.officer().await;
            let reply = officer.call("announceDraw", terms, "draw { id }").await;
            let refusal = reply.refusal();
            let start = format!(
                "INVALID_INPUT: sealed: {} is the name of a representative",
                who.name
            );
            assert!(refusal.starts_with(&start), "{refusal}");
        }
        assert_eq!(city.draw(PERIOD).await, before);
        let none = json!({ "draw": draw_id(PERIOD), "windowSeconds": 86_400, "marginSeconds": 60, "closesAt": CLOSES_AT });
        let reply = city
            .officer()
            .await
            .call("announceDraw", none, "draw { id }")
            .await;
        reply.accepted();
        assert_eq!(lines(city, 0).await.len(), 1);
        check_publication(city).await;
    });
}

/// Code and sentence of a refused mutation; nothing of the representatives has changed.
async fn refused(city: &TestCity, who: &Drawn<'_>, mutation: &str, input: Value) -> String {
    let before = city.representatives().await;
    let stored = store::contributions::list(&city.app.db, city.app.city, PERIOD).await;
    let reply = who.citizen.call(mutation, input, "invitation { id }").await;
    assert_eq!(city.representatives().await, before);
    let after = store::contributions::list(&city.app.db, city.app.city, PERIOD).await;
    assert_eq!(
        after.expect("contributions"),
        stored.expect("contributions")
    );
    reply.refusal()
}

#[test]
fn a_commitment_is_taken_from_who_has_accepted_for_the_draw_to_come_until_it_is_announced() {
    on_both_databases(async |city| {
        let drawn = accepted(city).await;
        let sealed = |who: &Drawn<'_>, draw: &str| {
            let (_, sealed) = sealing(&who.name, draw);
            json!({ "invitation": who.id(), "draw": draw, "commitment": sealed.to_string() })
        };
        let mutation = "sealContribution";
        let invited = refused(city, &drawn[3], mutation, sealed(&drawn[3], PERIOD)).await;
        assert!(
            invited.starts_with("WRONG_PHASE: the invitation 202606R/4 is INVITED"),
            "{invited}"
        );
        let other = refused(city, &drawn[0], mutation, sealed(&drawn[0], "202607")).await;
        assert!(
            other.starts_with("INVALID_INPUT: draw: a commitment names its draw"),
            "{other}"
        );
        let anothers = refused(city, &drawn[0], mutation, sealed(&drawn[1], PERIOD)).await;
        assert_eq!(anothers, "NOT_FOUND: there is no invitation 202606R/2");
        freeze(city).await;
        city.announce(PERIOD).await;

        let late = refused(city, &drawn[0], mutation, sealed(&drawn[0], PERIOD)).await;

        assert!(
            late.starts_with("WRONG_PHASE: the draw 202606 is ANNOUNCED"),
            "{late}"
        );
        assert_eq!(lines(city, 0).await, [""; 0]);
    });
}

#[test]
fn until_the_announcement_a_later_commitment_takes_the_place_of_an_earlier() {
    on_both_databases(async |city| {
        let drawn = accepted(city).await;
        let who = &drawn[0];
        who.seal(PERIOD).await;
        let (_, other) = sealing("another secret", PERIOD);
        let input =
            json!({ "invitation": who.id(), "draw": PERIOD, "commitment": other.to_string() });

        for _ in 0..2 {
            let reply = who
                .citizen
                .call("sealContribution", input.clone(), STANDING)
                .await;
            assert_eq!(
                reply.get("/payload/invitation/contribution/commitment"),
                &json!(other.to_string())
            );
        }

        freeze(city).await;
        city.announce(PERIOD).await;
        assert_eq!(lines(city, 0).await, [format!("sealed 202606R/1 {other}")]);
        check_publication(city).await;
    });
}

#[test]
fn an_officer_may_bring_what_a_representative_has_revealed_and_no_other_secret() {
    on_both_databases(async |city| {
        let drawn = accepted(city).await;
        let secret = drawn[0].seal(PERIOD).await;
        freeze(city).await;
        city.announce(PERIOD).await;
        assert_eq!(reveal(&drawn[0], secret).await, "ContributionRevealed");
        city.at(CLOSE_AT);
        let closing = |secret: [u8; 32]| {
            let mut brought = contributions(PERIOD);
            let own = json!({ "name": drawn[0].name, "secret": Digest(secret).to_string() });
            brought["sealed"].as_array_mut().expect("a list").push(own);
            brought
        };
        let officer = city.officer().await;
        let other = officer
            .call("closeContributions", closing([7; 32]), "draw { id }")
            .await;
        assert!(
            other
                .refusal()
                .starts_with("INVALID_INPUT: reveals: the secret of 202606R/1")
        );
        assert_eq!(
            city.draw(PERIOD).await.phase,
            entity::draw::Phase::Announced
        );

        officer
            .call("closeContributions", closing(secret), "draw { id }")
            .await
            .accepted();

        assert_eq!(
            lines(city, 1).await,
            [format!("reveal 202606R/1 {}", Digest(secret))]
        );
        check_publication(city).await;
    });
}

#[test]
fn a_redo_of_the_periods_draw_asks_for_commitments_of_its_own() {
    on_both_databases(async |city| {
        let drawn = accepted(city).await;
        drawn[0].seal(PERIOD).await;
        drawn[1].seal(PERIOD).await;
        freeze(city).await;
        city.announce(PERIOD).await;
        ceremony::void(&city.app, &officer(), PERIOD, "the hall was flooded")
            .await
            .expect("voided");
        let (_, old) = sealing(&drawn[0].name, PERIOD);
        let input =
            json!({ "invitation": drawn[0].id(), "draw": PERIOD, "commitment": old.to_string() });
        let refusal = refused(city, &drawn[0], "sealContribution", input).await;
        assert!(refusal.contains("202606-2"), "{refusal}");

        drawn[0].seal("202606-2").await;
        let redo = ceremony::freeze(&city.app, &officer(), PERIOD).await;
        city.announce(&redo.expect("frozen again").id).await;

        let sealed = store::contributions::list(&city.app.db, city.app.city, "202606-2").await;
        let names = sealed
            .expect("contributions")
            .into_iter()
            .map(|row| row.name);
        let names: Vec<_> = names
            .filter(|name| name.starts_with(REPRESENTATIVES))
            .collect();
        assert_eq!(names, ["202606R/1"]);
        check_publication(city).await;
    });
}
