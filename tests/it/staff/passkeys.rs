//! Passkeys, with an authenticator of software.

use std::sync::Arc;

use entity::session::Role;
use fairplate::{App, config::StaffConfig, domain::actor::Operator, service::staff};
use fairplate_tests::{
    Anonymous, Asks as _, TestCity, authenticator::Authenticator, on_both_databases, server::Server,
};
use serde_json::{Value, json};

use super::{ME, state};

/// Somebody who registered this authenticator with their invitation.
async fn registered(city: &TestCity, name: &str, number: u8) -> Authenticator {
    let invitation = city.invited(name, &[Role::Officer]).await;
    let mut authenticator = Authenticator::new(number);
    let became = city
        .register_passkey(name, &invitation, &mut authenticator)
        .await;
    assert_eq!(became, "PasskeyRegistered");
    authenticator
}

fn kind(payload: &Value) -> &str {
    payload["__typename"].as_str().expect("a type")
}

#[test]
fn a_passkey_is_registered_with_an_invitation_and_lets_its_owner_in() {
    on_both_databases(async |city| {
        let invitation = city.invited("li", &[Role::Officer]).await;
        let mut authenticator = Authenticator::new(1);
        let wrong = city
            .register_passkey("li", "none", &mut authenticator)
            .await;
        assert_eq!(wrong, "StaffInvitationRefused");
        let became = city
            .register_passkey("li", &invitation, &mut authenticator)
            .await;
        assert_eq!(became, "PasskeyRegistered");
        let again = city
            .register_passkey("li", &invitation, &mut Authenticator::new(2))
            .await;
        assert_eq!(again, "StaffInvitationRefused", "it is used up");
        let other = city.invited("wu", &[Role::Auditor]).await;
        let taken = city
            .register_passkey("wu", &other, &mut authenticator)
            .await;
        assert_eq!(taken, "PasskeyRefused", "it is somebody else's");

        let entered = city.sign_in_with_passkey("LI", &mut authenticator).await;

        let inside = city.through(&entered["token"]);
        let me = json!({ "role": "OFFICER", "name": "li" });
        assert_eq!(inside.ask(ME).await.get("/me"), &me);
        let by = city.trail_of("li", "staff.register_passkey").await;
        assert_eq!(by, ["staff:li"]);
        let listed = staff::list(&city.app, &Operator).await.expect("a list");
        assert_eq!(
            (listed[0].ways.passkeys, listed[0].ways.password),
            (1, false)
        );
        staff::block(&city.app, &Operator, "li")
            .await
            .expect("blocked");
        let out = city.sign_in_with_passkey("li", &mut authenticator).await;
        assert_eq!(kind(&out), "StaffSignInRefused");
    });
}

#[test]
fn whoever_is_signed_in_registers_another_one() {
    on_both_databases(async |city| {
        let mut first = registered(city, "li", 1).await;
        let entered = city.sign_in_with_passkey("li", &mut first).await;
        let inside = city.through(&entered["token"]);
        let fields = "__typename ... on PasskeyRegistrationStarted { request options }";
        let asked = inside
            .call_alone("startPasskeyRegistration", json!({}), fields)
            .await;
        let asked = asked.get("/payload").clone();
        let mut second = Authenticator::new(2);
        let credential = second.register(asked["options"].as_str().expect("options"));
        let input = json!({ "request": asked["request"], "credential": credential });
        let before = state(city).await;
        let anybody = Anonymous(city);
        let not_theirs = anybody
            .call("finishPasskeyRegistration", input.clone(), "__typename")
            .await;
        assert_eq!(not_theirs.codes(), ["UNAUTHENTICATED"]);
        assert_eq!(state(city).await, before);

        let became = inside
            .call_alone("finishPasskeyRegistration", input.clone(), "__typename")
            .await;
        assert_eq!(became.get("/payload/__typename"), "PasskeyRegistered");
        let again = inside
            .call_alone("finishPasskeyRegistration", input, "__typename")
            .await;
        assert_eq!(again.get("/payload/__typename"), "PasskeyRefused");
        for authenticator in [&mut first, &mut second] {
            let entered = city.sign_in_with_passkey("li", authenticator).await;
            assert_eq!(kind(&entered), "StaffSignedIn");
        }
        let printed = city.officer_named("zhou").await;
        let door = printed
            .call_alone("startPasskeyRegistration", json!({}), fields)
            .await;
        assert_eq!(
            door.codes(),
            ["FORBIDDEN"],
            "the operator's door has no account"
        );
    });
}

#[test]
fn an_answer_is_taken_once_and_for_its_own_challenge() {
    on_both_databases(async |city| {
        let mut authenticator = registered(city, "li", 1).await;
        let (one, other) = (city.ask_passkey("li").await, city.ask_passkey("li").await);
        let answer = authenticator.answer(one["options"].as_str().expect("options"));
        let before = state(city).await;
        let wrong = city.answer_passkey(&other, &answer, Value::Null).await;
        assert_eq!(kind(&wrong), "StaffSignInRefused", "another challenge");
        assert_eq!(state(city).await, before);
        let right = city.answer_passkey(&one, &answer, Value::Null).await;
        assert_eq!(kind(&right), "StaffSignedIn");
        let replayed = city.answer_passkey(&one, &answer, Value::Null).await;
        assert_eq!(kind(&replayed), "StaffSignInRefused", "it was used");
        let late = city.ask_passkey("li").await;
        let answer = authenticator.answer(late["options"].as_str().expect("options"));
        city.clock.advance(300);
        let late = city.answer_passkey(&late, &answer, Value::Null).await;
        assert_eq!(kind(&late), "StaffSignInRefused", "it is over");
        let asked = city.ask_passkey("li").await;
        let none = city.answer_passkey(&asked, "none", Value::Null).await;
        assert_eq!(kind(&none), "StaffSignInRefused", "no answer at all");
    });
}

#[test]
fn another_place_nobody_verified_and_another_key_are_refused() {
    on_both_databases(async |city| {
        let right = registered(city, "li", 1).await;
        let bystander = registered(city, "wu", 2).await;
        let mut elsewhere = right.clone();
        elsewhere.origin = "https://draws.linan.example.evil.example".to_owned();
        let mut unverified = right.clone();
        unverified.verifies = false;
        for (mut wrong, why) in [
            (elsewhere, "another place"),
            (unverified, "nobody verified"),
            (bystander, "another's passkey"),
            (Authenticator::new(3), "an unknown passkey"),
        ] {
            let before = state(city).await;
            let refused = city.sign_in_with_passkey("li", &mut wrong).await;
            assert_eq!(kind(&refused), "StaffSignInRefused", "{why}");
            assert_eq!(state(city).await, before, "{why}");
        }
        let invitation = city.invited("sun", &[Role::Officer]).await;
        let mut elsewhere = Authenticator::new(4);
        elsewhere.origin = "https://linan.example".to_owned();
        let mut unverified = Authenticator::new(5);
        unverified.verifies = false;
        for wrong in [&mut elsewhere, &mut unverified] {
            let became = city.register_passkey("sun", &invitation, wrong).await;
            assert_eq!(became, "PasskeyRefused");
        }
        let became = city
            .register_passkey("sun", &invitation, &mut Authenticator::new(6))
            .await;
        assert_eq!(
            became, "PasskeyRegistered",
            "the invitation was not used up"
        );
    });
}

#[test]
fn a_counter_that_goes_back_is_a_copy_and_refused() {
    on_both_databases(async |city| {
        let mut authenticator = registered(city, "li", 1).await;
        let mut copy = authenticator.clone();
        for _ in 0..2 {
            let entered = city.sign_in_with_passkey("li", &mut authenticator).await;
            assert_eq!(kind(&entered), "StaffSignedIn");
        }
        let before = state(city).await;
        let refused = city.sign_in_with_passkey("li", &mut copy).await;
        assert_eq!(kind(&refused), "StaffSignInRefused");
        // Two challenges that were asked for before either was answered.
        let (one, other) = (city.ask_passkey("li").await, city.ask_passkey("li").await);
        copy.counter = authenticator.counter;
        let second = copy.answer(other["options"].as_str().expect("options"));
        assert_eq!(state(city).await, before);
        let first = authenticator.answer(one["options"].as_str().expect("options"));
        let first = city.answer_passkey(&one, &first, Value::Null).await;
        assert_eq!(kind(&first), "StaffSignedIn");
        let second = city.answer_passkey(&other, &second, Value::Null).await;
        assert_eq!(kind(&second), "StaffSignInRefused");
    });
}

#[test]
fn a_name_that_nobody_has_is_asked_for_passkeys_that_are_the_same_each_time() {
    on_both_databases(async |city| {
        registered(city, "li", 1).await;
        city.member("wu", &[Role::Auditor]).await;
        let options = async |name: &str| {
            let asked = city.ask_passkey(name).await;
            assert_eq!(kind(&asked), "PasskeySignInStarted");
            let options = asked["options"].as_str().expect("options");
            serde_json::from_str::<Value>(options).expect("JSON")["publicKey"].clone()
        };
        let known = options("li").await;
        assert_eq!(known["userVerification"], "required");
        let keys = |value: &Value| {
            let fields = value.as_object().expect("fields").keys().cloned();
            fields.collect::<Vec<_>>()
        };
        for name in ["nobody", "wu"] {
            let (one, other) = (options(name).await, options(name).await);
            assert_eq!(keys(&one), keys(&known), "{name}");
            assert_eq!(one["allowCredentials"], other["allowCredentials"], "{name}");
            assert_ne!(one["challenge"], other["challenge"], "{name}");
        }
        let asked = city.ask_passkey("nobody").await;
        let answer = Authenticator::new(1).answer(asked["options"].as_str().expect("options"));
        let refused = city.answer_passkey(&asked, &answer, Value::Null).await;
        assert_eq!(refused, json!({ "__typename": "StaffSignInRefused" }));
    });
}

#[test]
fn passkeys_go_on_working_while_passwords_wait() {
    on_both_databases(async |city| {
        let mut authenticator = registered(city, "li", 1).await;
        for _ in 0..6 {
            super::try_as(city, "li", ("seven grey cranes", "000000"), Value::Null).await;
        }
        let waits = super::try_as(city, "li", ("seven grey cranes", "000000"), Value::Null).await;
        assert_eq!(kind(&waits), "StaffSignInDelayed");
        let entered = city.sign_in_with_passkey("li", &mut authenticator).await;
        assert_eq!(kind(&entered), "StaffSignedIn");
    });
}

#[test]
fn a_city_without_a_place_for_them_has_no_passkeys_and_says_so() {
    on_both_databases(async |city| {
        let without = App {
            staff: Arc::new(StaffConfig::default()),
            ..city.app.clone()
        };
        let server = Server::start(&without).await;
        let document = "mutation { startPasskeySignIn(input: { name: \"li\" }) { __typename \
            ... on Refusal { explanation(locale: EN) } } }";
        let asked = server.post(None, document, json!({})).await;
        let text =
            "Passkeys are not set up here. Sign in with a password and an authenticator code.";
        let expected = json!({ "__typename": "PasskeysUnavailable", "explanation": text });
        assert_eq!(asked.get("/startPasskeySignIn"), &expected);
    });
}
