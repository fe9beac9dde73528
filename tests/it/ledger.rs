//! The count that the database makes for a pool, against the count of the rule.

use chrono::{Days, NaiveDate};
use entity::{ApplicantId, ApplicationId, application, participation};
use fairplate::{
    domain::{
        code::ApplicationCode,
        participation::{ParticipationEntry, ParticipationKind, participation_as_of},
    },
    store,
};
use fairplate_tests::{TestCity, on_both_databases};
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use sea_orm::{EntityTrait as _, IntoActiveModel};
use uuid::Uuid;

/// Ledgers that are compared at once.
const LEDGERS: usize = 300;

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2014, 5, 26).expect("a date")
}

/// A ledger as a city can have it: a line of a kind stands once a period.
fn ledger() -> impl Strategy<Value = Vec<ParticipationEntry>> {
    let line = (0_u16..14, 0_u8..10, 0_u64..20).prop_map(|(month, kind, wait)| {
        let (year, ordinal) = (2014 + (month + 4) / 12, (month + 4) % 12 + 1);
        ParticipationEntry {
            period: format!("{year}{ordinal:02}").parse().expect("a period"),
            kind: match kind {
                0 => ParticipationKind::Reset,
                1 | 2 => ParticipationKind::Correction,
                _ => ParticipationKind::Participated,
            },
            published_on: first_day() + Days::new(u64::from(month) * 30 + wait * 20),
        }
    });
    prop::collection::vec(line, 0..12).prop_map(|mut lines| {
        lines.sort_by_key(|line| (line.period, line.kind as u8));
        lines.dedup_by_key(|line| (line.period, line.kind as u8));
        lines
    })
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
    application::Entity::insert_many(people).exec_without_returning(&city.app.db).await.expect("people");
    participation::Entity::insert_many(lines).exec_without_returning(&city.app.db).await.expect("lines");
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
    }
}

#[test]
fn the_count_for_a_pool_is_the_count_of_the_rule() {
    on_both_databases(async |city| {
        let mut runner = TestRunner::deterministic();
        let ledgers: Vec<_> =
            (0..LEDGERS).map(|_| ledger().new_tree(&mut runner).expect("a ledger").current()).collect();
        settle(city, &ledgers).await;
        for as_of in [first_day() + Days::new(150), first_day() + Days::new(400), first_day() + Days::new(900)] {
            let counted = store::pools::list_candidates(&city.app.db, city.app.city, "individual", as_of, "").await;
            let counted = counted.expect("candidates");
            assert_eq!(counted.len(), LEDGERS);
            for (number, ledger) in (1_u64..).zip(&ledgers) {
                let rule = participation_as_of(ledger, city.app.policy.counting(), as_of).count_for_tier;
                let candidate = counted.iter().find(|candidate| candidate.code == code(number));
                let found = candidate.expect("a candidate").participation_count;
                assert_eq!(found, i64::from(rule), "as of {as_of}: {ledger:#?}");
            }
        }
    });
}
