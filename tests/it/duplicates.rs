//! Applications that may be one person's.

use entity::application::Status;
use fairplate::{
    app::PHONE,
    domain::{code::ApplicationCode, identity_number},
    store,
};
use fairplate_tests::{
    Asks as _, Citizen, OfficerActor, TestCity,
    ids::draw_id,
    on_both_databases,
    people::{Person, person},
    stages::{FREEZE_AT, PERIOD, places},
};
use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _, Set};
use serde_json::{Value, json};

const FLAG: &str = "id kind earlier { code } later { code } resolution resolvedBy";

/// Somebody born on the same day as another.
fn born_with(number: u32, other: &Person) -> Person {
    let digits = format!("{}{:03}", &other.id_number[..14], 700 + number);
    Person {
        id_number: identity_number::complete(&digits).expect("seventeen digits"),
        ..person(number)
    }
}

/// Somebody applies and gives this e-mail address.
async fn apply_from<'a>(city: &'a TestCity, person: &Person, email: &str) -> Citizen<'a> {
    let mut form = person.form();
    form.email = Some(email.to_owned());
    city.apply_with(person, &form).await
}

const MAIL: &str = "li.wei@mail.example";

async fn flags(actor: &OfficerActor<'_>, arguments: &str) -> Vec<Value> {
    let document = format!("{{ duplicateFlags(first: 20, {arguments}) {{ nodes {{ {FLAG} }} }} }}");
    let reply = actor.ask(&document).await;
    let nodes = reply.get("/duplicateFlags/nodes").as_array();
    nodes.expect("a list").clone()
}

async fn resolve(
    actor: &OfficerActor<'_>,
    flag: &Value,
    answer: &str,
    refused: Option<&str>,
) -> Value {
    let input = json!({ "flagId": flag["id"], "resolution": answer, "refusedCode": refused, "note": "父女二人" });
    let fields = "__typename ... on DuplicateResolved { flag { resolution resolvedBy } } ... on DuplicateLocked { draw }";
    actor
        .call("resolveDuplicate", input, fields)
        .await
        .get("/payload")
        .clone()
}

/// Two people of one birthday with one address, and a bystander.
async fn sharing_an_address(city: &TestCity) -> [Citizen<'_>; 3] {
    city.opened(places(2, 1)).await;
    let one = apply_from(city, &person(1), MAIL).await;
    city.at("2026-06-01T01:00:01Z");
    let two = apply_from(city, &born_with(2, &person(1)), MAIL).await;
    let bystander = apply_from(city, &person(3), MAIL).await;
    [one, two, bystander]
}

#[test]
fn two_persons_of_one_birthday_with_one_address_are_flagged_and_others_are_not() {
    on_both_databases(async |city| {
        let [one, two, bystander] = sharing_an_address(city).await;
        let fang = city.reviewer("fang").await;
        let found = flags(&fang, "period: \"202606\", resolved: false").await;
        let [flag] = &found[..] else {
            panic!("{found:?}")
        };
        assert_eq!(flag["kind"], "EMAIL_AND_BIRTH_DATE");
        assert_eq!(
            (&flag["earlier"]["code"], &flag["later"]["code"]),
            (&json!(one.code()), &json!(two.code()))
        );
        assert_eq!(flags(&fang, "period: \"202607\"").await, [json!(null); 0]);
        assert_eq!(flags(&fang, "resolved: true").await, [json!(null); 0]);

        let queued = fang.ask("{ reviewQueue(filter: { flag: EMAIL_AND_BIRTH_DATE }) { nodes { application { code } flags { id } } } }").await;
        let expected = [&one, &two].map(
            |it| json!({ "application": { "code": it.code() }, "flags": [{ "id": flag["id"] }] }),
        );
        assert_eq!(queued.get("/reviewQueue/nodes"), &json!(expected));
        assert_eq!(city.application(&bystander).await, bystander.application);
    });
}

#[test]
fn an_address_is_one_however_it_is_spelled() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let one = apply_from(city, &person(1), "Li.Wei@mail.example").await;
        city.at("2026-06-01T01:00:01Z");
        let two = apply_from(city, &born_with(2, &person(1)), "li.wei@MAIL.example").await;
        apply_from(city, &born_with(3, &person(1)), "other@mail.example").await;
        let found = flags(&city.reviewer("fang").await, "").await;
        let [flag] = &found[..] else {
            panic!("{found:?}")
        };
        let sides = (&flag["earlier"]["code"], &flag["later"]["code"]);
        assert_eq!(sides, (&json!(one.code()), &json!(two.code())));
    });
}

#[test]
fn phones_are_compared_as_they_are_on_file() {
    on_both_databases(async |city| {
        let code = ApplicationCode::from_number(123_123).to_string();
        city.import(&[person(1).line(&code, "201405")], false).await;
        city.opened(places(2, 1)).await;
        let later = city.apply(&person(2)).await;
        city.refuse(&later).await;
        city.review_all().await;
        let app = &city.app;
        let row = store::applicants::get(&app.db, app.city, later.applicant().id()).await;
        let mut row = row.expect("a person").into_active_model();
        let phone = app.data_key.blind_index(PHONE, &person(1).phone);
        row.phone_index = Set(phone.to_vec());
        row.update(&app.db)
            .await
            .expect("the phone that both have now");
        later.ask_for_second_look("It is not so").await;
        let found = flags(&city.reviewer("fang").await, "").await;
        let [flag] = &found[..] else {
            panic!("{found:?}")
        };
        assert_eq!(flag["kind"], "PHONE");
        let sides = (&flag["earlier"]["code"], &flag["later"]["code"]);
        assert_eq!(sides, (&json!(code), &json!(later.code())));
    });
}

#[test]
fn two_who_submit_at_the_same_moment_see_each_other() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (one, two) = (person(1), born_with(2, &person(1)));
        tokio::join!(apply_from(city, &one, MAIL), apply_from(city, &two, MAIL));
        assert_eq!(flags(&city.reviewer("fang").await, "").await.len(), 1);
    });
}

#[test]
fn a_pool_is_not_frozen_while_a_flag_on_it_is_open() {
    on_both_databases(async |city| {
        let people = sharing_an_address(city).await;
        city.review_all().await;
        city.at(FREEZE_AT);
        let officer = city.officer().await;
        let period = json!({ "period": PERIOD });
        let refused = officer
            .call("freezePeriod", period.clone(), "draw { id }")
            .await;
        assert_eq!(
            refused.refusal(),
            "INVALID_INPUT: period: 1 duplicate flags on the pools of period 202606 are not resolved; resolve them first"
        );
        assert_eq!(people[0].own("isLocked").await["isLocked"], false);

        let flag = flags(&officer, "").await.remove(0);
        let resolved = resolve(&officer, &flag, "DIFFERENT_PERSONS", None).await;
        assert_eq!(
            resolved["flag"],
            json!({ "resolution": "DIFFERENT_PERSONS", "resolvedBy": "zhou" })
        );
        officer
            .call("freezePeriod", period, "draw { id }")
            .await
            .accepted();
        for citizen in &people {
            assert_eq!(citizen.own("isLocked").await["isLocked"], true);
        }
    });
}

#[test]
fn a_flag_with_one_side_ended_holds_nobody_up() {
    on_both_databases(async |city| {
        let [one, two, _] = sharing_an_address(city).await;
        two.call_own("cancelApplication", "__typename").await;
        city.review_all().await;
        city.at(FREEZE_AT);
        let freeze = json!({ "period": PERIOD });
        city.officer()
            .await
            .call("freezePeriod", freeze, "draw { id }")
            .await
            .accepted();
        assert_eq!(one.own("isLocked").await["isLocked"], true);
    });
}

#[test]
fn of_one_persons_two_applications_one_is_refused_with_the_reason() {
    on_both_databases(async |city| {
        let [one, two, bystander] = sharing_an_address(city).await;
        city.review_all().await;
        let fang = city.reviewer("fang").await;
        let flag = flags(&fang, "").await.remove(0);
        let resolved = resolve(&fang, &flag, "SAME_PERSON", Some(two.code())).await;
        assert_eq!(resolved["flag"]["resolution"], "SAME_PERSON");

        let shown = two
            .own("status secondLookUntil review { kind reasons { code } }")
            .await;
        let review =
            json!({ "kind": "DUPLICATE", "reasons": [{ "code": "DUPLICATE_APPLICATION" }] });
        assert_eq!(
            shown,
            json!({ "status": "REFUSED", "secondLookUntil": "2026-06-28", "review": review })
        );
        let again = resolve(&fang, &flag, "DIFFERENT_PERSONS", None).await;
        assert_eq!(again["__typename"], "DuplicateResolvedBefore");
        for citizen in [&one, &bystander] {
            assert_eq!(city.application(citizen).await.status, Status::Valid);
        }
        let trail = |code| city.trail_of(code, "duplicates.resolve");
        for citizen in [&one, &two] {
            assert_eq!(trail(citizen.code()).await, ["reviewer:fang"]);
        }
    });
}

#[test]
fn an_answer_that_makes_no_sense_changes_nothing() {
    on_both_databases(async |city| {
        let [one, two, bystander] = sharing_an_address(city).await;
        let fang = city.reviewer("fang").await;
        let flag = flags(&fang, "").await.remove(0);
        let input = |answer: &str, refused: Value, note: &str| json!({ "flagId": flag["id"], "resolution": answer, "refusedCode": refused, "note": note });
        for (input, sentence) in [
            (
                input("SAME_PERSON", json!(null), "x"),
                "INVALID_INPUT: refusedCode: of one person's two applications one is refused; say which",
            ),
            (
                input("CONTACT_MISTAKEN", json!(one.code()), "x"),
                "INVALID_INPUT: refusedCode: two persons' applications both stand; leave it out",
            ),
            (
                input("SAME_PERSON", json!(bystander.code()), "x"),
                "INVALID_INPUT: refusedCode: expected the code of a live application on one side of the flag",
            ),
            (
                input("DIFFERENT_PERSONS", json!(null), " "),
                "INVALID_INPUT: note: expected 1 to 2000 characters, found 0",
            ),
        ] {
            let reply = fang.call("resolveDuplicate", input, "__typename").await;
            assert_eq!(reply.refusal(), sentence);
        }
        for citizen in [&one, &two, &bystander] {
            assert_eq!(city.application(citizen).await, citizen.application);
        }
        assert_eq!(flags(&fang, "resolved: false").await, [flag]);
    });
}

#[test]
fn an_application_in_a_frozen_pool_or_on_anothers_desk_is_not_refused_as_a_duplicate() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let frozen = apply_from(city, &person(1), MAIL).await;
        city.review_all().await;
        city.at(FREEZE_AT);
        let freeze = json!({ "period": PERIOD });
        let officer = city.officer().await;
        officer
            .call("freezePeriod", freeze, "draw { id }")
            .await
            .accepted();
        city.at("2026-07-01T01:00:00Z");
        let later = apply_from(city, &born_with(2, &person(1)), MAIL).await;
        let (fang, tao) = (city.reviewer("fang").await, city.reviewer("tao").await);
        let flag = flags(&fang, "").await.remove(0);
        let locked = resolve(&fang, &flag, "SAME_PERSON", Some(frozen.code())).await;
        assert_eq!(
            locked,
            json!({ "__typename": "DuplicateLocked", "draw": draw_id(PERIOD) })
        );
        tao.at_desk("claimApplication", later.code(), "").await;
        let claimed = resolve(&fang, &flag, "SAME_PERSON", Some(later.code())).await;
        assert_eq!(claimed["__typename"], "ApplicationClaimedByAnother");
        assert_eq!(city.application(&later).await, later.application);
        assert_eq!(city.application(&frozen).await.status, Status::Valid);
        assert_eq!(flags(&fang, "resolved: false").await, [flag]);
    });
}

#[test]
fn a_second_look_is_compared_with_those_who_came_meanwhile() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let one = apply_from(city, &person(1), MAIL).await;
        city.refuse(&one).await;
        city.at("2026-06-01T01:00:01Z");
        let meanwhile = apply_from(city, &born_with(2, &person(1)), MAIL).await;
        let fang = city.reviewer("fang").await;
        assert_eq!(
            flags(&fang, "").await,
            [json!(null); 0],
            "a refused one is not live"
        );
        city.review_all().await;
        one.ask_for_second_look("It is not so").await;
        let found = flags(&city.reviewer("fang").await, "").await;
        let [flag] = &found[..] else {
            panic!("{found:?}")
        };
        assert_eq!(
            (&flag["earlier"]["code"], &flag["later"]["code"]),
            (&json!(one.code()), &json!(meanwhile.code()))
        );
    });
}
