//! The queue, and who works on what.

use fairplate_tests::{
    Asks as _, OfficerActor, on_both_databases,
    people::person,
    stages::{PERIOD, places},
};
use serde_json::{Value, json};

const CLAIMED: &str = "... on ApplicationClaimed { waiting { waitsFor claim { reviewer expiresAt } } } \
    ... on ApplicationClaimedByAnother { claim { reviewer } } ... on ApplicationNotWaiting { application { status } }";
const FORM: &str = "... on FormViewed { form { name idNumber phone email address postcode licenceClasses ownsLocalCar statement } }";

/// The codes that a filter of the queue leaves.
async fn queue(actor: &OfficerActor<'_>, filter: &str) -> Vec<String> {
    let document = format!(
        "{{ reviewQueue(filter: {{ {filter} }}) {{ nodes {{ application {{ code }} }} }} }}"
    );
    let reply = actor.ask(&document).await;
    let nodes = reply.get("/reviewQueue/nodes").as_array().expect("a list");
    let codes = nodes.iter().map(|node| &node["application"]["code"]);
    codes
        .map(|code| code.as_str().expect("a code").to_owned())
        .collect()
}

#[test]
fn while_a_claim_lives_only_the_claimer_decides() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let citizen = city.apply(&person(1)).await;
        let (fang, tao) = (city.reviewer("fang").await, city.reviewer("tao").await);
        let claimed = fang
            .at_desk("claimApplication", citizen.code(), CLAIMED)
            .await;
        let claim = json!({ "reviewer": "fang", "expiresAt": "2026-06-01T01:30:00Z" });
        assert_eq!(
            claimed["waiting"],
            json!({ "waitsFor": "FIRST", "claim": claim })
        );
        let before = city.application(&citizen).await;

        let another =
            json!({ "__typename": "ApplicationClaimedByAnother", "claim": { "reviewer": "fang" } });
        assert_eq!(
            tao.at_desk("claimApplication", citizen.code(), CLAIMED)
                .await,
            another
        );
        assert_eq!(tao.decide(citizen.code(), true).await, another);
        assert_eq!(
            city.officer().await.decide(citizen.code(), false).await,
            another
        );
        assert_eq!(city.application(&citizen).await, before);
        assert!(city.reviews(&citizen).await.is_empty());

        let decided = fang.decide(citizen.code(), true).await;
        assert_eq!(decided["application"]["status"], "VALID");
        let over = fang
            .at_desk("claimApplication", citizen.code(), CLAIMED)
            .await;
        assert_eq!(
            over,
            json!({ "__typename": "ApplicationNotWaiting", "application": { "status": "VALID" } })
        );
    });
}

#[test]
fn a_claim_runs_out_and_can_be_given_back() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (one, two) = (city.apply(&person(1)).await, city.apply(&person(2)).await);
        let (fang, tao) = (city.reviewer("fang").await, city.reviewer("tao").await);
        for citizen in [&one, &two] {
            fang.at_desk("claimApplication", citizen.code(), "").await;
        }
        let not_hers = tao.at_desk("releaseClaim", one.code(), "").await;
        assert_eq!(not_hers["__typename"], "ClaimNotYours");
        assert_eq!(queue(&tao, "claimedBy: \"fang\"").await.len(), 2);

        let given = fang.at_desk("releaseClaim", one.code(), "").await;
        assert_eq!(given["__typename"], "ClaimReleased");
        let taken = tao.at_desk("claimApplication", one.code(), "").await;
        assert_eq!(taken["__typename"], "ApplicationClaimed");
        city.at("2026-06-01T01:29:59Z");
        assert_eq!(
            tao.decide(two.code(), true).await["__typename"],
            "ApplicationClaimedByAnother"
        );
        city.at("2026-06-01T01:30:00Z");
        assert_eq!(queue(&tao, "claimedBy: \"fang\"").await, [""; 0]);
        assert_eq!(
            tao.decide(two.code(), true).await["application"]["status"],
            "VALID"
        );
        assert_eq!(city.application(&one).await, one.application);
    });
}

#[test]
fn reviewers_who_claim_at_the_same_moment_get_different_applications() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        city.apply_many(5).await;
        let (fang, tao) = (city.reviewer("fang").await, city.reviewer("tao").await);
        let input = json!({ "count": 3, "filter": { "period": PERIOD } });
        let fields = "claimed { application { code } claim { reviewer } }";

        let (one, two) = tokio::join!(
            fang.call("claimApplications", input.clone(), fields),
            tao.call("claimApplications", input.clone(), fields)
        );

        let both = [("fang", &one), ("tao", &two)].map(|(name, reply)| {
            let claimed = reply
                .get("/payload/claimed")
                .as_array()
                .expect("a list")
                .clone();
            assert_eq!(claimed.len(), 3);
            assert!(
                claimed.iter().all(|it| it["claim"]["reviewer"] == name),
                "{claimed:?}"
            );
            claimed
        });
        let mut codes: Vec<String> = both
            .concat()
            .iter()
            .map(|it| it["application"].to_string())
            .collect();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), 6, "the six that wait, each once");
        let none = fang.call("claimApplications", input, fields).await;
        assert_eq!(none.get("/payload/claimed"), &json!([]));
    });
}

#[test]
fn a_count_that_no_desk_holds_is_refused() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let fang = city.reviewer("fang").await;
        for (count, filter, sentence) in [
            (
                0,
                json!({}),
                "INVALID_INPUT: count: expected 1 to 100 applications, found 0",
            ),
            (
                101,
                json!({}),
                "INVALID_INPUT: count: expected 1 to 100 applications, found 101",
            ),
            (
                1,
                json!({ "claimedBy": "tao" }),
                "INVALID_INPUT: claimedBy: only what nobody works on can be claimed; leave it out",
            ),
        ] {
            let input = json!({ "count": count, "filter": filter });
            let reply = fang
                .call("claimApplications", input, "claimed { waitsFor }")
                .await;
            assert_eq!(reply.refusal(), sentence);
        }
        assert_eq!(queue(&fang, "claimedBy: \"fang\"").await, [""; 0]);
    });
}

#[test]
fn a_filter_leaves_what_it_names() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let one = city.apply(&person(1)).await;
        let mut permit = person(2).form();
        permit.identity_type = "hk-macao-taiwan".to_owned();
        permit.id_number = "M04417529".to_owned();
        city.apply_with(&person(2), &permit).await;
        let fang = city.reviewer("fang").await;
        let all = queue(&fang, "").await;
        assert_eq!(all.len(), 3, "with the bystander, without the neighbour's");
        for (filter, count) in [
            ("period: \"202606\"", 3),
            ("period: \"202607\"", 0),
            ("identityType: \"hk-macao-taiwan\"", 1),
            ("category: \"individual\"", 3),
            ("category: \"unit\"", 0),
            ("secondLook: true", 0),
            ("secondLook: false", 3),
            ("flag: PHONE", 0),
            ("claimedBy: \"fang\"", 0),
        ] {
            assert_eq!(queue(&fang, filter).await.len(), count, "{filter}");
        }
        fang.at_desk("claimApplication", one.code(), "").await;
        assert_eq!(queue(&fang, "claimedBy: \"fang\"").await, [one.code()]);
    });
}

#[test]
fn the_queue_is_read_page_by_page() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        city.apply_many(4).await;
        let fang = city.reviewer("fang").await;
        let all = queue(&fang, "").await;
        let (mut seen, mut after) = (Vec::new(), Value::Null);
        for turn in 0..3 {
            let document = "query($after: String) { reviewQueue(first: 2, after: $after) { \
                edges { cursor } nodes { application { code } } pageInfo { hasNextPage hasPreviousPage endCursor } } }";
            let reply = fang.ask_with(document, json!({ "after": after })).await;
            let page = reply.get("/reviewQueue").clone();
            let nodes = page["nodes"].as_array().expect("a list");
            seen.extend(nodes.iter().map(|it| {
                it["application"]["code"]
                    .as_str()
                    .expect("a code")
                    .to_owned()
            }));
            assert_eq!(page["edges"].as_array().map(Vec::len), Some(nodes.len()));
            assert_eq!(page["pageInfo"]["hasNextPage"], turn < 2);
            assert_eq!(page["pageInfo"]["hasPreviousPage"], turn > 0);
            after = page["pageInfo"]["endCursor"].clone();
        }
        assert_eq!(seen, all);
    });
}

#[test]
fn a_form_is_seen_by_its_claimer_and_every_look_is_in_the_trail() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (citizen, other) = (city.apply(&person(1)).await, city.apply(&person(2)).await);
        let (fang, tao) = (city.reviewer("fang").await, city.reviewer("tao").await);
        fang.at_desk("claimApplication", citizen.code(), "").await;

        let form = fang.at_desk("viewForm", citizen.code(), FORM).await["form"].clone();

        assert_eq!(form["name"], citizen.person.name);
        assert_eq!(form["idNumber"], citizen.person.id_number);
        assert_eq!(form["phone"], citizen.person.phone);
        assert_eq!(form["address"], citizen.person.address);
        assert_eq!(
            (&form["licenceClasses"], &form["ownsLocalCar"]),
            (&json!(["C1"]), &json!(false))
        );
        for (actor, code) in [(&tao, citizen.code()), (&fang, other.code())] {
            let hidden = actor.at_desk("viewForm", code, FORM).await;
            assert_eq!(hidden, json!({ "__typename": "FormNotClaimed" }));
        }
        let looks = |code| city.trail_of(code, "application.form_viewed");
        assert_eq!(looks(citizen.code()).await, ["reviewer:fang"]);
        assert_eq!(looks(other.code()).await, [""; 0]);
        city.at("2026-06-01T01:30:00Z");
        let over = fang.at_desk("viewForm", citizen.code(), FORM).await;
        assert_eq!(over, json!({ "__typename": "FormNotClaimed" }));
    });
}

#[test]
fn colleagues_read_each_others_notes_and_applicants_do_not() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let citizen = city.apply(&person(1)).await;
        let fang = city.reviewer("fang").await;
        let input = |note: &str| json!({ "code": citizen.code(), "decision": "REFUSED", "reasons": ["OWNS_LOCAL_CAR"], "note": note });
        let refused = fang
            .call(
                "reviewApplication",
                input(&"注".repeat(2_001)),
                "__typename",
            )
            .await;
        assert_eq!(
            refused.refusal(),
            "INVALID_INPUT: note: expected 1 to 2000 characters, found 2001"
        );
        assert!(city.reviews(&citizen).await.is_empty());
        fang.call(
            "reviewApplication",
            input("登记系统显示浙A12345"),
            "__typename",
        )
        .await
        .accepted();
        city.review_all().await;
        citizen.ask_for_second_look("The car was sold in May").await;

        let tao = city.reviewer("tao").await;
        tao.at_desk("claimApplication", citizen.code(), "").await;
        let fields = "... on FormViewed { form { statement reviews { reviewer note review { decision } } } }";
        let seen = tao.at_desk("viewForm", citizen.code(), fields).await;

        let review = json!({ "reviewer": "fang", "note": "登记系统显示浙A12345", "review": { "decision": "REFUSED" } });
        let form = json!({ "statement": "The car was sold in May", "reviews": [review] });
        assert_eq!(seen["form"], form);
        let stored = format!("{:?}", city.reviews(&citizen).await);
        assert!(!stored.contains("12345"), "sealed");
    });
}
