//! What the city does by itself: each job by one node at a time, and when it is due.

use fairplate::{
    domain::actor::Worker,
    jobs,
    service::leases::{self, Timing},
};
use fairplate_tests::{on_both_databases, operator::Operator};
use serde_json::Value;

const JOB: &str = "a job";

#[test]
fn one_node_at_a_time_is_at_a_job_and_a_dead_one_makes_room() {
    on_both_databases(async |city| {
        let other = city.another_node(None).await;
        let take = async |app| leases::take(app, &Worker, JOB, Timing::AtOnce).await;
        let first = take(&city.app).await.expect("an answer").expect("a lease");
        assert!(take(&other).await.expect("an answer").is_none());
        let elsewhere = leases::take(&other, &Worker, "another", Timing::AtOnce).await;
        assert!(elsewhere.expect("an answer").is_some());

        city.clock.advance(10 * 60);
        let second = take(&other).await.expect("an answer").expect("a lease");
        // The first was not dead, only slow; what it says now changes nothing.
        let again_in = chrono::TimeDelta::seconds(0);
        leases::complete(&city.app, first, again_in)
            .await
            .expect("said");
        assert!(take(&city.app).await.expect("an answer").is_none());
        leases::complete(&other, second, again_in)
            .await
            .expect("said");

        assert!(take(&city.app).await.expect("an answer").is_some());
    });
}

#[test]
fn a_job_is_due_again_after_its_while_and_one_that_failed_too() {
    on_both_databases(async |city| {
        let app = &city.app;
        let due = async || leases::take(app, &Worker, JOB, Timing::WhenDue).await;
        let minute = chrono::TimeDelta::minutes(1);
        let lease = due().await.expect("an answer").expect("due at first");
        leases::complete(app, lease, minute).await.expect("said");
        assert!(due().await.expect("an answer").is_none());
        city.clock.advance(60);
        let lease = due().await.expect("an answer").expect("due again");
        leases::abandon(app, lease, minute).await.expect("said");
        assert!(due().await.expect("an answer").is_none());
        city.clock.advance(60);

        assert!(due().await.expect("an answer").is_some());
    });
}

#[test]
fn every_job_has_a_name_of_its_own_and_what_delivers_comes_last() {
    let mut names: Vec<_> = jobs::ALL.iter().map(|job| job.name).collect();
    assert_eq!(names.last(), Some(&"deliver"));
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), jobs::ALL.len());
}

#[test]
fn an_operator_has_everything_done_once() {
    let operator = Operator::in_an_empty_folder();
    for step in ["key new", "migrate"] {
        operator.done(step);
    }
    operator.agreed("policy confirm");

    let told = operator.output_of("work --once --json");

    let outcomes: Vec<Value> = serde_json::from_str(&told).expect("JSON");
    assert_eq!(outcomes.len(), jobs::ALL.len());
    assert!(
        outcomes.iter().all(|outcome| outcome["ok"] == true),
        "{outcomes:?}"
    );
}
