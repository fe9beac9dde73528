//! Whom an account lets in: another phone, people from the old system, and officers who have seen a
//! document.

use fairplate::{
    domain::{actor::Operator, code::ApplicationCode},
    service::accounts,
};
use fairplate_tests::{
    AccountActor, Anonymous, Asks as _, Reply, TestCity, on_both_databases, people::person,
    stages::places,
};
use serde_json::{Value, json};

/// Asks to change the phone and reads both codes.
pub(crate) async fn phone_change(city: &TestCity, account: &AccountActor<'_>, new: &str) -> Value {
    let shown = "... on PhoneChangeRequested { leave { request } take { request } }";
    let asked = account
        .call("requestPhoneChange", json!({ "phone": new }), shown)
        .await;
    let asked = asked.get("/payload").clone();
    city.deliver().await;
    let read = |side: &str, phone: &str| json!({ "request": asked[side]["request"], "code": city.code_of(phone) });
    json!({ "leave": read("leave", &account.person.phone), "take": read("take", new) })
}

#[test]
fn the_phone_changes_when_both_phones_say_so_and_the_file_follows() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (citizen, bystander) = (city.apply(&person(1)).await, city.apply(&person(2)).await);
        let account = city.signed_in(&person(1)).await;
        let new = person(3).phone;
        let codes = phone_change(city, &account, &new).await;
        let mut swapped = codes.clone();
        swapped["leave"] = codes["take"].clone();

        let refused = account.call("changePhone", swapped, "__typename").await;
        assert_eq!(refused.get("/payload/__typename"), "CodeRefused");
        let shown = "__typename ... on PhoneChanged { endedSessions }";
        let changed = account.call("changePhone", codes, shown).await;

        assert_eq!(
            changed.get("/payload"),
            &json!({ "__typename": "PhoneChanged", "endedSessions": "1" })
        );
        assert_eq!(
            citizen.ask("{ me { role } }").await.status,
            401,
            "another session of theirs"
        );
        let form = account
            .ask("{ me { applications { nodes { form { phone } } } } }")
            .await;
        assert_eq!(form.get("/me/applications/nodes/0/form/phone"), &json!(new));
        assert_eq!(
            bystander.own("form { phone }").await["form"]["phone"],
            json!(bystander.person.phone)
        );
        city.deliver().await;
        let told = city.inbox_of(&account.person.phone).join("\n");
        assert!(told.contains("手机"), "the old phone hears of it: {told}");
    });
}

/// The two codes of each flag for a phone.
async fn flagged(city: &TestCity) -> Vec<[String; 2]> {
    let document =
        "{ duplicateFlags(first: 20) { nodes { kind earlier { code } later { code } } } }";
    let reply = city.reviewer("fang").await.ask(document).await;
    let nodes = reply
        .get("/duplicateFlags/nodes")
        .as_array()
        .expect("a list");
    let code = |node: &Value, side: &str| node[side]["code"].as_str().expect("a code").to_owned();
    nodes
        .iter()
        .map(|node| {
            assert_eq!(node["kind"], "PHONE");
            [code(node, "earlier"), code(node, "later")]
        })
        .collect()
}

#[test]
fn whoever_changes_to_a_phone_that_somebody_else_gave_is_flagged() {
    on_both_databases(async |city| {
        city.import(&[person(3).line(&old_code(3), "201405")], false)
            .await;
        city.opened(places(2, 1)).await;
        let citizen = city.apply(&person(1)).await;
        let bystander = city.apply(&person(2)).await;
        let account = city.signed_in(&person(1)).await;
        assert!(flagged(city).await.is_empty());

        let codes = phone_change(city, &account, &person(3).phone).await;
        let changed = account.call("changePhone", codes, "__typename").await;

        assert_eq!(changed.get("/payload/__typename"), "PhoneChanged");
        let pair = [old_code(3), citizen.code().to_owned()];
        assert_eq!(flagged(city).await, [pair]);
        let trail = city.trail_of(citizen.code(), "duplicates.raise").await;
        assert_eq!(trail.len(), 1);
        assert!(trail[0].starts_with("account:"), "{trail:?}");
        assert_eq!(city.application(&bystander).await, bystander.application);
    });
}

#[test]
fn people_of_an_import_who_give_one_phone_are_flagged_with_each_other_and_with_who_is_there() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let there = city.apply(&person(1)).await;
        let sharing = |number, phone: &str, code| {
            let mut other = person(number);
            phone.clone_into(&mut other.phone);
            other.line(&old_code(code), "")
        };
        let lines = [
            sharing(2, &there.person.phone, 2),
            sharing(3, &person(4).phone, 3),
            sharing(4, &person(4).phone, 4),
            person(5).line(&old_code(5), ""),
        ];

        let report = city.import(&lines, false).await;
        let again = city
            .import(&[person(6).line(&old_code(6), "")], false)
            .await;

        assert_eq!((report.flags, again.flags), (2, 0));
        let mut flags = flagged(city).await;
        flags.sort();
        let mut expected = [
            [old_code(2), there.code().to_owned()],
            [old_code(3), old_code(4)],
        ];
        expected.sort();
        assert_eq!(flags, expected);
        let trail = city.trail_of(there.code(), "duplicates.raise").await;
        assert_eq!(trail, ["operator"]);
    });
}

#[test]
fn a_phone_that_has_an_account_takes_over_no_other() {
    on_both_databases(async |city| {
        let account = city.signed_in(&person(1)).await;
        let other = city.signed_in(&person(2)).await;
        let codes = phone_change(city, &account, &other.person.phone).await;

        let refused = account.call("changePhone", codes, "__typename").await;

        assert_eq!(refused.get("/payload/__typename"), "PhoneTaken");
        let masked = "{ me { account { maskedPhone } sessions { id } } }";
        let (one, two) = (account.ask(masked).await, other.ask(masked).await);
        let phone = |reply: &Reply| reply.get("/me/account/maskedPhone").clone();
        assert_ne!(phone(&one), phone(&two));
        assert_eq!(one.get("/me/sessions").as_array().map(Vec::len), Some(1));
    });
}

#[test]
fn forgotten_application_codes_are_told_to_the_phone_on_file_alone() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let citizen = city.apply(&person(1)).await;
        for (phone, codes) in [
            (person(1).phone, json!([citizen.code()])),
            (person(5).phone, json!([])),
        ] {
            let code = city.code_for(&phone, "RECOVER_CODES").await;
            let shown = "... on ApplicationCodes { codes }";
            let told = Anonymous(city)
                .call("recoverApplicationCodes", json!({ "code": code }), shown)
                .await;
            assert_eq!(told.get("/payload/codes"), &codes);
        }
    });
}

fn old_code(number: u64) -> String {
    ApplicationCode::from_number(600_000_000_000 + number).to_string()
}

#[test]
fn somebody_from_the_old_system_is_recognised_by_the_phone_on_file() {
    on_both_databases(async |city| {
        let lines = [
            person(1).line(&old_code(1), "201405"),
            person(2).line(&old_code(2), ""),
        ];
        city.import(&lines, false).await;

        let registered = city.register(&person(1)).await;

        let shown = city
            .me(
                &registered,
                "account { hasApplicant } applications { nodes { code } }",
            )
            .await;
        let expected = json!({ "account": { "hasApplicant": true }, "applications": { "nodes": [{ "code": old_code(1) }] } });
        assert_eq!(shown.get("/me"), &expected);
    });
}

#[test]
fn persons_who_share_a_phone_are_not_guessed_at_and_an_officer_assigns_them() {
    on_both_databases(async |city| {
        let mut spouse = person(2);
        spouse.phone = person(1).phone;
        let lines = [
            person(1).line(&old_code(1), ""),
            spouse.line(&old_code(2), ""),
        ];
        city.import(&lines, false).await;
        let registered = city.register(&person(1)).await;
        let applications = async || {
            city.me(&registered, "applications { nodes { code } }")
                .await
                .get("/me/applications/nodes")
                .clone()
        };
        assert_eq!(applications().await, json!([]));
        let officer = city.officer().await;
        let assign = async |phone: &str| {
            let input = json!({ "code": old_code(2), "phone": phone });
            officer
                .call("assignApplicant", input, "__typename")
                .await
                .get("/payload/__typename")
                .clone()
        };

        assert_eq!(assign(&person(7).phone).await, "NoAccount");
        assert_eq!(assign(&spouse.phone).await, "ApplicantAssigned");

        assert_eq!(applications().await, json!([{ "code": old_code(2) }]));
        let input = json!({ "code": old_code(1), "phone": spouse.phone });
        let occupied = officer.call("assignApplicant", input, "__typename").await;
        assert_eq!(occupied.get("/payload/__typename"), "AccountOccupied");
        assert_eq!(applications().await, json!([{ "code": old_code(2) }]));
    });
}

#[test]
fn an_officer_moves_a_person_to_another_phone_and_the_former_account_is_left_without() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let citizen = city.apply(&person(1)).await;
        let next = accounts::open_for_phone(&city.app, &Operator, &person(8).phone)
            .await
            .expect("an account");
        let input = json!({ "code": citizen.code(), "phone": person(8).phone });

        city.officer()
            .await
            .call("assignApplicant", input, "__typename")
            .await
            .accepted();

        assert_eq!(citizen.ask("{ me { role } }").await.status, 401);
        let former = city
            .signed_in(&person(1))
            .await
            .ask("{ me { applications { nodes { code } } } }")
            .await;
        assert_eq!(former.get("/me/applications/nodes"), &json!([]));
        let document = "{ me { applications { nodes { code form { phone } } } } }";
        let now = city
            .server()
            .await
            .post(Some(&next.token), document, json!({}))
            .await;
        let expected = json!([{ "code": citizen.code(), "form": { "phone": person(8).phone } }]);
        assert_eq!(now.get("/me/applications/nodes"), &expected);
    });
}
