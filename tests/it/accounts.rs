//! Accounts: passwords, devices and sessions.

use fairplate_tests::{
    Anonymous, Asks as _, entrance::PASSWORD, on_both_databases, people::person, stages::later,
};
use serde_json::json;

const START: &str = "2026-06-01T01:00:00Z";
const OTHER: &str = "eight white cranes";
const SIGNED_IN: &str = "__typename ... on SignedIn { token }";

#[test]
fn an_account_is_registered_once_and_signed_in_to_with_its_password() {
    on_both_databases(async |city| {
        let (one, other) = (person(1), person(2));
        city.register(&other).await;
        assert_eq!(city.register(&one).await["__typename"], "SignedIn");
        city.clock.advance(60);

        let again = city.register(&one).await;
        let entered = city.sign_in(&one.phone, PASSWORD, json!(null)).await;

        assert_eq!(again, json!({ "__typename": "AccountExists" }));
        let shown =
            "role account { maskedPhone hasPassword hasApplicant } applications { nodes { code } }";
        let masked = format!("{}****{}", &one.phone[..3], &one.phone[7..]);
        let account = json!({ "maskedPhone": masked, "hasPassword": true, "hasApplicant": false });
        let expected =
            json!({ "role": "APPLICANT", "account": account, "applications": { "nodes": [] } });
        assert_eq!(city.me(&entered, shown).await.get("/me"), &expected);
    });
}

#[test]
fn a_wrong_password_and_an_unknown_phone_are_refused_alike_and_then_delayed_alike() {
    on_both_databases(async |city| {
        let (known, unknown) = (person(1).phone, person(2).phone);
        city.register(&person(1)).await;
        for phone in [&known, &unknown] {
            for _ in 0..5 {
                let refused = city.sign_in(phone, OTHER, json!(null)).await;
                assert_eq!(refused, json!({ "__typename": "SignInRefused" }), "{phone}");
            }
            let delayed = city.sign_in(phone, PASSWORD, json!(null)).await;
            assert_eq!(delayed, json!({ "__typename": "SignInDelayed" }), "{phone}");
        }
        city.at(&later(START, 899));
        assert_eq!(
            city.sign_in(&known, PASSWORD, json!(null)).await["__typename"],
            "SignInDelayed"
        );
        city.at(&later(START, 900));
        assert_eq!(
            city.sign_in(&known, PASSWORD, json!(null)).await["__typename"],
            "SignedIn"
        );
    });
}

#[test]
fn a_password_that_is_easily_guessed_is_refused_and_opens_nothing() {
    on_both_databases(async |city| {
        let phone = person(1).phone;
        let code = city.code_for(&phone, "REGISTER").await;
        for (password, sentence) in [
            (
                "heron",
                "INVALID_INPUT: password: expected at least 10 characters; a sentence is easy to remember",
            ),
            (
                "0123456789",
                "INVALID_INPUT: password: expected a password that cannot be guessed; choose other words",
            ),
            (
                &*format!("a{phone}"),
                "INVALID_INPUT: password: expected a password without the phone number; choose other words",
            ),
        ] {
            let input = json!({ "code": code, "password": password });
            let refused = Anonymous(city).call("register", input, "__typename").await;
            assert_eq!(refused.refusal(), sentence);
        }
        assert_eq!(
            city.sign_in(&phone, "0123456789", json!(null)).await["__typename"],
            "SignInRefused"
        );
        let input = json!({ "code": code, "password": PASSWORD });
        let registered = Anonymous(city).call("register", input, "__typename").await;
        assert_eq!(
            registered.get("/payload/__typename"),
            "SignedIn",
            "the code is not used up"
        );
    });
}

#[test]
fn changing_the_password_ends_the_other_sessions() {
    on_both_databases(async |city| {
        let bystander = city.register(&person(2)).await;
        let phone = person(1).phone;
        let (one, other) = (
            city.register(&person(1)).await,
            city.sign_in(&phone, PASSWORD, json!(null)).await,
        );
        let change = "mutation($current: String!) { changePassword(input: { current: $current, new: \"eight white cranes\" }) { __typename ... on PasswordChanged { endedSessions } } }";
        let server = city.server().await;
        let send = async |current: &str| {
            let reply = server
                .post(one["token"].as_str(), change, json!({ "current": current }))
                .await;
            reply.get("/changePassword").clone()
        };

        assert_eq!(
            send(OTHER).await,
            json!({ "__typename": "PasswordRefused" })
        );
        assert_eq!(city.me(&other, "role").await.status, 200);
        let changed = send(PASSWORD).await;

        assert_eq!(
            changed,
            json!({ "__typename": "PasswordChanged", "endedSessions": "1" })
        );
        let alive = [&one, &bystander, &other].map(|session| city.me(session, "role"));
        let [one, bystander, other] = alive;
        assert_eq!(
            (one.await.status, bystander.await.status, other.await.status),
            (200, 200, 401)
        );
        assert_eq!(
            city.sign_in(&phone, PASSWORD, json!(null)).await["__typename"],
            "SignInRefused"
        );
        assert_eq!(
            city.sign_in(&phone, OTHER, json!(null)).await["__typename"],
            "SignedIn"
        );
        city.deliver().await;
        let told = city.inbox_of(&phone).join("\n");
        assert!(told.contains("密码"), "{told}");
    });
}

#[test]
fn a_forgotten_password_is_chosen_anew_with_a_code() {
    on_both_databases(async |city| {
        let phone = person(1).phone;
        let before = city.register(&person(1)).await;
        city.clock.advance(60);
        let code = city.code_for(&phone, "RESET_PASSWORD").await;
        let input = json!({ "code": code, "password": OTHER });

        let reset = Anonymous(city)
            .call("resetPassword", input, SIGNED_IN)
            .await;

        assert_eq!(city.me(reset.get("/payload"), "role").await.status, 200);
        assert_eq!(city.me(&before, "role").await.status, 401);
        assert_eq!(
            city.sign_in(&phone, PASSWORD, json!(null)).await["__typename"],
            "SignInRefused"
        );
        assert_eq!(
            city.sign_in(&phone, OTHER, json!(null)).await["__typename"],
            "SignedIn"
        );
    });
}

#[test]
fn a_new_device_is_told_of_and_a_known_one_is_not() {
    on_both_databases(async |city| {
        let phone = person(1).phone;
        let registered = city.register(&person(1)).await;
        let known = json!({ "token": registered["deviceToken"] });
        let again = city.sign_in(&phone, PASSWORD, known).await;
        city.deliver().await;
        assert_eq!(city.inbox_of(&phone).len(), 1, "the code alone");

        city.sign_in(&phone, PASSWORD, json!({ "label": "陌生电脑" }))
            .await;
        city.deliver().await;

        let told = city.inbox_of(&phone);
        assert!(
            told.len() == 2 && told.iter().any(|text| text.contains("陌生电脑")),
            "{told:?}"
        );
        let inbox = city.me(&again, "inbox { nodes { purpose } }").await;
        assert_eq!(
            inbox.get("/me/inbox/nodes"),
            &json!([{ "purpose": "sign_in_from_new_device" }])
        );
    });
}

#[test]
fn sessions_are_listed_by_device_and_ended_one_by_one_or_together() {
    on_both_databases(async |city| {
        let phone = person(1).phone;
        let one = city.register(&person(1)).await;
        let stranger = city.register(&person(2)).await;
        city.clock.advance(60);
        let other = city
            .sign_in(&phone, PASSWORD, json!({ "label": "平板" }))
            .await;
        let listed = city.me(&one, "sessions { id device isCurrent }").await;
        let sessions = listed.get("/me/sessions").clone();
        let devices: Vec<_> = sessions
            .as_array()
            .expect("sessions")
            .iter()
            .map(|one| (&one["device"], &one["isCurrent"]))
            .collect();
        assert_eq!(
            devices,
            [
                (&json!("平板"), &json!(false)),
                (&json!("红米手机"), &json!(true))
            ]
        );
        let end = format!(
            "mutation {{ endSession(input: {{ session: {} }}) {{ count }} }}",
            sessions[0]["id"]
        );
        let server = city.server().await;

        let theirs = server
            .post(stranger["token"].as_str(), &end, json!({}))
            .await;
        assert_eq!(theirs.codes(), ["NOT_FOUND"]);
        assert_eq!(city.me(&other, "role").await.status, 200);
        server
            .post(one["token"].as_str(), &end, json!({}))
            .await
            .accepted();
        assert_eq!(city.me(&other, "role").await.status, 401);
        let all = "mutation { signOut(input: { sessions: ALL }) { count } }";
        let ended = server.post(one["token"].as_str(), all, json!({})).await;
        assert_eq!(ended.get("/signOut/count"), "1");
        assert_eq!(city.me(&one, "role").await.status, 401);
        assert_eq!(city.me(&stranger, "role").await.status, 200);
    });
}
