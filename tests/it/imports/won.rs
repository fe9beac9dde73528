//! Certificates and bans of the old system.

use chrono::NaiveDate;
use entity::{
    application::Status as Stands,
    ban,
    certificate::{self, Origin, Status},
    quota_line,
};
use fairplate::{
    domain::{CertificateNumber, ViolationCode, actor::Worker},
    service::{
        applications::{self, Submitted},
        certificates,
    },
    store,
};
use fairplate_tests::{TestCity, on_both_databases, people::person, stages::places};
use sea_orm::{EntityTrait as _, QueryOrder as _};

use super::{code, line};

/// A number that a certificate can have.
pub(super) fn number(of: u8) -> String {
    CertificateNumber::from_random([of; 16]).to_string()
}

/// Somebody's line with these columns of a certificate.
pub(super) fn won(number: u32, columns: &str) -> String {
    format!("{},{columns}", line(number))
}

/// Of somebody who has won nothing.
pub(super) fn waiting(number: u32) -> String {
    won(number, ",,,,,,,,")
}

/// Who let a certificate lapse, so that the ban is still in force.
pub(super) fn forfeited() -> String {
    format!(
        "{},202405,LOTTERY,2024-05-26,2025-05-26,FORFEITED,2025-05-27,2025-05-27,2027-05-26",
        number(9)
    )
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day")
}

/// What there is of certificates, by the person who holds them: 1 to 4 here.
async fn held(city: &TestCity) -> Vec<certificate::Model> {
    let mut held = Vec::new();
    for number in 1..=4 {
        let code = code(number);
        let row = store::applications::find_by_code(&city.app.db, city.app.city, &code);
        let row = row.await.expect("read").expect("an application");
        assert_eq!(row.status, Stands::Allocated, "{number}");
        let of =
            store::certificates::list_of_applicant(&city.app.db, city.app.city, row.applicant_id);
        let mut of = of.await.expect("certificates");
        assert_eq!(of.len(), 1);
        held.append(&mut of);
    }
    held
}

async fn bans(city: &TestCity) -> Vec<ban::Model> {
    let rows = ban::Entity::find().order_by_asc(ban::Column::BeginsOn);
    rows.all(&city.app.db).await.expect("bans")
}

/// Four who have won, each with another end, and one who waits.
async fn taken_over(city: &TestCity) {
    let lines = [
        won(
            1,
            &format!("{},202512,LOTTERY,2025-12-26,2026-12-26,LIVE,,,", number(1)),
        ),
        won(2, ",202505,LOTTERY,2025-05-26,2026-05-26,LIVE,,,"),
        won(3, &forfeited()),
        won(4, ",202405,AUCTION,2024-05-20,2025-05-20,USED,2024-06-01,,"),
        waiting(5),
    ];
    let report = city.import_won(&lines).await;
    assert_eq!(report.refusals, []);
    let written = (report.applicants, report.certificates, report.bans);
    assert_eq!(written, (5, 4, 1));
}

#[test]
fn certificates_and_bans_are_taken_over_and_the_worker_ends_what_ran_out() {
    on_both_databases(async |city| {
        taken_over(city).await;
        let before = held(city).await;
        let seen: Vec<_> = before
            .iter()
            .map(|row| (row.origin, row.status, row.expires_on, row.ended_on))
            .collect();
        let expected = [
            (Origin::Lottery, Status::Live, day(2026, 12, 26), None),
            (Origin::Lottery, Status::Live, day(2026, 5, 26), None),
            (
                Origin::Lottery,
                Status::Forfeited,
                day(2025, 5, 26),
                Some(day(2025, 5, 27)),
            ),
            (
                Origin::Auction,
                Status::Used,
                day(2025, 5, 20),
                Some(day(2024, 6, 1)),
            ),
        ];
        assert_eq!(seen, expected);
        assert_eq!(before[0].number, number(1));
        assert!(before[1].number.parse::<CertificateNumber>().is_ok());

        let ended = certificates::forfeit_all(&city.app, &Worker).await;
        let again = certificates::forfeit_all(&city.app, &Worker).await;

        assert_eq!((ended.expect("one"), again.expect("none")), (1, 0));
        let after = held(city).await;
        assert_eq!(
            (after[1].status, after[1].ended_on),
            (Status::Forfeited, Some(day(2026, 6, 1)))
        );
        for bystander in [0, 2, 3] {
            assert_eq!(after[bystander], before[bystander]);
        }
        let bans: Vec<_> = bans(city)
            .await
            .into_iter()
            .map(|row| (row.certificate_number, row.begins_on, row.ends_on))
            .collect();
        let expected = [
            (number(9), day(2025, 5, 27), day(2027, 5, 26)),
            (before[1].number.clone(), day(2026, 5, 27), day(2028, 5, 26)),
        ];
        assert_eq!(bans, expected);
        let lines = quota_line::Entity::find().all(&city.app.db).await;
        let lines = lines.expect("lines");
        assert_eq!(lines.len(), 1, "the old system's books are its own");
        assert_eq!(
            (lines[0].period_number.as_str(), lines[0].amount),
            ("202505", 1)
        );
    });
}

#[test]
fn whoever_holds_a_certificate_or_is_barred_by_the_old_system_is_told_so() {
    on_both_databases(async |city| {
        taken_over(city).await;
        city.opened(places(2, 1)).await;
        let told = async |number| match city.submit(&person(number)).await.0 {
            Submitted::NotEligible(violations) => violations
                .into_iter()
                .map(|it| (it.code, it.until))
                .collect(),
            Submitted::Accepted(_) => Vec::new(),
            other => panic!("{other:?}"),
        };
        let live = (ViolationCode::CertificateLive, None);
        let until = |year| (ViolationCode::BanActive, Some(day(year, 5, 26)));
        assert_eq!(told(1).await, [live]);
        // Nobody has ended this one yet, and it bars all the same.
        assert_eq!(told(2).await, [until(2028)]);
        assert_eq!(told(3).await, [until(2027)]);
        assert_eq!(told(4).await, []);
        assert_eq!(told(6).await, []);
    });
}

#[test]
fn after_a_win_of_the_old_system_the_tier_counts_anew_and_the_total_stays() {
    on_both_databases(async |city| {
        let periods = "201405-202512";
        let line = |number, columns: &str| {
            format!(
                "{},{columns}",
                person(number).line(&code(u64::from(number)), periods)
            )
        };
        let lottery = ",202505,LOTTERY,2025-05-26,2026-05-26,USED,2025-07-01,,";
        let auction = ",202505,AUCTION,2025-05-26,2026-05-26,USED,2025-07-01,,";
        let lines = [line(1, lottery), line(2, auction), line(3, ",,,,,,,,")];
        assert_eq!(city.import_won(&lines).await.refusals, []);
        for (number, for_tier) in [(1, 7), (2, 140), (3, 140)] {
            let code = code(number);
            let row = store::applications::find_by_code(&city.app.db, city.app.city, &code);
            let row = row.await.expect("read").expect("an application");
            let today = city.app.today();
            let rows = std::slice::from_ref(&row);
            let ledger = applications::list_participation(&city.app, rows).await;
            let ledger = ledger.expect("a ledger");
            let entries = &ledger[&row.applicant_id];
            let seen = applications::participation(&city.app, entries, today);
            assert_eq!(
                (seen.count_total, seen.count_for_tier),
                (140, for_tier),
                "{number}"
            );
        }
    });
}
