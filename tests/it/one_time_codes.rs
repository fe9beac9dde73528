//! One-time codes: for one purpose, for a short time, once, and not too many of them.

use fairplate::store;
use fairplate_tests::{
    Anonymous, Asks as _, TestCity, on_both_databases,
    people::person,
    stages::{later, places},
};
use serde_json::{Value, json};

const START: &str = "2026-06-01T01:00:00Z";

/// Asks for a code, and gives the answer.
async fn ask(city: &TestCity, phone: &str, purpose: &str) -> Value {
    let input = json!({ "phone": phone, "purpose": purpose });
    let shown =
        "__typename ... on CodeSent { request expiresAt nextAt } ... on CodeDelayed { nextAt }";
    let asked = Anonymous(city).call("requestCode", input, shown).await;
    asked.get("/payload").clone()
}

/// The code that a phone has just been sent for a request.
async fn read(city: &TestCity, phone: &str, asked: &Value) -> Value {
    city.deliver().await;
    json!({ "request": asked["request"], "code": city.code_of(phone).expect("a code") })
}

/// Tries a code; gives what became of it.
async fn attempt(city: &TestCity, mutation: &str, code: &Value) -> String {
    let mut input = json!({ "code": code });
    if mutation == "resetPassword" {
        input["password"] = "seven grey herons".into();
    }
    let tried = Anonymous(city).call(mutation, input, "__typename").await;
    tried
        .get("/payload/__typename")
        .as_str()
        .expect("a type")
        .to_owned()
}

/// A code with its last digit changed.
fn mistyped(code: &Value) -> Value {
    let digits = code["code"].as_str().expect("a code");
    let last = (digits.as_bytes()[6] - b'0' + 1) % 10;
    json!({ "request": code["request"], "code": format!("{}{last}", &digits[..6]) })
}

#[test]
fn a_code_opens_what_it_was_asked_for_and_only_once() {
    on_both_databases(async |city| {
        let phone = person(1).phone;
        let asked = ask(city, &phone, "REGISTER").await;
        let code = read(city, &phone, &asked).await;
        for other in ["signInWithCode", "resetPassword", "recoverApplicationCodes"] {
            assert_eq!(attempt(city, other, &code).await, "CodeRefused", "{other}");
        }
        assert_eq!(attempt(city, "register", &code).await, "SignedIn");
        assert_eq!(attempt(city, "register", &code).await, "CodeRefused");
    });
}

#[test]
fn the_code_of_one_request_is_no_good_for_another() {
    on_both_databases(async |city| {
        let (one, other) = (person(1).phone, person(2).phone);
        let asked = ask(city, &one, "REGISTER").await;
        let mut code = read(city, &one, &asked).await;
        code["request"] = ask(city, &other, "REGISTER").await["request"].clone();

        assert_eq!(attempt(city, "register", &code).await, "CodeRefused");
        code["request"] = asked["request"].clone();
        assert_eq!(attempt(city, "register", &code).await, "SignedIn");
    });
}

#[test]
fn a_code_may_be_mistyped_four_times_and_not_five() {
    on_both_databases(async |city| {
        for (wrong, end) in [(4, "SignedIn"), (5, "CodeRefused")] {
            let phone = person(wrong).phone;
            let asked = ask(city, &phone, "REGISTER").await;
            let code = read(city, &phone, &asked).await;
            for _ in 0..wrong {
                let refused = attempt(city, "register", &mistyped(&code)).await;
                assert_eq!(refused, "CodeRefused");
            }
            assert_eq!(
                attempt(city, "register", &code).await,
                end,
                "{wrong} wrong ones"
            );
        }
    });
}

#[test]
fn a_code_is_good_for_five_minutes() {
    on_both_databases(async |city| {
        for (secs, end) in [(299, "SignedIn"), (300, "CodeRefused")] {
            city.at(START);
            let phone = person(1_000 + secs).phone;
            let asked = ask(city, &phone, "REGISTER").await;
            assert_eq!(asked["expiresAt"], later(START, 300));
            let code = read(city, &phone, &asked).await;
            city.at(&later(START, i64::from(secs)));
            assert_eq!(
                attempt(city, "register", &code).await,
                end,
                "after {secs} s"
            );
        }
    });
}

#[test]
fn a_phone_is_sent_a_code_a_minute_and_strangers_ask_for_five_a_day() {
    on_both_databases(async |city| {
        let phone = person(1).phone;
        for turn in 0..5 {
            let now = later(START, turn * 60);
            city.at(&now);
            assert_eq!(ask(city, &phone, "SIGN_IN").await["__typename"], "CodeSent");
            city.at(&later(&now, 59));
            let early = ask(city, &phone, "REGISTER").await;
            let wait = later(&now, if turn < 4 { 60 } else { 15 * 3_600 - 240 });
            assert_eq!(
                early,
                json!({ "__typename": "CodeDelayed", "nextAt": wait })
            );
        }
        assert_eq!(
            ask(city, &person(2).phone, "SIGN_IN").await["__typename"],
            "CodeSent"
        );
        city.deliver().await;
        assert_eq!(
            city.inbox_of(&phone).len(),
            5,
            "what was delayed was not sent"
        );
        city.at("2026-06-01T16:00:00Z");
        assert_eq!(
            ask(city, &phone, "SIGN_IN").await["__typename"],
            "CodeSent",
            "midnight"
        );
    });
}

#[test]
fn the_owner_still_gets_a_code_when_strangers_have_asked_for_five() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let account = city.signed_in(&person(1)).await;
        for turn in 0..6 {
            city.at(&later(START, turn * 60));
            ask(city, &account.person.phone, "RESET_PASSWORD").await;
        }
        city.at(&later(START, 600));

        let applied = account.apply(account.person.input()).await;

        assert_eq!(applied["__typename"], "ApplicationSubmitted", "{applied}");
    });
}

#[test]
fn a_known_and_an_unknown_phone_are_answered_alike() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let known = city.apply(&person(1)).await.person.phone;
        let unknown = person(2).phone;
        for purpose in ["REGISTER", "SIGN_IN", "RESET_PASSWORD", "RECOVER_CODES"] {
            city.clock.advance(60);
            let mut answers = [
                ask(city, &known, purpose).await,
                ask(city, &unknown, purpose).await,
            ];
            for answer in &mut answers {
                answer["request"] = json!(null);
            }
            assert_eq!(answers[0], answers[1], "{purpose}");
        }
        city.clock.advance(60);
        for (phone, end) in [(&known, "SignedIn"), (&unknown, "NoAccount")] {
            let asked = ask(city, phone, "SIGN_IN").await;
            let code = read(city, phone, &asked).await;
            assert_eq!(attempt(city, "signInWithCode", &code).await, end);
        }
    });
}

#[test]
fn two_requests_at_once_are_one_code_and_one_wait() {
    on_both_databases(async |city| {
        let phone = person(1).phone;
        let (one, other) = tokio::join!(ask(city, &phone, "SIGN_IN"), ask(city, &phone, "SIGN_IN"));

        let mut kinds = [&one["__typename"], &other["__typename"]].map(ToString::to_string);
        kinds.sort();
        assert_eq!(kinds, ["\"CodeDelayed\"", "\"CodeSent\""]);
        city.deliver().await;
        assert_eq!(city.inbox_of(&phone).len(), 1);
    });
}

#[test]
fn what_is_over_is_removed_and_what_is_not_stays() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let account = city.signed_in(&person(1)).await;
        account
            .fill_in(account.person.input())
            .await
            .expect("a draft");
        ask(city, &person(2).phone, "SIGN_IN").await;
        let left = async || {
            let (db, id) = (&city.app.db, city.app.city);
            let index = city
                .app
                .data_key
                .blind_index(fairplate::app::PHONE, &person(2).phone);
            let day = fairplate_tests::city::moment(START).date_naive();
            let codes =
                store::one_time_codes::list_recent(db, id, &index, day, city.app.clock.now());
            let drafts = account.ask("{ me { drafts { step } } }").await;
            (codes.await.expect("codes").len(), drafts.status)
        };
        city.deliver().await;
        assert_eq!(left().await, (1, 200));
        city.at("2026-06-01T16:00:00Z");
        city.deliver().await;
        assert_eq!(left().await, (0, 200));
        let mine = account.ask("{ me { drafts { step } } }").await;
        assert_eq!(mine.get("/me/drafts"), &json!([{ "step": "FORM" }]));
        city.at("2026-07-02T01:00:00Z");
        city.deliver().await;
        assert_eq!(left().await, (0, 401));
    });
}
