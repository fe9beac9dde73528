//! In which order reserves move up, over several amends.

use entity::{certificate, quota_line};
use fairplate::service::applications;
use fairplate_tests::{
    TestCity, check_publication, on_both_databases, stages::places, steps::AMEND_AT,
};

use super::{amend, amends, concluded, drawn, proposed, state, who};

/// What an amend did, one word a line: `-1` is a drop of rank 1, `+4` a promotion of rank 4.
async fn changes(city: &TestCity) -> Vec<String> {
    let seen = amends(city).await;
    let seen = seen.as_array().expect("amends");
    let line = |change: &serde_json::Value| {
        let sign = if change["kind"] == "DROPPED" {
            '-'
        } else {
            '+'
        };
        format!("{sign}{}", change["rank"].to_string().trim_matches('"'))
    };
    let of = |it: &serde_json::Value| {
        let lines = it["changes"].as_array().expect("changes").iter();
        lines.map(line).collect::<Vec<_>>().join(" ")
    };
    seen.iter().map(of).collect()
}

#[test]
fn reserves_move_up_in_order_over_several_amends_until_none_is_left() {
    on_both_databases(async |city| {
        let citizens = city.finished(9, places(3, 3)).await;
        let result = drawn(city).await;
        city.at(AMEND_AT);
        // Asked for out of order, the record is in the order of the result.
        amend(city, &[&result[1], &result[0]]).await;
        assert_eq!(changes(city).await, ["-1 -2 +4 +5"]);
        // Somebody who moved up is dropped in their turn.
        amend(city, &[&result[3]]).await;
        let before = state(city).await;
        assert!(before.carry_over.is_empty());
        amend(city, &[&result[2]]).await;

        assert_eq!(changes(city).await, ["-1 -2 +4 +5", "-4 +6", "-3"]);
        let after = state(city).await;
        let live = after
            .certificates
            .iter()
            .filter(|row| row.status == certificate::Status::Live);
        let live: Vec<_> = live.map(|row| row.application_id).collect();
        let holders = [
            who(&citizens, &result[4]).id(),
            who(&citizens, &result[5]).id(),
        ];
        assert_eq!(live.len(), 2);
        assert!(holders.iter().all(|id| live.contains(id)));
        // Nobody was left for the last place: its quota waits for a later period.
        let [vacant] = &after.carry_over[..] else {
            panic!("one line, found {:?}", after.carry_over)
        };
        assert_eq!(
            (vacant.reason, vacant.amount),
            (quota_line::Reason::Vacant, 1)
        );
        let lost = after
            .certificate(who(&citizens, &result[2]))
            .expect("a certificate");
        assert_eq!(
            vacant.certificate_number.as_deref(),
            Some(lost.number.as_str())
        );
        assert_eq!(concluded(city).await, Some(3));
        check_publication(city).await;
    });
}

#[test]
fn a_result_without_reserves_loses_a_place_and_gives_it_to_nobody() {
    on_both_databases(async |city| {
        city.finished(5, places(2, 0)).await;
        let result = drawn(city).await;
        city.at(AMEND_AT);
        amend(city, &[&result[0], &result[1]]).await;
        assert_eq!(changes(city).await, ["-1 -2"]);
        let after = state(city).await;
        let amounts: i64 = after.carry_over.iter().map(|line| line.amount).sum();
        assert_eq!(amounts, 2);
        assert_eq!(concluded(city).await, Some(1));
    });
}

#[test]
fn a_reserve_who_left_is_named_as_an_obstacle_and_dropped_with_a_reason() {
    on_both_databases(async |city| {
        let citizens = city.finished(8, places(2, 3)).await;
        let result = drawn(city).await;
        city.at(AMEND_AT);
        for code in [&result[2], &result[3]] {
            let left = who(&citizens, code);
            let cancelled = applications::cancel(&city.app, &left.applicant(), left.id()).await;
            cancelled.expect("cancelled");
        }
        let before = state(city).await;
        let officer = city.officer().await;

        let refused = proposed(&officer, &[&result[0]]).await;

        assert_eq!(refused["__typename"], "ResultNotAmendable");
        let named = refused["obstacles"].as_array().expect("obstacles").iter();
        let named: Vec<_> = named
            .map(|it| (it["reason"].clone(), it["code"].clone()))
            .collect();
        let ended = |code: &String| ("RESERVE_ENDED".into(), code.as_str().into());
        assert_eq!(
            named,
            [ended(&result[2]), ended(&result[3])],
            "both at once"
        );
        assert_eq!(state(city).await, before);
        amend(city, &[&result[3], &result[0], &result[2]]).await;
        assert_eq!(changes(city).await, ["-1 -3 -4 +5"]);
        let after = state(city).await;
        for code in [&result[2], &result[3]] {
            let left = who(&citizens, code);
            assert_eq!(
                after.application(left),
                before.application(left),
                "cancelled as before"
            );
        }
        assert_eq!(concluded(city).await, Some(1));
        check_publication(city).await;
    });
}

/// A reserve alone can be dropped: nobody moves up, and a later amend passes them over.
#[test]
fn a_reserve_who_was_dropped_is_passed_over_later() {
    on_both_databases(async |city| {
        let citizens = city.finished(7, places(2, 2)).await;
        let result = drawn(city).await;
        city.at(AMEND_AT);
        let before = state(city).await;
        amend(city, &[&result[2]]).await;
        let after = state(city).await;
        assert_eq!(after.certificates, before.certificates);
        assert_eq!(after.applications, before.applications);
        assert_eq!(after.ledger, before.ledger);
        amend(city, &[&result[0]]).await;
        assert_eq!(changes(city).await, ["-3", "-1 +4"]);
        let seen = super::asks(city, who(&citizens, &result[2]), super::OWN).await;
        assert_eq!(seen["me"]["applications"]["nodes"][0]["status"], "VALID");
        assert!(
            seen["me"]["inbox"].to_string().contains("place_lost"),
            "{seen}"
        );
        assert_eq!(concluded(city).await, Some(2));
    });
}
