//! After a draw somebody loses their place, and the next reserve moves up: two officers amend a result,
//! and what was drawn stays what it was.

mod reserves;
mod refused;

use std::{collections::BTreeMap, path::PathBuf};

use entity::{application, certificate, participation, quota_line};
use fairplate::{
    domain::actor::{Operator, Worker},
    service::{ceremony, certificates, publication, sessions},
    store,
};
use fairplate_tests::{
    Anonymous, Asks as _, Citizen, TestCity,
    actors::{OfficerActor, PROPOSED},
    ceremony::SECOND,
    check_publication,
    ids::draw_id,
    on_both_databases,
    publication::files_under,
    stages::{PERIOD, places},
    steps::AMEND_AT,
};
use sea_orm::{EntityTrait as _, QueryOrder as _};
use serde_json::{Value, json};
use verifier::report::Conclusion;

/// What is asked of a proposal, and of one that is refused.
const ASKED: &str = "__typename ... on ApprovalRequested { approval { id digest content summary(locale: EN) } } \
    ... on ResultNotAmendable { obstacles { reason category code explanation(locale: EN) } }";

/// The codes of the result, in its order.
async fn drawn(city: &TestCity) -> Vec<String> {
    let rows = store::placements::list(&city.app.db, city.app.city, PERIOD, "individual").await;
    rows.expect("a result")
        .into_iter()
        .map(|row| row.code)
        .collect()
}

/// Who has this code.
fn who<'a>(citizens: &'a [Citizen<'a>], code: &str) -> &'a Citizen<'a> {
    let found = citizens.iter().find(|it| it.code() == code);
    found.expect("somebody")
}

/// The input that drops these.
fn dropping(codes: &[&String]) -> Value {
    let drop = |code: &&String| json!({ "category": "individual", "code": code, "reason": format!("证件不实（{}）", &code[..4]) });
    let drops: Vec<Value> = codes.iter().map(drop).collect();
    json!({ "draw": draw_id(PERIOD), "drops": drops })
}

/// Proposes and approves.
async fn amend(city: &TestCity, codes: &[&String]) {
    let officer = city.officer().await;
    let done = officer
        .call("amendResult", dropping(codes), "approval { state }")
        .await;
    assert_eq!(done.get("/payload/approval/state"), "CARRIED_OUT");
}

/// Everything that an amend could change.
#[derive(Debug, PartialEq)]
struct State {
    records: u64,
    certificates: Vec<certificate::Model>,
    applications: Vec<application::Model>,
    ledger: Vec<participation::Model>,
    carry_over: Vec<quota_line::Model>,
    files: BTreeMap<PathBuf, Vec<u8>>,
}

async fn state(city: &TestCity) -> State {
    let db = &city.app.db;
    let certificates = certificate::Entity::find().order_by_asc(certificate::Column::Number);
    let applications = application::Entity::find().order_by_asc(application::Column::Code);
    let ledger = participation::Entity::find()
        .order_by_asc(participation::Column::ApplicantId)
        .order_by_asc(participation::Column::Kind);
    let carry_over = quota_line::Entity::find().order_by_asc(quota_line::Column::Id);
    State {
        records: store::records::count(db, city.app.city)
            .await
            .expect("a count"),
        certificates: certificates.all(db).await.expect("certificates"),
        applications: applications.all(db).await.expect("applications"),
        ledger: ledger.all(db).await.expect("a ledger"),
        carry_over: carry_over.all(db).await.expect("a carry-over"),
        files: files_under(&city.app.layout.public()),
    }
}

impl State {
    fn certificate(&self, citizen: &Citizen<'_>) -> Option<&certificate::Model> {
        let mut all = self.certificates.iter();
        all.find(|row| row.application_id == citizen.id())
    }

    fn application(&self, citizen: &Citizen<'_>) -> &application::Model {
        let mut all = self.applications.iter();
        all.find(|row| row.id == citizen.id())
            .expect("an application")
    }

    fn resets(&self, citizen: &Citizen<'_>) -> usize {
        let theirs = self.ledger.iter().filter(|line| {
            line.applicant_id == citizen.application.applicant_id
                && line.kind == participation::Kind::Reset
        });
        theirs.count()
    }
}

/// The amends of the draw, as anybody reads them.
async fn amends(city: &TestCity) -> Value {
    let document = format!(
        "{{ draw(publicId: \"{PERIOD}\") {{ amends {{ number changes {{ kind category rank code reason }} }} }} }}"
    );
    Anonymous(city)
        .ask(&document)
        .await
        .get("/draw/amends")
        .clone()
}

/// What the public's verifier says of the folder: how many amends.
async fn concluded(city: &TestCity) -> Option<usize> {
    let report = publication::verdict(&city.app, PERIOD)
        .await
        .expect("a report");
    assert_eq!(report.verdict, verifier::Verdict::Verified, "{report}");
    match report.conclusion {
        Some(Conclusion::Drawn { amends }) => Some(amends),
        _ => None,
    }
}

async fn asks(city: &TestCity, citizen: &Citizen<'_>, document: &str) -> Value {
    let token = sessions::open_for_code(&city.app, &Operator, citizen.code()).await;
    let token = token.expect("a session");
    let reply = city
        .server()
        .await
        .post(Some(&token), document, json!({}))
        .await;
    reply.answer().clone()
}

const OWN: &str = "{ me { certificates { status issuedOn expiresOn endedOn } \
    applications { nodes { status } } inbox(first: 50) { nodes { purpose } } } }";

/// What the published look-up says of a code.
async fn looked_up(city: &TestCity, code: &str) -> Value {
    let document = format!(
        "{{ result(period: \"{PERIOD}\", code: \"{code}\") {{ __typename sentence(locale: EN) }} }}"
    );
    Anonymous(city).ask(&document).await.get("/result").clone()
}

async fn proposed(officer: &OfficerActor<'_>, codes: &[&String]) -> Value {
    let reply = officer
        .call_alone("amendResult", dropping(codes), ASKED)
        .await;
    reply.get("/payload").clone()
}

#[test]
fn a_dropped_winner_makes_room_for_the_first_reserve_once_two_officers_agree() {
    on_both_databases(async |city| {
        let citizens = city.finished(7, places(2, 2)).await;
        let result = drawn(city).await;
        let (lost, gained) = (who(&citizens, &result[0]), who(&citizens, &result[2]));
        let before_look_ups = [
            looked_up(city, &result[0]).await,
            looked_up(city, &result[2]).await,
        ];
        city.at(AMEND_AT);
        let before = state(city).await;
        let officer = city.officer().await;

        let waiting = proposed(&officer, &[&result[0]]).await;
        let summary = waiting["approval"]["summary"].as_str().expect("a sentence");
        let line = format!("promote individual 3 {}", result[2]);
        assert!(summary.contains(&line), "{summary}");
        let decision =
            json!({ "id": waiting["approval"]["id"], "digest": waiting["approval"]["digest"] });
        let own = officer
            .call_alone("approve", decision.clone(), "__typename")
            .await;
        assert_eq!(own.get("/payload/__typename"), "ApprovalIsOwn");
        assert_eq!(state(city).await, before, "nothing is done by one");

        let second = city.officer_named(SECOND).await;
        let done = second.call_alone("approve", decision, "__typename").await;

        assert_eq!(done.get("/payload/__typename"), "ApprovalCarriedOut");
        let after = state(city).await;
        assert_eq!(after.records, before.records + 1);
        has_lost(&before, &after, lost);
        has_gained(&before, &after, gained);
        let bystanders = citizens
            .iter()
            .filter(|it| ![lost.id(), gained.id()].contains(&it.id()));
        for other in bystanders {
            assert_eq!(after.certificate(other), before.certificate(other));
            assert_eq!(after.application(other), before.application(other));
            assert_eq!(after.resets(other), before.resets(other));
        }
        assert_eq!(
            after.carry_over, before.carry_over,
            "the place is not vacant"
        );
        assert_eq!(concluded(city).await, Some(1));
        let after_look_ups = [
            looked_up(city, &result[0]).await,
            looked_up(city, &result[2]).await,
        ];
        assert_eq!(
            after_look_ups, before_look_ups,
            "look-ups say what was drawn"
        );
        check_publication(city).await;
    });
}

fn has_lost(before: &State, after: &State, citizen: &Citizen<'_>) {
    let day = "2026-07-03".parse().expect("a day");
    let mut revoked = before.certificate(citizen).expect("a certificate").clone();
    revoked.status = certificate::Status::Revoked;
    revoked.ended_on = Some(day);
    assert_eq!(after.certificate(citizen), Some(&revoked));
    assert_eq!(
        after.application(citizen).status,
        application::Status::Dropped
    );
    assert_eq!(
        after.resets(citizen),
        before.resets(citizen),
        "no count comes back or goes"
    );
}

fn has_gained(before: &State, after: &State, citizen: &Citizen<'_>) {
    assert_eq!(before.certificate(citizen), None);
    let issued = after.certificate(citizen).expect("a certificate");
    let days = [issued.issued_on, issued.expires_on].map(|day| day.to_string());
    assert_eq!(days, ["2026-07-03", "2027-07-03"], "counted from the amend");
    assert_eq!(issued.status, certificate::Status::Live);
    assert_eq!(
        after.application(citizen).status,
        application::Status::Allocated
    );
    assert_eq!(
        before.resets(citizen) + 1,
        after.resets(citizen),
        "a win begins anew"
    );
}

#[test]
fn everybody_reads_what_was_amended_and_those_concerned_are_told() {
    on_both_databases(async |city| {
        let citizens = city.finished(6, places(2, 2)).await;
        let result = drawn(city).await;
        assert_eq!(amends(city).await, json!([]));
        city.at(AMEND_AT);
        amend(city, &[&result[1]]).await;
        let told = certificates::tell_holders(&city.app, &Worker).await;
        assert!(0 < told.expect("told").count);

        let reason = format!("证件不实（{}）", &result[1][..4]);
        let changes = json!([
            { "kind": "DROPPED", "category": "individual", "rank": "2", "code": result[1], "reason": reason },
            { "kind": "PROMOTED", "category": "individual", "rank": "3", "code": result[2], "reason": null },
        ]);
        let seen = amends(city).await;
        assert_eq!(seen, json!([{ "number": 1, "changes": changes }]));
        let lost = asks(city, who(&citizens, &result[1]), OWN).await;
        assert_eq!(lost["me"]["certificates"][0]["status"], "REVOKED");
        assert_eq!(lost["me"]["certificates"][0]["endedOn"], "2026-07-03");
        assert_eq!(lost["me"]["applications"]["nodes"][0]["status"], "DROPPED");
        assert!(
            lost["me"]["inbox"].to_string().contains("place_lost"),
            "{lost}"
        );
        let gained = asks(city, who(&citizens, &result[2]), OWN).await;
        assert_eq!(gained["me"]["certificates"][0]["status"], "LIVE");
        assert_eq!(
            gained["me"]["applications"]["nodes"][0]["status"],
            "ALLOCATED"
        );
        let inbox = gained["me"]["inbox"].to_string();
        for purpose in ["place_gained", "certificate_issued"] {
            assert!(inbox.contains(purpose), "{purpose}: {inbox}");
        }
        let other = asks(city, who(&citizens, &result[3]), OWN).await;
        assert!(!other.to_string().contains("place_"), "{other}");
    });
}

#[test]
fn a_proposal_waits_alone_and_what_has_changed_since_is_not_done() {
    on_both_databases(async |city| {
        let citizens = city.finished(6, places(2, 2)).await;
        let result = drawn(city).await;
        city.at(AMEND_AT);
        let officer = city.officer().await;
        let waiting = proposed(&officer, &[&result[0]]).await;
        let another = officer.call_alone("amendResult", dropping(&[&result[1]]), PROPOSED);
        assert_eq!(
            another.await.get("/payload/__typename"),
            "ApprovalAlreadyWaiting"
        );
        let lucky = who(&citizens, &result[0]);
        let before = state(city).await;
        let number = before
            .certificate(lucky)
            .expect("a certificate")
            .number
            .clone();
        let surrendered = certificates::surrender(&city.app, &lucky.applicant(), &number).await;
        surrendered.expect("given back");
        let before = state(city).await;

        let second = city.officer_named(SECOND).await;
        let decision =
            json!({ "id": waiting["approval"]["id"], "digest": waiting["approval"]["digest"] });
        let done = second.call_alone("approve", decision, "__typename").await;

        assert_eq!(done.get("/payload/__typename"), "ApprovalOutdated");
        assert_eq!(state(city).await, before);
        assert_eq!(concluded(city).await, Some(0));
    });
}

#[test]
fn an_amend_that_no_witness_has_seen_is_public_after_a_resume() {
    on_both_databases(async |city| {
        city.finished(6, places(2, 2)).await;
        city.at(AMEND_AT);
        let before = files_under(&city.app.layout.public());
        let apart = city.without_its_witness();
        let officer = fairplate_tests::stages::officer();

        let late = fairplate_tests::ceremony::amend(&apart, &officer, PERIOD).await;

        assert_eq!(late.expect_err("unseen").code().as_str(), "UNAVAILABLE");
        assert_eq!(files_under(&city.app.layout.public()), before);
        ceremony::recover(&city.app).await.expect("recovered");
        assert_eq!(concluded(city).await, Some(1));
        check_publication(city).await;
    });
}
