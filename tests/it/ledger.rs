//! The count that the database makes for a pool, against the count of the rule.

use chrono::{Days, NaiveDate};
use entity::{ApplicantId, ApplicationId, application, participation};
use fairplate::{
    domain::{
        code::ApplicationCode,
        licence::LicenceClass,
        participation::{ParticipationEntry, ParticipationKind, participation_as_of},
        weight::{Standing, weight_in_normal_pool},
    },
    store,
};
use fairplate_tests::{
    TestCity,
    city::moment,
    on_both_databases, on_both_databases_in,
    stages::{FREEZE_AT, PERIOD, places},
};
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use sea_orm::{EntityTrait as _, IntoActiveModel};
use uuid::Uuid;

/// Ledgers that are compared at once.
const LEDGERS: usize = 300;

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2014, 5, 26).expect("a date")
}

/// A ledger as a city can have it: a period is taken part in once, a mistake is taken back after it
/// was published, and a reset may come at any time.
fn ledger() -> impl Strategy<Value = Vec<ParticipationEntry>> {
    let period = (
        0_u64..20,
        prop::option::weighted(0.4, 0_u64..300),
        prop::option::weighted(0.1, 0_u64..20),
    );
    let periods = prop::collection::btree_map(0_u16..14, period, 0..14);
    periods.prop_map(|periods| {
        let mut lines = Vec::new();
        for (month, (wait, corrected_after, reset_after)) in periods {
            // Numbers that both cities know.
            let (year, ordinal) = (2015 + month / 6, month % 6 + 1);
            let period = format!("{year}{ordinal:02}").parse().expect("a period");
            let published_on = first_day() + Days::new(u64::from(month) * 30 + wait * 20);
            let mut line = |kind, days| {
                let published_on = published_on + Days::new(days);
                lines.push(ParticipationEntry {
                    period,
                    kind,
                    published_on,
                });
            };
            line(ParticipationKind::Participated, 0);
            if let Some(days) = corrected_after {
                line(ParticipationKind::Correction, days);
            }
            if let Some(days) = reset_after {
                line(ParticipationKind::Reset, days);
            }
        }
        lines
    })
}

fn ledgers() -> Vec<Vec<ParticipationEntry>> {
    let mut runner = TestRunner::deterministic();
    (0..LEDGERS)
        .map(|_| ledger().new_tree(&mut runner).expect("a ledger").current())
        .collect()
}

async fn settle(city: &TestCity, ledgers: &[Vec<ParticipationEntry>]) {
    let mut people = Vec::new();
    let mut lines = Vec::new();
    for (number, ledger) in (1_u64..).zip(ledgers) {
        let person = ApplicantId(Uuid::from_u128(u128::from(number * 7_919 % 100_003) << 64));
        people.push(valid_application(city, number, person));
        for line in ledger {
            let kind = match line.kind {
                ParticipationKind::Participated => participation::Kind::Participated,
                ParticipationKind::Correction => participation::Kind::Correction,
                ParticipationKind::Reset => participation::Kind::Reset,
            };
            let row = participation::Model {
                city_id: city.app.city,
                applicant_id: person,
                period_number: line.period.to_string(),
                kind,
                published_on: line.published_on,
            };
            lines.push(row.into_active_model());
        }
    }
    let people = people.into_iter().map(IntoActiveModel::into_active_model);
    application::Entity::insert_many(people)
        .exec_without_returning(&city.app.db)
        .await
        .expect("people");
    participation::Entity::insert_many(lines)
        .exec_without_returning(&city.app.db)
        .await
        .expect("lines");
}

fn code(number: u64) -> String {
    ApplicationCode::from_number(number).to_string()
}

fn valid_application(city: &TestCity, number: u64, person: ApplicantId) -> application::Model {
    application::Model {
        city_id: city.app.city,
        id: ApplicationId(Uuid::from_u128(u128::from(number) * 31)),
        applicant_id: person,
        category: "individual".to_owned(),
        code: code(number),
        status: application::Status::Valid,
        identity_type: "local-household".to_owned(),
        period_number: "202605".to_owned(),
        licence_classes: "C1".to_owned(),
        sealed: vec![0; 16],
        submitted_at: city.app.clock.now(),
        tier_joined_at: None,
        valid_until: None,
        renewed_at: None,
        reminded_days_before: None,
    }
}

#[test]
fn the_count_for_a_pool_is_the_count_of_the_rule() {
    on_both_databases(async |city| {
        let ledgers = ledgers();
        settle(city, &ledgers).await;
        for as_of in [
            first_day() + Days::new(150),
            first_day() + Days::new(400),
            first_day() + Days::new(900),
        ] {
            let counted = store::pools::list_candidates(
                &city.app.db,
                city.app.city,
                &["individual"],
                as_of,
                "",
            )
            .await;
            let counted = counted.expect("candidates");
            assert_eq!(counted.len(), LEDGERS);
            for (number, ledger) in (1_u64..).zip(&ledgers) {
                let rule =
                    participation_as_of(ledger, city.app.policy.counting(), as_of).count_for_tier;
                let candidate = counted
                    .iter()
                    .find(|candidate| candidate.code == code(number));
                let candidate = candidate.expect("a candidate");
                // Where the count alone does not tell, whoever fills a pool reads the ledger.
                let tells = !candidate.needs_ledger;
                let is_plain = ledger
                    .iter()
                    .filter(|line| line.published_on <= as_of)
                    .all(|line| line.kind == ParticipationKind::Participated);
                assert_eq!(tells, is_plain, "as of {as_of}: {ledger:#?}");
                if tells {
                    assert_eq!(
                        candidate.participation_count,
                        i64::from(rule),
                        "as of {as_of}: {ledger:#?}"
                    );
                }
            }
        }
    });
}

#[test]
fn the_entries_of_a_frozen_pool_follow_from_the_count_of_the_rule() {
    on_both_databases_in("beijing-2016", async |city| {
        let ledgers = ledgers();
        settle(city, &ledgers).await;

        city.frozen(0, places(1, 1)).await;

        let (counting, tier) = (city.app.policy.counting(), &city.app.policy.tier);
        let frozen_on = moment(FREEZE_AT).date_naive();
        let mut weights = [0; 4];
        for (number, ledger) in (1_u64..).zip(&ledgers) {
            let count_for_tier = participation_as_of(ledger, counting, frozen_on).count_for_tier;
            let standing = Standing {
                count_for_tier,
                classes: &[LicenceClass::C1],
            };
            let weight = weight_in_normal_pool(tier, standing);
            let (db, code) = (&city.app.db, code(number));
            let entry = store::pools::find(db, city.app.city, PERIOD, "individual", &code).await;
            let found = entry.expect("an answer").expect("in the pool").weight;
            assert_eq!(found, i32::from(weight), "{ledger:#?}");
            weights[usize::from(weight)] += 1;
        }
        assert!(
            0 < weights[1] && 0 < weights[2],
            "the ledgers make a difference: {weights:?}"
        );
    });
}
