//! Every mutation that takes a key, asked twice: none ignores it.

use entity::{ApplicationId, certificate, duplicate_flag, message};
use fairplate::{
    domain::actor::{Applicant, Worker},
    ids,
    service::certificates,
};
use fairplate_tests::{
    Asks, Citizen, TestCity,
    actors::{OfficerActor, PROPOSED, TAKES_TWO},
    ceremony::{self, SECOND},
    city::on_both_databases_with_a_new_key,
    ids::{Noun, draw_id, id_of},
    on_both_databases,
    people::person,
    representatives::{self, REPRESENTATIVES, sealing},
    stages::{ANNOUNCE_AT, CLOSE_AT, FINISH_AT, FREEZE_AT, PERIOD, places},
};
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _, sea_query::Expr};
use serde_json::{Value, json};
use verifier::text::Digest;

use super::{APPLIED, keys, moved_to, own, trail, under};
use crate::{
    ceremony::{announcement, contributions},
    outcomes::keyed_mutations,
    rules::longer_bans,
};

/// What the stories of this file ask twice.
const ASKED: [&[&str]; 6] = [PERIODS, APPLICATIONS, DRAWS, AFTERWARDS, KEYS, RULES];

#[test]
fn every_mutation_with_a_key_is_asked_twice_here() {
    let mut asked: Vec<String> = ASKED.concat().iter().map(|it| (*it).to_owned()).collect();
    asked.sort();
    assert_eq!(asked, keyed_mutations());
}

/// Asks twice under a key of its own: the second answer is the first one, and nothing is written.
async fn twice(actor: &impl Asks, mutation: &str, input: Value, fields: &str) -> Value {
    let city = actor.city();
    let before = keys(city).await.len();
    let input = under(&format!("{mutation}-{before}"), input);
    let first = actor.call(mutation, input.clone(), fields).await;
    first.accepted();
    assert_eq!(keys(city).await.len(), before + 1, "{mutation}: {first:?}");
    let audited = trail(city).await;

    let again = actor.call(mutation, input, fields).await;

    assert_eq!(again.body(), first.body(), "{mutation}");
    assert_eq!(trail(city).await, audited, "{mutation}");
    first.get("/payload").clone()
}

/// An officer whom nobody seconds.
struct Alone<'a>(&'a OfficerActor<'a>);

impl Asks for Alone<'_> {
    fn city(&self) -> &TestCity {
        self.0.city()
    }

    fn token(&self) -> Option<&str> {
        self.0.token()
    }
}

/// Proposes twice what takes two officers, and approves of it twice; gives what was done.
async fn twice_by_two(city: &TestCity, mutation: &str, input: Value, fields: &str) -> Value {
    let (one, two) = (city.officer().await, city.officer_named(SECOND).await);
    let proposed = twice(&Alone(&one), mutation, input, PROPOSED).await;
    let approval = &proposed["approval"];
    let input = json!({ "id": approval["id"], "digest": approval["digest"] });
    let fields = format!("__typename ... on ApprovalCarriedOut {{ {fields} }}");
    twice(&Alone(&two), "approve", input, &fields).await
}

const PERIODS: &[&str] = &[
    "confirmPolicy",
    "openPeriod",
    "planPeriods",
    "planPeriod",
    "setQuota",
    "movePeriodDates",
    "closePeriod",
    "publishReview",
];

#[test]
fn what_officers_decide_of_periods_is_done_once() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let officer = city.officer().await;
        let read = json!({ "sha256": Digest(city.app.policy.digest()).to_string() });
        twice_by_two(city, "confirmPolicy", read, "approval { state }").await;
        let days = json!({ "number": "202612", "appliesFrom": "2026-12-01", "appliesUntil": "2026-12-08",
            "reviewPublishOn": "2026-12-23", "drawOn": "2026-12-28",
            "quotas": [{ "category": "individual", "quota": 3 }] });
        twice(&officer, "openPeriod", days, "period { number phase }").await;
        let planned = twice(
            &officer,
            "planPeriods",
            json!({ "year": 2026 }),
            "periods { number }",
        );
        assert_eq!(planned.await["periods"].as_array().map(Vec::len), Some(4));
        let tier = json!({ "number": "2026J2", "appliesFrom": "2026-09-01", "appliesUntil": "2026-09-08",
            "reviewPublishOn": "2026-09-10", "drawOn": "2026-09-28" });
        twice(&officer, "planPeriod", tier, "period { number phase }").await;
        let quota =
            json!({ "period": "202608", "quota": { "category": "individual", "quota": 5 } });
        twice(&officer, "setQuota", quota, "period { quotas { quota } }").await;
        twice(
            &officer,
            "movePeriodDates",
            moved_to("2026-06-24"),
            "period { moves { to } }",
        )
        .await;
        let period = json!({ "period": PERIOD });
        city.apply(&person(1)).await;
        city.at("2026-06-09T01:00:00Z");
        let officer = city.officer().await;
        twice(&officer, "closePeriod", period.clone(), "period { phase }").await;
        city.at("2026-06-24T01:00:00Z");
        city.decide_all().await;
        let officer = city.officer().await;
        twice(&officer, "publishReview", period, "period { phase }").await;
    });
}

const KEYS: &[&str] = &["changeRecordKey"];

#[test]
fn the_record_key_changes_once() {
    on_both_databases_with_a_new_key(async |city| {
        twice_by_two(city, KEYS[0], json!({}), "approval { state }").await;
    });
}

const RULES: &[&str] = &["changePolicy"];

#[test]
fn a_text_of_the_rules_is_adopted_once() {
    on_both_databases(async |city| {
        let text = json!({ "text": longer_bans(&city.app) });
        twice_by_two(city, RULES[0], text, "approval { state }").await;
    });
}

const APPLICATIONS: &[&str] = &[
    "confirmApplication",
    "joinTier",
    "cancelApplication",
    "reviewApplication",
    "resolveDuplicate",
    "requestSecondLook",
    "renewApplication",
    "changePhone",
    "resendMessage",
];

/// Flags two people's applications, as if they had given the same contact.
async fn flag(city: &TestCity, earlier: ApplicationId, later: ApplicationId) -> String {
    let now = city.app.clock.now();
    let row = duplicate_flag::Model {
        city_id: city.app.city,
        id: ids::uuid_v7(now),
        kind: entity::contact_index::Kind::Phone,
        earlier_id: earlier,
        later_id: later,
        raised_at: now,
        resolution: None,
        resolved_by: None,
        resolved_at: None,
        note: None,
    };
    let row = row.into_active_model().insert(&city.app.db).await;
    row.expect("a flag").id.to_string()
}

#[test]
fn what_becomes_of_applications_is_done_once() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let applying = city.signed_in(&person(1)).await;
        let confirmation = applying
            .prepare(applying.person.input())
            .await
            .expect("a code");
        twice(&applying, "confirmApplication", confirmation, APPLIED).await;
        let (one, other) = (city.apply(&person(2)).await, city.apply(&person(3)).await);
        let shown = "__typename ... on TierJoined { joinedAt application { id } }";
        twice(&one, "joinTier", own(&one), shown).await;
        twice(&other, "cancelApplication", own(&other), "__typename").await;
        let (refused, kept) = (city.apply(&person(4)).await, city.apply(&person(5)).await);
        let officer = city.officer().await;
        let flag = flag(city, one.id(), kept.id()).await;
        let answer = json!({ "flagId": id_of(Noun::DuplicateFlag, flag), "resolution": "DIFFERENT_PERSONS", "note": "父女二人" });
        let shown = "__typename ... on DuplicateResolved { flag { resolution } }";
        twice(&officer, "resolveDuplicate", answer, shown).await;
        let decision =
            json!({ "code": refused.code(), "decision": "REFUSED", "reasons": ["OWNS_LOCAL_CAR"] });
        let shown = "__typename ... on ApplicationReviewed { application { code } }";
        twice(&officer, "reviewApplication", decision, shown).await;
        city.review_all().await;
        let refused = refused.signed_in().await;
        let mut statement = own(&refused);
        statement["statement"] = "The car was sold".into();
        let shown = "__typename ... on SecondLookRequested { application { status } }";
        twice(&refused, "requestSecondLook", statement, shown).await;
        city.open_period("202609", 9, places(1, 0)).await;
        city.at("2026-09-05T01:00:00Z");
        let kept = kept.signed_in().await;
        let shown = "__typename ... on ApplicationRenewed { application { status } }";
        let renewed = twice(&kept, "renewApplication", own(&kept), shown).await;
        assert_eq!(renewed["application"]["status"], "NEW");
        phone_and_message(city).await;
    });
}

async fn phone_and_message(city: &TestCity) {
    let account = city.signed_in(&person(1)).await;
    let codes = crate::phones::phone_change(city, &account, &person(6).phone).await;
    let shown = "__typename ... on PhoneChanged { endedSessions }";
    twice(&account, "changePhone", codes, shown).await;
    message::Entity::update_many()
        .col_expr(message::Column::State, Expr::value(message::State::Dead))
        .exec(&city.app.db)
        .await
        .expect("dead letters");
    let dead = message::Entity::find()
        .all(&city.app.db)
        .await
        .expect("letters");
    let is_kept =
        |row: &&message::Model| row.channel == message::Channel::Sms && row.sealed.is_some();
    let dead = dead.iter().find(is_kept).expect("a letter").id;
    let officer = city.officer().await;
    let shown = "__typename ... on MessageWaiting { message { id state } }";
    twice(
        &officer,
        "resendMessage",
        json!({ "messageId": id_of(Noun::OutgoingMessage, dead) }),
        shown,
    )
    .await;
}

const DRAWS: &[&str] = &[
    "approve",
    "freezeRepresentatives",
    "announceDraw",
    "closeContributions",
    "finishDraw",
    "freezePeriod",
    "respondToInvitation",
    "sealContribution",
    "recordAttendance",
];

const AFTERWARDS: &[&str] = &[
    "markCertificateUsed",
    "surrenderCertificate",
    "liftBan",
    "amendResult",
    "voidDraw",
];

/// Whose application a representative was drawn with.
async fn first_drawn<'a>(city: &TestCity, citizens: &'a [Citizen<'a>]) -> (Citizen<'a>, String) {
    let rows = city.representatives().await;
    let place = rows
        .iter()
        .find(|row| row.place_rank == 1)
        .expect("a place");
    let who = citizens
        .iter()
        .find(|it| it.code() == place.code)
        .expect("somebody");
    (who.signed_in().await, format!("{REPRESENTATIVES}/1"))
}

#[test]
fn every_step_of_a_draw_is_done_once() {
    const DRAW: &str = "draw { id phase }";
    on_both_databases(async |city| {
        let citizens = city.reviewed(7, places(2, 1)).await;
        let period = json!({ "period": PERIOD });
        let step = async |at: &str, mutation: &str, input: Value| {
            city.at(at);
            if TAKES_TWO.contains(&mutation) {
                return twice_by_two(city, mutation, input, DRAW).await;
            }
            let officer = city.officer().await;
            twice(&officer, mutation, input, DRAW).await
        };
        let announced = json!({ "draw": draw_id(REPRESENTATIVES), "windowSeconds": 3_600, "marginSeconds": 60,
            "closesAt": representatives::CLOSES_AT });
        let named = json!({ "draw": draw_id(REPRESENTATIVES) });
        step(FREEZE_AT, "freezeRepresentatives", period.clone()).await;
        step(representatives::ANNOUNCE_AT, "announceDraw", announced).await;
        step(
            representatives::CLOSE_AT,
            "closeContributions",
            named.clone(),
        )
        .await;
        step(representatives::FINISH_AT, "finishDraw", named).await;
        let (who, name) = first_drawn(city, &citizens).await;
        let invitation = id_of(Noun::Invitation, &name);
        let answer = json!({ "invitation": invitation, "answer": "ACCEPT" });
        let shown = "__typename ... on InvitationAnswered { invitation { state } }";
        twice(&who, "respondToInvitation", answer, shown).await;
        let (_, sealed) = sealing(&name, PERIOD);
        let sealed =
            json!({ "invitation": invitation, "draw": PERIOD, "commitment": sealed.to_string() });
        twice(&who, "sealContribution", sealed, "invitation { state }").await;
        step(representatives::FREEZE_AT, "freezePeriod", period).await;
        step(ANNOUNCE_AT, "announceDraw", announcement(PERIOD)).await;
        step(CLOSE_AT, "closeContributions", contributions(PERIOD)).await;
        let attended =
            json!({ "representative": id_of(Noun::Representative, &name), "attended": true });
        let officer = city.officer().await;
        twice(
            &officer,
            "recordAttendance",
            attended,
            "representative { state }",
        )
        .await;
        step(FINISH_AT, "finishDraw", json!({ "draw": draw_id(PERIOD) })).await;
    });
}

#[test]
fn certificates_end_once_and_a_draw_is_given_up_once() {
    on_both_databases(async |city| {
        let citizens = city.finished(5, places(2, 1)).await;
        let issued = certificate::Entity::find()
            .all(&city.app.db)
            .await
            .expect("certificates");
        let number = |at: usize| json!({ "number": issued[at].number });
        let officer = city.officer().await;
        twice(&officer, "markCertificateUsed", number(0), "__typename").await;
        let is_holder =
            |it: &&Citizen<'_>| it.applicant() == Applicant::new(issued[1].applicant_id);
        let holder = citizens
            .iter()
            .find(is_holder)
            .expect("a holder")
            .signed_in()
            .await;
        twice(&holder, "surrenderCertificate", number(1), "__typename").await;
    });
    on_both_databases(async |city| {
        city.finished(5, places(2, 1)).await;
        city.at("2027-07-01T01:00:00Z");
        let forfeited = certificates::forfeit_all(&city.app, &Worker).await;
        assert_eq!(forfeited.expect("two"), 2);
        let issued = certificate::Entity::find().one(&city.app.db).await;
        let number = issued.expect("read").expect("a certificate").number;
        let input = json!({ "certificate": number, "reason": "a mistake" });
        twice_by_two(city, "liftBan", input, "approval { state }").await;
    });
    on_both_databases(async |city| {
        city.finished(5, places(2, 1)).await;
        let first = ceremony::first_of(&city.app, PERIOD).await;
        let drop = json!({ "category": first.category, "code": first.code, "reason": "forged" });
        let input = json!({ "draw": draw_id(PERIOD), "drops": [drop] });
        twice_by_two(city, "amendResult", input, "draw { amends { number } }").await;
    });
    on_both_databases(async |city| {
        city.announced(3, places(2, 1)).await;
        city.at(ANNOUNCE_AT);
        let reason = json!({ "draw": draw_id(PERIOD), "reason": "the machine broke" });
        twice_by_two(city, "voidDraw", reason, "draw { phase }").await;
    });
}
