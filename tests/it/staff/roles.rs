//! What the roles may do, and that somebody chooses one.

use entity::{draw, session::Role};
use fairplate_tests::{
    Asks as _,
    actors::PROPOSED,
    ids::draw_id,
    on_both_databases,
    stages::{FREEZE_AT, PERIOD, places},
};
use serde_json::{Value, json};

use super::{ME, state};

#[test]
fn whoever_may_act_as_several_says_as_what_and_loses_no_code_by_not_saying() {
    on_both_databases(async |city| {
        let li = city.member("li", &[Role::Officer, Role::Reviewer]).await;
        let before = state(city).await;
        let choice = json!({ "__typename": "StaffRoleToChoose", "roles": ["REVIEWER", "OFFICER"] });
        for role in [Value::Null, json!("AUDITOR"), json!("APPROVER")] {
            let asked = li
                .try_with(fairplate_tests::staff::PASSWORD, &li.code(), role)
                .await;
            assert_eq!(asked, choice);
        }
        assert_eq!(state(city).await, before);
        let chosen = li.signed_in(json!("REVIEWER")).await;
        let me = chosen.ask(ME).await;
        assert_eq!(me.get("/me"), &json!({ "role": "REVIEWER", "name": "li" }));
        let desk = chosen.ask("{ officer { todo { kind } } }").await;
        assert_eq!(desk.codes(), ["FORBIDDEN"]);
    });
}

#[test]
fn an_approver_approves_of_an_officers_freeze_and_proposes_nothing() {
    on_both_databases(async |city| {
        city.reviewed(3, places(2, 1)).await;
        city.at(FREEZE_AT);
        let officer = city.member("li", &[Role::Officer]).await;
        let approver = city.member("shen", &[Role::Approver]).await;
        let (officer, approver) = (
            officer.signed_in(Value::Null).await,
            approver.signed_in(Value::Null).await,
        );
        let input = json!({ "period": PERIOD });
        let own = approver
            .call_alone("freezePeriod", input.clone(), PROPOSED)
            .await;
        assert_eq!(own.codes(), ["FORBIDDEN"]);
        let asked = officer.call_alone("freezePeriod", input, PROPOSED).await;
        let asked = asked.get("/payload/approval").clone();
        let alone = officer.approve(&asked, "draw { phase }").await;
        assert_eq!(alone.get("/payload"), &json!({}), "it is their own");
        let listed = approver
            .ask("{ approvals(state: WAITING) { nodes { id proposedBy } } }")
            .await;
        let waiting = json!([{ "id": asked["id"], "proposedBy": "li" }]);
        assert_eq!(listed.get("/approvals/nodes"), &waiting);

        let done = approver
            .approve(&asked, "approval { state decidedBy } draw { phase }")
            .await;

        let approval = json!({ "state": "CARRIED_OUT", "decidedBy": "shen" });
        let expected = json!({ "approval": approval, "draw": { "phase": "FROZEN" } });
        assert_eq!(done.get("/payload"), &expected);
        assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Frozen);
        let by = city.trail_of(PERIOD, "approvals.approve").await;
        assert_eq!(by, ["approver:shen"]);
        for document in [
            "{ officer { approvals { nodes { id } } } }",
            "{ auditTrail { nodes { action } } }",
            "{ reviewQueue { nodes { application { code } } } }",
        ] {
            assert_eq!(
                approver.ask(document).await.codes(),
                ["FORBIDDEN"],
                "{document}"
            );
        }
        let void = json!({ "draw": draw_id(PERIOD), "reason": "none" });
        let void = approver.call_alone("voidDraw", void, PROPOSED).await;
        assert_eq!(void.codes(), ["FORBIDDEN"]);
    });
}

#[test]
fn two_people_at_one_device_are_one_where_two_are_wanted() {
    on_both_databases(async |city| {
        city.reviewed(3, places(2, 1)).await;
        city.at(FREEZE_AT);
        let one = city.member("li", &[Role::Officer]).await;
        let two = city.member("shen", &[Role::Approver]).await;
        let entered = one.sign_in(Value::Null).await;
        let officer = city.through(&entered["token"]);
        let input = json!({
            "name": "shen", "password": fairplate_tests::staff::PASSWORD, "code": two.code(),
            "deviceToken": entered["deviceToken"],
        });
        let anybody = fairplate_tests::Anonymous(city);
        let fields = "... on StaffSignedIn { token deviceToken }";
        let beside = anybody.call("signInStaff", input, fields).await;
        assert_eq!(beside.get("/payload/deviceToken"), &entered["deviceToken"]);
        let beside = city.through(beside.get("/payload/token"));
        let asked = officer
            .call_alone("freezePeriod", json!({ "period": PERIOD }), PROPOSED)
            .await;
        let asked = asked.get("/payload/approval").clone();

        let input = json!({ "id": asked["id"], "digest": asked["digest"] });
        let refused = beside.call_alone("approve", input, "__typename").await;

        assert_eq!(refused.get("/payload/__typename"), "ApprovalIsOwn");
        city.clock.advance(30);
        let elsewhere = two.signed_in(Value::Null).await;
        let done = elsewhere.approve(&asked, "draw { phase }").await;
        assert_eq!(done.get("/payload/draw/phase"), "FROZEN");
    });
}
