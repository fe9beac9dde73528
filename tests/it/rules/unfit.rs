//! What is not adopted, whoever wants it.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::approval;
use fairplate::{
    App, Error,
    service::approvals::{self, Decided},
    store,
};
use fairplate_tests::{
    TestCity,
    actors::PROPOSED,
    ceremony::{self, SECOND, digest_of, sign_in},
    check_publication, on_both_databases,
    stages::{FINISH_AT, FREEZE_AT, PERIOD, officer, places, reveals},
};
use sea_orm::{EntityTrait as _, IntoActiveModel as _, Set};
use serde_json::{Value, json};
use verifier::text::Digest;

use super::{longer_bans, proposed, state, with};

/// What is asked of a proposal that may be refused.
const REFUSED: &str = "__typename ... on ApprovalRequested { approval { id digest } } \
    ... on PolicyFaulty { faults { line field message } } \
    ... on PolicyOfAnotherCity { city } ... on PolicyBound { draws }";

/// What an officer is told who proposes a text of which nothing may come.
async fn refused(city: &TestCity, text: &str) -> Value {
    let (before, waiting) = (state(city).await, approvals_of(city).await);
    let officer = city.officer().await;
    let input = json!({ "text": text });
    let reply = officer.call_alone("changePolicy", input, REFUSED).await;
    assert_eq!(state(city).await, before);
    assert_eq!(approvals_of(city).await, waiting);
    reply.get("/payload").clone()
}

async fn approvals_of(city: &TestCity) -> Vec<approval::Model> {
    let rows = approval::Entity::of_city(city.app.city).all(&city.app.db);
    rows.await.expect("approvals")
}

#[test]
fn a_broken_text_is_told_every_fault_with_its_line_and_field() {
    on_both_databases(async |city| {
        let text = with(&city.app, "\nban_months = 24\n", "\nban_months = \"two\"\n")
            .replace("\nrevision = 1\n", "\nrevision = 0\nextra = true\n");
        let line = |start: &str| {
            let found = text.lines().position(|line| line.starts_with(start));
            1 + found.expect("a line")
        };
        let told = refused(city, &text).await;
        assert_eq!(told["__typename"], "PolicyFaulty");
        let faults = told["faults"].as_array().expect("faults");
        let places: Vec<_> = faults
            .iter()
            .map(|it| (&it["line"], &it["field"]))
            .collect();
        let expected = [
            (line("revision"), "revision"),
            (line("extra"), "extra"),
            (line("ban_months"), "certificate.forfeit.ban_months"),
        ];
        let expected = expected.map(|(line, field)| (json!(line), json!(field)));
        assert_eq!(
            places,
            expected.iter().map(|it| (&it.0, &it.1)).collect::<Vec<_>>()
        );
        assert_eq!(
            faults[2]["message"],
            "expected a whole number, found string"
        );
        assert_eq!(
            refused(city, "not = [toml").await["__typename"],
            "PolicyFaulty"
        );
    });
}

#[test]
fn the_text_of_another_city_and_the_one_in_force_are_refused() {
    on_both_databases(async |city| {
        let beijing = fairplate::policy::find_builtin("beijing-2016").expect("built in");
        let expected = json!({ "__typename": "PolicyOfAnotherCity", "city": "beijing" });
        assert_eq!(refused(city, beijing.text).await, expected);
        let renamed = with(&city.app, "\nkey = \"hangzhou\"\n", "\nkey = \"yuhang\"\n");
        let expected = json!({ "__typename": "PolicyOfAnotherCity", "city": "yuhang" });
        assert_eq!(refused(city, &renamed).await, expected);

        let same = refused(city, city.app.policy.text()).await;
        assert_eq!(same, json!({ "__typename": "PolicyInForce" }));
    });
}

#[test]
fn while_a_draw_is_under_way_the_rules_stay() {
    on_both_databases(async |city| {
        city.announced(4, places(1, 1)).await;
        let text = longer_bans(&city.app);
        let bound = json!({ "__typename": "PolicyBound", "draws": [PERIOD] });
        assert_eq!(refused(city, &text).await, bound);
        ceremony::close(&city.app, &officer(), PERIOD, reveals())
            .await
            .expect("closed");
        assert_eq!(refused(city, &text).await, bound);
        city.at(FINISH_AT);
        ceremony::finish(&city.app, &officer(), PERIOD)
            .await
            .expect("finished");

        ceremony::change_rules(&city.app, &officer(), text)
            .await
            .expect("adopted");
        check_publication(city).await;
    });
}

#[test]
fn a_pool_that_is_frozen_between_proposal_and_approval_keeps_the_rules() {
    on_both_databases(async |city| {
        city.reviewed(4, places(1, 1)).await;
        city.at(FREEZE_AT);
        let row = proposed(&city.app, longer_bans(&city.app)).await;
        ceremony::freeze(&city.app, &officer(), PERIOD)
            .await
            .expect("frozen");
        let before = state(city).await;

        let late = ceremony::approve(&city.app, &row).await;

        assert!(matches!(late, Err(Error::WrongPhase { .. })), "{late:?}");
        assert_eq!(state(city).await, before);
        city.announce(PERIOD).await;
        ceremony::void(&city.app, &officer(), PERIOD, "the hall was flooded")
            .await
            .expect("voided");
        let text = longer_bans(&city.app);
        ceremony::change_rules(&city.app, &officer(), text)
            .await
            .expect("adopted");
        check_publication(city).await;
    });
}

#[test]
fn another_content_than_was_read_is_not_adopted() {
    on_both_databases(async |city| {
        let text = longer_bans(&city.app);
        let row = proposed(&city.app, text.clone()).await;
        let (before, two) = (
            state(city).await,
            sign_in(&city.app, SECOND).await.approver(),
        );
        let other = approvals::approve(&city.app, &two, row.id, [7; 32]).await;
        assert!(matches!(other, Ok(Decided::OtherDigest(_))), "{other:?}");
        let officer = city.officer().await;
        let another = json!({ "text": format!("{text}# one more line\n") });
        let waits = officer.call_alone("changePolicy", another, PROPOSED).await;
        assert_eq!(waits.get("/payload/__typename"), "ApprovalAlreadyWaiting");

        // Whoever can write to the database puts another text under the same digest.
        let forged = approval::ActiveModel {
            content: Set(row.content.replace("36", "48")),
            ..row.clone().into_active_model()
        };
        approval::Entity::update(forged)
            .exec(&city.app.db)
            .await
            .expect("forged");
        let refused = approvals::approve(&city.app, &two, row.id, digest_of(&row)).await;
        assert!(matches!(refused, Err(Error::Internal(_))), "{refused:?}");
        assert_eq!(state(city).await, before);
    });
}

#[test]
fn a_change_of_another_text_than_was_in_force_is_not_made() {
    on_both_databases(async |city| {
        let row = proposed(&city.app, longer_bans(&city.app)).await;
        let between = with(&city.app, "\nrevision = 1\n", "\nrevision = 2\n");
        let policy = fairplate::policy::Policy::parse("city.toml", &between).expect("a text");
        let (old, new) = (city.app.policy.digest(), policy.digest());
        let kept = store::policies::find(&city.app.db, city.app.city, &old).await;
        let kept = kept.expect("read").expect("a text");
        let kept = entity::policy_version::Model {
            digest: policy.digest().to_vec(),
            content: between,
            ..kept
        };
        store::policies::insert(&city.app.db, kept)
            .await
            .expect("written");
        store::cities::set_policy(&city.app.db, city.app.city, Some(&old), &new)
            .await
            .expect("in force");
        let app = App {
            policy: Arc::new(policy),
            ..city.app.clone()
        };
        let (before, two) = (state(city).await, sign_in(&app, SECOND).await.approver());

        let changed = approvals::approve(&app, &two, row.id, digest_of(&row)).await;

        assert!(matches!(changed, Ok(Decided::Changed(_))), "{changed:?}");
        assert_eq!(state(city).await, before);
    });
}

#[test]
fn a_proposal_that_nobody_approves_of_in_time_changes_nothing() {
    on_both_databases(async |city| {
        let row = proposed(&city.app, longer_bans(&city.app)).await;
        let before = state(city).await;
        let two = sign_in(&city.app, SECOND).await.approver();
        city.clock.set(row.expires_at + TimeDelta::seconds(1));

        let late = approvals::approve(&city.app, &two, row.id, digest_of(&row)).await;

        assert!(matches!(late, Ok(Decided::NotWaiting(_))), "{late:?}");
        assert_eq!(state(city).await, before);
        let sha256 = Digest(city.app.policy.digest()).to_string();
        assert_eq!(super::in_force(city).await.to_string(), sha256);
    });
}
