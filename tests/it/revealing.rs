//! Secrets that open a commitment, from whoever holds them: taken once they open it, in time, under
//! the announced name, and written down by the close.

use entity::{audit, contribution, draw};
use fairplate::store;
use fairplate_tests::{
    Anonymous, Asks, TestCity, ceremony, check_publication,
    ids::draw_id,
    on_both_databases,
    representatives::FREEZE_AT,
    stages::{BALL_MACHINE, CLOSE_AT, CLOSES_AT, CONTRIBUTORS, PERIOD, later, officer, places},
};
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};
use verifier::text::Digest;

use crate::ceremony::contributions;

/// What `revealContribution` takes.
pub(crate) fn revealing(draw: &str, name: &str, secret: [u8; 32]) -> Value {
    json!({ "draw": draw, "name": name, "secret": Digest(secret).to_string() })
}

/// Which outcome somebody is given.
pub(crate) async fn revealed(who: &impl Asks, input: &Value) -> String {
    let reply = who.call("revealContribution", input.clone(), "__typename");
    let reply = reply.await;
    let outcome = reply.get("/payload/__typename");
    outcome.as_str().expect("an outcome").to_owned()
}

async fn stored(city: &TestCity) -> Vec<contribution::Model> {
    let rows = store::contributions::list(&city.app.db, city.app.city, PERIOD).await;
    rows.expect("contributions")
}

async fn trail(city: &TestCity) -> Vec<audit::Model> {
    let rows = audit::Entity::find().all(&city.app.db).await;
    rows.expect("a trail")
}

/// The outcome of a secret that is not taken; nothing has changed.
async fn refused(city: &TestCity, input: Value) -> String {
    let before = (
        stored(city).await,
        trail(city).await,
        city.draw(PERIOD).await,
    );
    let outcome = revealed(&Anonymous(city), &input).await;
    let after = (
        stored(city).await,
        trail(city).await,
        city.draw(PERIOD).await,
    );
    assert_eq!(after, before, "{outcome}");
    outcome
}

/// The notary and the bystander of every story.
const NOTARY: (&str, [u8; 32]) = CONTRIBUTORS[0];
const REP: (&str, [u8; 32]) = CONTRIBUTORS[1];

/// The first story's close, as it was published.
async fn closing(city: &TestCity) -> String {
    let records = store::records::list_of_draw(&city.app.db, city.app.city, PERIOD).await;
    let records = records.expect("records");
    records[1]
        .note
        .split("\n\n")
        .next()
        .expect("a text")
        .to_owned()
}

#[test]
fn whoever_holds_the_secret_hands_it_in_without_an_account_and_the_close_has_it() {
    on_both_databases(async |city| {
        city.announced(4, places(1, 1)).await;
        city.at(CLOSES_AT);
        let input = revealing(PERIOD, NOTARY.0, NOTARY.1);
        let shown = "... on ContributionRevealed { name draw { id } clientMutationId }";
        let mut echoed = input.clone();
        echoed["clientMutationId"] = "mine".into();
        let reply = Anonymous(city)
            .call("revealContribution", echoed, shown)
            .await;
        assert_eq!(
            reply.get("/payload"),
            &json!({ "name": NOTARY.0, "draw": { "id": draw_id(PERIOD) }, "clientMutationId": "mine" })
        );
        let rows = trail(city).await.into_iter();
        let told = rows
            .filter(|row| row.action == "ceremony.reveal")
            .map(|row| (row.actor, row.subject));
        let expected = (
            "contributor:notary.example/c1".to_owned(),
            PERIOD.to_owned(),
        );
        assert_eq!(told.collect::<Vec<_>>(), [expected]);

        // The officer brings the balls alone; the other contributor has stayed away.
        city.at(CLOSE_AT);
        let open = json!({ "draw": draw_id(PERIOD), "open": [{ "label": BALL_MACHINE, "value": "374478" }] });
        let officer = city.officer().await;
        let reply = officer
            .call("closeContributions", open, "draw { id }")
            .await;
        reply.accepted();

        let close = closing(city).await;
        let expected = format!(
            "reveal {} {}\nmissing {}\nopen ball-machine 374478",
            NOTARY.0,
            Digest(NOTARY.1),
            REP.0
        );
        assert!(close.ends_with(&expected), "{close}");
        check_publication(city).await;
    });
}

#[test]
fn a_secret_that_comes_again_is_answered_alike_and_changes_nothing() {
    on_both_databases(async |city| {
        city.announced(4, places(1, 1)).await;
        city.at(CLOSES_AT);
        let input = revealing(PERIOD, NOTARY.0, NOTARY.1);
        assert_eq!(
            revealed(&Anonymous(city), &input).await,
            "ContributionRevealed"
        );
        for at in [CLOSES_AT, CLOSE_AT] {
            city.at(at);
            assert_eq!(refused(city, input.clone()).await, "ContributionRevealed");
        }
        let officer = city.officer().await;
        let all = contributions(PERIOD);
        let reply = officer.call("closeContributions", all, "draw { id }").await;
        reply.accepted();
        assert_eq!(refused(city, input).await, "ContributionRevealed");
        // What the officer brought is revealed too.
        let brought = revealing(PERIOD, REP.0, REP.1);
        assert_eq!(refused(city, brought).await, "ContributionRevealed");
        check_publication(city).await;
    });
}

#[test]
fn another_secret_another_name_and_another_draw_are_refused_and_change_nothing() {
    on_both_databases(async |city| {
        city.announced(4, places(1, 1)).await;
        city.at(CLOSES_AT);
        let (name, secret) = NOTARY;
        let mut nearly = secret;
        nearly[31] ^= 1;
        for (input, outcome) in [
            (revealing(PERIOD, name, nearly), "SecretDoesNotOpen"),
            (revealing(PERIOD, REP.0, secret), "SecretDoesNotOpen"),
            (
                revealing(PERIOD, "notary.example/c", secret),
                "CommitmentNotAnnounced",
            ),
            (revealing(PERIOD, "", secret), "CommitmentNotAnnounced"),
            // The label of a value that is made in public is no contributor.
            (
                revealing(PERIOD, BALL_MACHINE, secret),
                "CommitmentNotAnnounced",
            ),
        ] {
            assert_eq!(refused(city, input.clone()).await, outcome, "{input}");
        }
        let none = revealing("202699", name, secret);
        let anybody = Anonymous(city);
        let reply = anybody.call("revealContribution", none, "__typename");
        assert_eq!(reply.await.refusal(), "NOT_FOUND: there is no draw 202699");
        let short = json!({ "draw": PERIOD, "name": name, "secret": "c0ffee" });
        let anybody = Anonymous(city);
        let reply = anybody.call("revealContribution", short, "__typename");
        let reply = reply.await;
        assert!(!reply.body().to_string().contains("c0ffee"), "{reply:?}");
    });
}

#[test]
fn a_secret_is_not_taken_before_the_draw_is_announced_nor_after_contributions_are_over() {
    on_both_databases(async |city| {
        city.frozen(4, places(1, 1)).await;
        let (name, secret) = NOTARY;
        let early = refused(city, revealing(PERIOD, name, secret)).await;
        assert_eq!(early, "CommitmentNotAnnounced");
        city.announce(PERIOD).await;
        city.at(CLOSES_AT);
        let in_time = revealed(&Anonymous(city), &revealing(PERIOD, name, secret)).await;
        assert_eq!(in_time, "ContributionRevealed");
        city.at(&later(CLOSES_AT, 1));
        let late = refused(city, revealing(PERIOD, REP.0, REP.1)).await;
        assert_eq!(late, "ContributionsClosed");

        city.at(CLOSE_AT);
        let officer = city.officer().await;
        let open =
            json!({ "draw": draw_id(PERIOD), "open": [{ "label": BALL_MACHINE, "value": "0" }] });
        let reply = officer
            .call("closeContributions", open, "draw { id }")
            .await;
        reply.accepted();
        let late = refused(city, revealing(PERIOD, REP.0, REP.1)).await;
        assert_eq!(late, "ContributionsClosed");
        let close = closing(city).await;
        assert!(close.contains("\nmissing rep-a.example/c1\n"), "{close}");
    });
}

#[test]
fn a_draw_that_was_given_up_takes_no_secret_and_its_redo_another_one() {
    on_both_databases(async |city| {
        city.announced(4, places(1, 1)).await;
        city.at(CLOSES_AT);
        ceremony::void(&city.app, &officer(), PERIOD, "the hall was flooded")
            .await
            .expect("voided");
        assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Voided);
        let secret = revealing(PERIOD, NOTARY.0, NOTARY.1);
        assert_eq!(refused(city, secret).await, "ContributionsClosed");
        let redo = ceremony::freeze(&city.app, &officer(), PERIOD).await;
        let redo = redo.expect("frozen again").id;
        assert_ne!(redo, PERIOD);
        let other = revealing(&redo, NOTARY.0, NOTARY.1);
        assert_eq!(refused(city, other).await, "CommitmentNotAnnounced");
    });
}

#[test]
fn a_missing_secret_can_come_from_anybody_and_a_refusal_explains_itself() {
    on_both_databases(async |city| {
        let drawn = city.represented(7, places(2, 1)).await;
        city.at(FREEZE_AT);
        ceremony::freeze(&city.app, &officer(), PERIOD)
            .await
            .expect("frozen");
        city.at(fairplate_tests::stages::ANNOUNCE_AT);
        city.announce(PERIOD).await;
        // An applicant, a reviewer and an officer hand in what they were given.
        let (reviewer, officer) = (city.reviewer("fang").await, city.officer().await);
        let (name, secret) = NOTARY;
        let wrong = revealing(PERIOD, name, [0; 32]);
        let shown = "... on Refusal { explanation(locale: EN) }";
        let reply = reviewer
            .call("revealContribution", wrong.clone(), shown)
            .await;
        let told = reply.get("/payload/explanation").as_str().expect("a text");
        assert!(told.starts_with("The secret does not open"), "{told}");
        let right = revealing(PERIOD, name, secret);
        let citizen = &drawn[0].citizen;
        assert_eq!(revealed(citizen, &right).await, "ContributionRevealed");
        assert_eq!(revealed(&reviewer, &right).await, "ContributionRevealed");
        assert_eq!(revealed(&officer, &wrong).await, "SecretDoesNotOpen");
    });
}
