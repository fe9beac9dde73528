//! Another text of the rules: two officers adopt it, nobody else does, and every node works under what
//! is adopted.

mod command;
mod served;
mod unfit;

use std::sync::Arc;

use entity::{approval, audit, city, period, policy_version};
use fairplate::{
    App, Error,
    app::Stage,
    domain::PeriodKind,
    service::{
        approvals::{self, Action, Decided},
        periods, publication, rules,
    },
    store,
};
use fairplate_tests::{
    Anonymous, Asks as _, TestCity,
    actors::PROPOSED,
    ceremony::{self, SECOND, digest_of, sign_in},
    check_publication,
    neighbour::NEIGHBOUR,
    on_both_databases,
    stages::{FREEZE_AT, PERIOD, officer, places},
};
use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait as _, EntityTrait as _, IntoActiveModel as _, Set};
use serde_json::json;
use verifier::text::Digest;

use crate::approvals::crashes::crashing;

/// The text in force with another value in the place of one that stands there once.
pub(crate) fn with(app: &App, from: &str, to: &str) -> String {
    let text = app.policy.text();
    assert_eq!(text.matches(from).count(), 1, "{from}");
    text.replace(from, to)
}

/// The text in force, but for the length of bans.
pub(crate) fn longer_bans(app: &App) -> String {
    with(app, "\nban_months = 24\n", "\nban_months = 36\n")
}

/// All that a text of the rules could change: the cities, their texts and periods, and how often the
/// trail names an effect.
#[derive(Debug, PartialEq)]
struct State {
    cities: Vec<city::Model>,
    texts: Vec<policy_version::Model>,
    periods: Vec<period::Model>,
    effects: usize,
}

async fn state(city: &TestCity) -> State {
    let db = &city.app.db;
    let trail = audit::Entity::find().all(db).await.expect("a trail");
    let is_effect = |row: &&audit::Model| !row.action.starts_with("approvals.");
    let mut cities = city::Entity::find().all(db).await.expect("cities");
    cities.sort_by_key(|row| row.id);
    let mut texts = policy_version::Entity::find().all(db).await.expect("texts");
    texts.sort_by(|one, other| one.digest.cmp(&other.digest));
    let mut periods = period::Entity::find().all(db).await.expect("periods");
    periods.sort_by(|one, other| (one.city_id, &one.number).cmp(&(other.city_id, &other.number)));
    State {
        cities,
        texts,
        periods,
        effects: trail.iter().filter(is_effect).count(),
    }
}

/// Digest of the text that the city has adopted.
async fn in_force(city: &TestCity) -> Digest {
    let row = store::cities::find(&city.app.db, city.app.city).await;
    let digest = row.expect("read").expect("a city").policy_digest;
    Digest(digest.expect("adopted").try_into().expect("32 bytes"))
}

async fn proposed(app: &App, text: String) -> approval::Model {
    let changing = Action::ChangePolicy { text };
    let row = ceremony::propose(app, &officer(), changing).await;
    row.expect("proposed")
}

#[test]
fn two_officers_adopt_a_text_and_every_node_works_under_it_without_a_restart() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (before, old) = (state(city).await, in_force(city).await);
        let text = longer_bans(&city.app);
        let new = Digest::of(text.as_bytes());
        let one = city.officer().await;
        let input = json!({ "text": text });
        let asked = one.call_alone("changePolicy", input, PROPOSED).await;
        assert_eq!(asked.get("/payload/__typename"), "ApprovalRequested");
        assert_eq!(state(city).await, before);
        let asking = "{ city { policy { sha256 } } }";
        let told = Anonymous(city).ask(asking).await;
        assert_eq!(told.get("/city/policy/sha256"), &old.to_string());

        let two = city.officer_named(SECOND).await;
        let fields = "approval { state action subject proposedBy decidedBy }";
        let approved = two.approve(asked.get("/payload/approval"), fields).await;

        let expected = json!({ "state": "CARRIED_OUT", "action": "CHANGE_POLICY",
            "subject": "hangzhou-2018", "proposedBy": "zhou", "decidedBy": SECOND });
        assert_eq!(approved.get("/payload/approval"), &expected);
        let told = Anonymous(city).ask(asking).await;
        assert_eq!(told.get("/city/policy/sha256"), &new.to_string());
        let after = state(city).await;
        assert_eq!(after.periods, before.periods, "they go on under theirs");
        assert_eq!(after.texts.len(), before.texts.len() + 1);
        let others = |state: &State| {
            let mut cities = state.cities.clone();
            cities.retain(|row| row.id == NEIGHBOUR);
            cities
        };
        assert_eq!(others(&after), others(&before));
        let mut trail = city.trail_of("hangzhou-2018", "rules.adopt").await;
        trail.sort();
        assert_eq!(trail, ["officer:qian", "operator"]);
        check_publication(city).await;
    });
}

#[test]
fn the_second_officer_reads_every_value_that_changes() {
    on_both_databases(async |city| {
        let text = longer_bans(&city.app);
        let new = Digest::of(text.as_bytes());
        let row = proposed(&city.app, text.clone()).await;
        let content = json!({
            "action": "change_policy",
            "city": 330_100,
            "replaces": "hangzhou-2018",
            "adopted": in_force(city).await.to_string(),
            "policy": "hangzhou-2018",
            "sha256": new.to_string(),
            "differences": [{ "path": "certificate.forfeit.ban_months", "old": "24", "new": "36" }],
            "text": text,
        });
        let written: serde_json::Value = serde_json::from_str(&row.content).expect("JSON");
        assert_eq!(written, content);
        assert_eq!(digest_of(&row), Digest::of(row.content.as_bytes()).0);
        let desk =
            "{ officer { approvals(first: 1) { nodes { zh: summary en: summary(locale: EN) } } } }";
        let desk = city.officer_named(SECOND).await.ask(desk).await;
        let shown = desk.get("/officer/approvals/nodes/0");
        for language in ["zh", "en"] {
            let sentence = shown[language].as_str().expect("a sentence");
            for part in ["certificate.forfeit.ban_months: 24 → 36", &new.to_string()] {
                assert!(sentence.contains(part), "{sentence}");
            }
        }
    });
}

#[test]
fn a_node_that_has_not_heard_of_it_binds_nothing_and_goes_on_under_the_new_text() {
    on_both_databases(async |city| {
        city.reviewed(4, places(2, 1)).await;
        city.at(FREEZE_AT);
        let other = city.another_node(None).await;
        let new = longer_bans(&city.app);
        ceremony::change_rules(&city.app, &officer(), new.clone())
            .await
            .expect("adopted");
        let before = state(city).await;
        let period = PERIOD.to_owned();
        let li = sign_in(&other, "li").await;
        let freezing = approvals::propose(&other, &li, Action::FreezePeriod { period }).await;
        assert!(
            matches!(freezing, Err(Error::Conflict { .. })),
            "{freezing:?}"
        );
        // What was begun under the old text stays refused, though the process knows the new one.
        let planning = periods::plan_year(&other, &officer(), 2026).await;
        assert!(
            matches!(planning, Err(Error::Conflict { .. })),
            "{planning:?}"
        );
        assert_eq!(state(city).await, before);

        let other = other.newer().expect("taken up");
        assert_eq!(other.policy.text(), new);
        let planned = periods::plan_year(&other, &officer(), 2026).await;
        let planned = planned.expect("planned");
        assert!(!planned.is_empty());
        for row in planned {
            assert_eq!(row.policy_digest, other.policy.digest());
        }
        ceremony::freeze(&other, &officer(), PERIOD)
            .await
            .expect("frozen");
        let draw = city.draw(PERIOD).await;
        assert_eq!(
            draw.policy_digest,
            city.app.policy.digest(),
            "that of its period"
        );
        check_publication(city).await;
    });
}

#[test]
fn a_node_that_only_listens_takes_a_new_text_up() {
    on_both_databases(async |city| {
        let (one, other) = (city.another_node(None).await, city.another_node(None).await);
        publication::follow_once(&one).await;
        assert!(one.newer().is_none());
        let new = longer_bans(&city.app);
        ceremony::change_rules(&city.app, &officer(), new.clone())
            .await
            .expect("adopted");

        publication::follow_once(&one).await;
        rules::follow(&other).await.expect("followed");

        for node in [&one, &other, &city.app] {
            let newer = node.newer().expect("another text");
            assert_eq!(newer.policy.text(), new);
            assert!(newer.newer().is_none());
        }
        let restarted = city.another_node(None).await;
        assert_eq!(restarted.policy.text(), new);
    });
}

#[test]
fn weak_rules_of_a_new_text_are_confirmed_anew() {
    on_both_databases(async |city| {
        ceremony::confirm_rules(&city.app, &officer())
            .await
            .expect("confirmed");
        let old = city.app.policy.text().to_owned();
        let new = longer_bans(&city.app);
        ceremony::change_rules(&city.app, &officer(), new)
            .await
            .expect("adopted");
        let app = city.app.newer().expect("taken up");
        let refused = rules::require_confirmed(&app, PeriodKind::Normal).await;
        assert!(matches!(refused, Err(Error::NotSetUp(_))), "{refused:?}");
        let read = json!({ "sha256": Digest(city.app.policy.digest()).to_string() });
        let signed_in = city.officer().await;
        let outdated = signed_in.call_alone("confirmPolicy", read, PROPOSED);
        assert_eq!(outdated.await.codes(), ["INVALID_INPUT"]);

        // Exactly the text that two officers have confirmed before needs no second word.
        ceremony::change_rules(&app, &officer(), old)
            .await
            .expect("adopted again");
        let app = app.newer().expect("taken up");
        let confirmed = rules::require_confirmed(&app, PeriodKind::Normal).await;
        confirmed.expect("confirmed");
        assert_eq!(state(city).await.texts.len(), 2);
    });
}

#[test]
fn a_crash_while_a_text_is_adopted_leaves_the_old_or_the_new_one_in_force() {
    on_both_databases(async |city| {
        let row = proposed(&city.app, longer_bans(&city.app)).await;
        let before = state(city).await;
        for (stage, is_done) in [
            (Stage::Decided, false),
            (Stage::Recorded, false),
            (Stage::Committed, true),
        ] {
            let (app, waiting) = (crashing(city, "adopt", stage), row.clone());
            let crash = tokio::spawn(async move { ceremony::approve(&app, &waiting).await }).await;
            assert!(crash.is_err(), "{stage:?}");
            assert_eq!(state(city).await == before, !is_done, "{stage:?}");
        }
        assert!(city.app.newer().is_none(), "it has not heard of it");
        let again = ceremony::approve(&city.app, &row).await;
        assert_eq!(again.expect_err("another text").code().as_str(), "CONFLICT");
        let app = city.app.newer().expect("taken up");
        let again = ceremony::approve(&app, &row).await;
        assert_eq!(again.expect_err("done").code().as_str(), "CONFLICT");
        assert_eq!(state(city).await.texts.len(), before.texts.len() + 1);
        let trail = city.trail_of("hangzhou-2018", "rules.adopt").await;
        assert_eq!(trail.len(), 2);
    });
}

#[test]
fn of_two_who_adopt_a_text_at_once_one_does_it() {
    on_both_databases(async |city| {
        let row = proposed(&city.app, longer_bans(&city.app)).await;
        let other = city.another_node(None).await;
        let two = sign_in(&city.app, SECOND).await.approver();
        let three = sign_in(&city.app, "sun").await.approver();
        let digest = digest_of(&row);

        let (one, another) = tokio::join!(
            approvals::approve(&city.app, &two, row.id, digest),
            approvals::approve(&other, &three, row.id, digest),
        );

        let is_done = |it: &&Result<Decided, Error>| matches!(it, Ok(Decided::CarriedOut { .. }));
        let both = [&one, &another];
        assert_eq!(both.into_iter().filter(is_done).count(), 1, "{both:?}");
        let late = both.into_iter().find(|it| !is_done(it)).expect("another");
        assert!(
            matches!(
                late,
                Ok(Decided::NotWaiting(_)) | Err(Error::Conflict { .. })
            ),
            "{late:?}"
        );
        let trail = city.trail_of("hangzhou-2018", "rules.adopt").await;
        assert_eq!(trail.len(), 2);
    });
}

#[test]
fn what_is_offered_when_a_process_starts_is_not_adopted() {
    on_both_databases(async |city| {
        let before = state(city).await;
        let text = longer_bans(&city.app);
        let offered = fairplate::policy::Policy::parse("city.toml", &text).expect("a text");
        let offering = || App {
            policy: Arc::new(offered.clone()),
            ..city.app.clone()
        };

        rules::set_up(&offering()).await.expect("set up already");
        let app = rules::open(offering()).await.expect("opened");

        assert_eq!(app.policy.text(), city.app.policy.text());
        assert_eq!(state(city).await, before);
        // Whatever works under it all the same binds nothing.
        let planning = periods::plan_year(&offering(), &officer(), 2026).await;
        assert!(
            matches!(planning, Err(Error::Conflict { .. })),
            "{planning:?}"
        );
        assert_eq!(state(city).await, before);
    });
}

#[test]
fn no_other_city_is_set_up_under_a_citys_origin() {
    on_both_databases(async |city| {
        let before = state(city).await;
        let beijing = fairplate::policy::find_builtin("beijing-2016").expect("built in");
        let beijing = Arc::new(beijing.policy().expect("valid"));
        let offering = App {
            city: entity::CityId(110_000),
            policy: beijing,
            ..city.app.clone()
        };
        let refused = rules::set_up(&offering).await;
        assert!(matches!(refused, Err(Error::NotSetUp(_))), "{refused:?}");
        let refused = rules::open(offering).await.map(drop);
        assert!(matches!(refused, Err(Error::NotSetUp(_))), "{refused:?}");
        assert_eq!(state(city).await, before);
    });
}

#[test]
fn a_database_from_before_has_adopted_the_text_that_was_adopted_last() {
    on_both_databases(async |city| {
        let db = &city.app.db;
        let row = store::policies::find(db, city.app.city, &city.app.policy.digest()).await;
        let row = row.expect("read").expect("a text");
        let later = policy_version::ActiveModel {
            digest: Set(vec![7; 32]),
            adopted_at: Set(row.adopted_at + chrono::TimeDelta::days(1)),
            ..row.into_active_model()
        };
        policy_version::Entity::insert(later)
            .exec(db)
            .await
            .expect("written");
        let step = Migrator::migrations()
            .into_iter()
            .find(|step| step.name().ends_with("adopted_rules"))
            .expect("the step");
        let dropped = "ALTER TABLE city DROP COLUMN policy_digest";
        db.execute_unprepared(dropped).await.expect("as before");

        // A connection of SQLite that was open before still knows the column.
        let fresh = store::connect(city.database().url()).await.expect("opened");
        let manager = sea_orm_migration::SchemaManager::new(&fresh);
        step.up(&manager).await.expect("taken");

        let cities = state(city).await.cities;
        for row in cities {
            let expected = (row.id == city.app.city).then(|| vec![7; 32]);
            assert_eq!(row.policy_digest, expected);
        }
    });
}
