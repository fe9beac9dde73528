//! No officer alone: what one proposes happens when another one approves of exactly that.

mod alone;
pub(crate) mod crashes;

use chrono::TimeDelta;
use entity::{approval, draw};
use fairplate::{
    App, Error,
    domain::actor::{Officer, Operator},
    service::{
        approvals::{self, Action, Decided, Proposed, Refused, Withdrawn},
        sessions,
    },
    store,
};
use fairplate_tests::{
    Asks as _, TestCity,
    actors::PROPOSED,
    ceremony::{self, SECOND, digest_of, sign_in},
    check_publication,
    ids::{Noun, draw_id, id_of},
    on_both_databases,
    stages::{ANNOUNCE_AT, CLOSE_AT, PERIOD, officer, places, terms},
};
use sea_orm::{EntityTrait as _, IntoActiveModel as _, Set};
use serde_json::{Value, json};

use crate::ceremony::announcement;

fn announcing() -> Action {
    let (draw, terms) = (PERIOD.to_owned(), terms(PERIOD));
    Action::AnnounceDraw { draw, terms }
}

fn voiding(reason: &str) -> Action {
    let (draw, reason) = (PERIOD.to_owned(), reason.to_owned());
    Action::VoidDraw { draw, reason }
}

/// All that a proposal could change: draws, records, periods and approvals, and how often the trail
/// names an effect.
#[derive(Debug, PartialEq)]
struct State {
    draws: Vec<draw::Model>,
    records: u64,
    approvals: Vec<approval::Model>,
    effects: usize,
}

async fn state(city: &TestCity) -> State {
    let (db, id) = (&city.app.db, city.app.city);
    let trail = entity::audit::Entity::find().all(db).await;
    let is_effect = |row: &&entity::audit::Model| !row.action.starts_with("approvals.");
    State {
        draws: store::draws::list(db, id, 10).await.expect("draws"),
        records: store::records::count(db, id).await.expect("a count"),
        approvals: approval::Entity::of_city(id).all(db).await.expect("rows"),
        effects: trail.expect("a trail").iter().filter(is_effect).count(),
    }
}

/// What becomes of an approval by an officer, of which nothing may come.
async fn refused(
    city: &TestCity,
    by: &Officer,
    row: &approval::Model,
    digest: [u8; 32],
) -> Decided {
    let before = state(city).await;
    let decided = approvals::approve(&city.app, &by.approver(), row.id, digest).await;
    assert_eq!(state(city).await, before);
    check_publication(city).await;
    decided.expect("an answer")
}

async fn proposed(app: &App, action: Action) -> approval::Model {
    ceremony::propose(app, &officer(), action)
        .await
        .expect("a proposal")
}

#[test]
fn a_draw_is_announced_when_a_second_officer_approves_and_the_trail_names_both() {
    on_both_databases(async |city| {
        city.frozen(5, places(2, 1)).await;
        let before = state(city).await;
        let one = city.officer().await;
        let asked = one
            .call_alone("announceDraw", announcement(PERIOD), PROPOSED)
            .await;
        assert_eq!(asked.get("/payload/__typename"), "ApprovalRequested");
        let after = state(city).await;
        assert_eq!(
            (&after.draws, after.records),
            (&before.draws, before.records)
        );
        check_publication(city).await;

        let two = city.officer_named(SECOND).await;
        let fields = "approval { state proposedBy decidedBy } draw { phase }";
        let approved = two.approve(asked.get("/payload/approval"), fields).await;

        let names = json!({ "state": "CARRIED_OUT", "proposedBy": "zhou", "decidedBy": SECOND });
        let expected = json!({ "approval": names, "draw": { "phase": "ANNOUNCED" } });
        assert_eq!(approved.get("/payload"), &expected);
        for (action, actor) in [
            ("approvals.propose", "officer:zhou"),
            ("approvals.approve", "officer:qian"),
            ("ceremony.announce", "officer:qian"),
        ] {
            let newest = city.trail_of(PERIOD, action).await.pop();
            assert_eq!(newest.as_deref(), Some(actor), "{action}");
        }
        check_publication(city).await;
    });
}

#[test]
fn the_desk_shows_all_of_what_is_to_be_signed() {
    on_both_databases(async |city| {
        city.frozen(5, places(2, 1)).await;
        let row = proposed(&city.app, announcing()).await;
        let document = "{ officer { todo { kind subject text(locale: EN) mutation } approvals(state: WAITING) { nodes { id digest action subject content \
            summary(locale: EN) proposedBy expiresAt } } } }";

        let desk = city.officer_named(SECOND).await.ask(document).await;

        let todo = desk.get("/officer/todo").as_array().expect("duties");
        let duty = json!({ "kind": "APPROVE", "subject": PERIOD, "mutation": "approve",
            "text": "a proposal about 202606 waits" });
        assert!(todo.contains(&duty), "{todo:?}");
        let shown = desk.get("/officer/approvals/nodes/0");
        assert_eq!(shown["id"], id_of(Noun::Approval, row.id));
        assert_eq!(shown["action"], "ANNOUNCE_DRAW");
        assert_eq!(shown["expiresAt"], "2026-06-29T02:00:00Z");
        let text = shown["content"].as_str().expect("a content");
        let digest = verifier::text::Digest::of(text.as_bytes());
        assert_eq!(shown["digest"], digest.to_string());
        let content: Value = serde_json::from_str(text).expect("JSON");
        let pool = &store::draws::list_pools(&city.app.db, city.app.city, PERIOD)
            .await
            .expect("pools")[0];
        let sha256: [u8; 32] = pool.sha256.as_slice().try_into().expect("32 bytes");
        let sha256 = verifier::text::Digest(sha256).to_string();
        assert_eq!(content["pools"][0]["sha256"], sha256);
        assert_eq!(content["closes_at"], "2026-06-30T07:00:00Z");
        assert_eq!(content["sealed"].as_array().map(Vec::len), Some(2));
        assert_eq!(content["open"], json!(["ball-machine"]));
        assert!(content["round"].is_u64() && content["chain_hash"].is_string());
        let summary = shown["summary"].as_str().expect("a sentence");
        assert!(
            summary.starts_with("announce draw 202606: individual 5 codes"),
            "{summary}"
        );
    });
}

#[test]
fn whoever_proposes_does_not_approve_under_whichever_session_or_spelling_of_the_name() {
    on_both_databases(async |city| {
        city.frozen(5, places(2, 1)).await;
        let one = sign_in(&city.app, "zhou").await;
        let asked = approvals::propose(&city.app, &one, announcing()).await;
        let Ok(Proposed::Requested(row)) = asked else {
            panic!("expected a proposal, found {asked:?}")
        };
        let digest = digest_of(&row);
        for same in [
            one,
            sign_in(&city.app, "zhou").await,
            sign_in(&city.app, "ZHOU").await,
        ] {
            let own = refused(city, &same, &row, digest).await;
            assert_eq!(own, Decided::Own(row.clone()));
            let refusing = approvals::refuse(&city.app, &same.approver(), row.id).await;
            assert_eq!(refusing.expect("an answer"), Refused::Own(row.clone()));
        }
        ceremony::approve(&city.app, &row).await.expect("announced");
    });
}

#[test]
fn a_name_without_its_own_live_session_neither_proposes_nor_approves() {
    on_both_databases(async |city| {
        city.frozen(5, places(2, 1)).await;
        let row = proposed(&city.app, announcing()).await;
        let two = sign_in(&city.app, SECOND).await;
        let session = two.session().expect("a session");
        let reviewer = sessions::open_for_reviewer(&city.app, &Operator, "fang").await;
        drop(reviewer.expect("a session"));
        let before = state(city).await;
        for (forged, code) in [
            (Officer::new(SECOND), "FORBIDDEN"),
            (Officer::signed_in(SECOND, [7; 32]), "UNAUTHENTICATED"),
            (Officer::signed_in("sun", session), "UNAUTHENTICATED"),
        ] {
            let approving =
                approvals::approve(&city.app, &forged.approver(), row.id, digest_of(&row)).await;
            assert_eq!(approving.expect_err("refused").code().as_str(), code);
            let proposing = approvals::propose(&city.app, &forged, announcing()).await;
            assert_eq!(proposing.expect_err("refused").code().as_str(), code);
        }
        city.clock.advance(12 * 3_600);
        let late = approvals::approve(&city.app, &two.approver(), row.id, digest_of(&row)).await;
        assert!(matches!(late, Err(Error::Unauthenticated)), "{late:?}");
        assert_eq!(state(city).await, before);
    });
}

#[test]
fn another_digest_than_that_of_the_proposal_does_nothing() {
    on_both_databases(async |city| {
        city.frozen(5, places(2, 1)).await;
        let row = proposed(&city.app, announcing()).await;
        let two = sign_in(&city.app, SECOND).await;
        let mut wrong = digest_of(&row);
        wrong[31] ^= 1;

        let decided = refused(city, &two, &row, wrong).await;

        assert_eq!(decided, Decided::OtherDigest(row));
    });
}

#[test]
fn a_proposal_waits_an_hour_and_then_makes_room_for_another() {
    on_both_databases(async |city| {
        city.frozen(5, places(2, 1)).await;
        let row = proposed(&city.app, announcing()).await;
        assert_eq!(row.expires_at, row.proposed_at + TimeDelta::hours(1));
        city.clock.advance(3_599);
        let second = sign_in(&city.app, SECOND).await;
        let again = approvals::propose(&city.app, &second, announcing()).await;
        assert_eq!(
            again.expect("an answer"),
            Proposed::AlreadyWaiting(row.clone())
        );
        city.clock.advance(1);

        let decided = refused(city, &second, &row, digest_of(&row)).await;

        assert_eq!(decided, Decided::NotWaiting(row.clone()));
        let late = city.officer_named(SECOND).await;
        let fields = "__typename ... on ApprovalExpired { approval { state } }";
        let input = json!({ "id": id_of(Noun::Approval, row.id),
            "digest": verifier::text::Digest(digest_of(&row)).to_string() });
        let told = late.call_alone("approve", input, fields).await;
        let expired =
            json!({ "__typename": "ApprovalExpired", "approval": { "state": "EXPIRED" } });
        assert_eq!(told.get("/payload"), &expired);
        let anew = proposed(&city.app, announcing()).await;
        assert_ne!(anew.id, row.id);
        let kept = store::approvals::get(&city.app.db, city.app.city, row.id).await;
        assert_eq!(kept.expect("a row").state, approval::State::Expired);
        ceremony::approve(&city.app, &anew)
            .await
            .expect("announced");
    });
}

#[test]
fn what_has_changed_since_it_was_proposed_is_not_done() {
    on_both_databases(async |city| {
        city.frozen(5, places(2, 1)).await;
        let row = proposed(&city.app, announcing()).await;
        let pools = store::draws::list_pools(&city.app.db, city.app.city, PERIOD).await;
        let pool = pools.expect("pools").remove(0);
        let tickets = pool.tickets;
        let mut other = pool.clone().into_active_model();
        other.tickets = Set(tickets + 1);
        entity::draw_pool::Entity::update(other)
            .exec(&city.app.db)
            .await
            .expect("a pool of other tickets");
        let two = sign_in(&city.app, SECOND).await;

        let decided = refused(city, &two, &row, digest_of(&row)).await;

        assert_eq!(decided, Decided::Changed(row));
    });
}

#[test]
fn a_redo_is_no_draw_that_was_approved_before_it() {
    on_both_databases(async |city| {
        city.announced(5, places(2, 1)).await;
        city.at(ANNOUNCE_AT);
        let row = proposed(&city.app, voiding("the hall was flooded")).await;
        ceremony::approve(&city.app, &row).await.expect("voided");
        let redo = ceremony::freeze(&city.app, &officer(), PERIOD).await;
        assert_eq!(redo.expect("frozen").id, "202606-2");
        let two = sign_in(&city.app, SECOND).await;

        let decided = refused(city, &two, &row, digest_of(&row)).await;

        assert!(matches!(decided, Decided::NotWaiting(_)), "{decided:?}");
        assert_eq!(city.draw("202606-2").await.phase, draw::Phase::Frozen);
    });
}

#[test]
fn terms_that_leave_no_time_any_more_are_refused_as_they_are_for_a_proposal() {
    on_both_databases(async |city| {
        city.frozen(5, places(2, 1)).await;
        let mut tight = terms(PERIOD);
        tight.window_secs = 30 * 3_600;
        let draw = PERIOD.to_owned();
        let row = proposed(&city.app, Action::AnnounceDraw { draw, terms: tight }).await;
        city.clock.advance(600);
        let before = state(city).await;

        let late = ceremony::approve(&city.app, &row).await;

        let sentence = late.expect_err("refused").to_string();
        assert!(
            sentence.starts_with("closesAt: contributions may close"),
            "{sentence}"
        );
        assert_eq!(state(city).await, before);
    });
}

#[test]
fn other_terms_wait_until_the_first_are_refused_or_withdrawn() {
    on_both_databases(async |city| {
        city.frozen(5, places(2, 1)).await;
        let (one, two) = (
            sign_in(&city.app, "zhou").await,
            sign_in(&city.app, SECOND).await,
        );
        for ending in ["refused", "withdrawn"] {
            let row = proposed(&city.app, announcing()).await;
            let mut other = terms(PERIOD);
            other.open.push("dice".to_owned());
            let draw = PERIOD.to_owned();
            let other = Action::AnnounceDraw { draw, terms: other };
            let asked = approvals::propose(&city.app, &two, other).await;
            assert_eq!(
                asked.expect("an answer"),
                Proposed::AlreadyWaiting(row.clone())
            );
            if ending == "refused" {
                let taken_back = approvals::withdraw(&city.app, &two, row.id).await;
                let another = Withdrawn::AnotherOfficers(row.clone());
                assert_eq!(taken_back.expect("an answer"), another);
                let ended = approvals::refuse(&city.app, &two.approver(), row.id).await;
                assert!(matches!(ended, Ok(Refused::Done(_))), "{ended:?}");
            } else {
                let ended = approvals::withdraw(&city.app, &one, row.id).await;
                assert!(matches!(ended, Ok(Withdrawn::Done(_))), "{ended:?}");
            }
            let decided = refused(city, &two, &row, digest_of(&row)).await;
            assert!(matches!(decided, Decided::NotWaiting(_)), "{decided:?}");
            let again = approvals::refuse(&city.app, &two.approver(), row.id).await;
            assert!(matches!(again, Ok(Refused::NotWaiting(_))), "{again:?}");
        }
        assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Frozen);
    });
}

#[test]
fn what_waits_beside_it_stays_as_it_is() {
    on_both_databases(async |city| {
        city.announced(5, places(2, 1)).await;
        city.at(CLOSE_AT);
        let void = proposed(&city.app, voiding("the hall was flooded")).await;
        let rules = proposed(&city.app, Action::ConfirmPolicy).await;

        ceremony::approve(&city.app, &rules)
            .await
            .expect("confirmed");

        let kept = store::approvals::get(&city.app.db, city.app.city, void.id).await;
        assert_eq!(kept.expect("a row"), void);
        assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Announced);
        ceremony::approve(&city.app, &void).await.expect("voided");
        check_publication(city).await;
    });
}

#[test]
fn an_approval_is_found_by_officers_alone() {
    on_both_databases(async |city| {
        city.frozen(3, places(2, 1)).await;
        let row = proposed(&city.app, announcing()).await;
        let id = id_of(Noun::Approval, row.id);
        let document = format!("{{ node(id: \"{id}\") {{ __typename id }} }}");
        let officer = city.officer().await.ask(&document).await;
        let found = json!({ "__typename": "Approval", "id": id });
        assert_eq!(officer.get("/node"), &found);
        for other in [city.reviewer("fang").await, city.auditor("wu").await] {
            assert_eq!(other.ask(&document).await.get("/node"), &Value::Null);
        }
        let none = json!({ "draw": draw_id(PERIOD), "reason": "none" });
        let reviewer = city.reviewer("fang").await;
        let reply = reviewer.call_alone("voidDraw", none, PROPOSED).await;
        assert_eq!(reply.codes(), ["FORBIDDEN"]);
    });
}
