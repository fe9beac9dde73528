//! Applying, step by step.

use fairplate::{domain::code::ApplicationCode, store};
use fairplate_tests::{
    AccountActor, Asks as _, TestCity, on_both_databases, people::person, stages::places,
};
use serde_json::{Value, json};

/// How many persons and drafts there are, as their owner sees them.
async fn people(city: &TestCity) -> u64 {
    store::applicants::count(&city.app.db, city.app.city)
        .await
        .expect("a count")
}

async fn save(account: &AccountActor<'_>, draft: &Value, form: Value) -> Value {
    let shown = "draft { step missingFields form { name postcode licenceClasses } }";
    let input = json!({ "draft": draft, "form": form });
    account
        .call("saveApplicationForm", input, shown)
        .await
        .get("/payload/draft")
        .clone()
}

async fn confirm(account: &AccountActor<'_>, confirmation: &Value) -> String {
    let confirmed = account
        .call("confirmApplication", confirmation.clone(), "__typename")
        .await;
    confirmed
        .get("/payload/__typename")
        .as_str()
        .expect("a type")
        .to_owned()
}

#[test]
fn a_draft_is_gone_on_with_from_another_device() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (phone, laptop) = (
            city.signed_in(&person(1)).await,
            city.signed_in(&person(1)).await,
        );
        let stranger = city.signed_in(&person(2)).await;
        let draft = phone
            .fill_in(json!({ "name": " 沈知远 ", "postcode": "310000" }))
            .await;
        let draft = draft.expect("a draft");

        let found = laptop
            .ask("{ me { drafts { id step form { name } } } }")
            .await;
        assert_eq!(
            found.get("/me/drafts"),
            &json!([{ "id": draft, "step": "FORM", "form": { "name": "沈知远" } }])
        );
        let given = json!({ "licenceClasses": ["D", "C1", "D"], "postcode": null });
        let saved = save(&laptop, &draft, given).await;

        let form = json!({ "name": "沈知远", "postcode": null, "licenceClasses": ["C1", "D"] });
        assert_eq!(saved["form"], form);
        let input = json!({ "draft": draft, "form": {} });
        let theirs = stranger
            .call("saveApplicationForm", input, "draft { id }")
            .await;
        assert_eq!(theirs.codes(), ["NOT_FOUND"]);
        assert_eq!(
            stranger
                .ask("{ me { drafts { id } } }")
                .await
                .get("/me/drafts"),
            &json!([])
        );
    });
}

#[test]
fn instructions_are_read_before_the_form_and_again_for_another_identity_type() {
    on_both_databases(async |city| {
        let account = city.signed_in(&person(1)).await;
        let start = async |identity_type: &str| {
            let input = json!({ "category": "individual", "identityType": identity_type });
            let shown = "... on ApplicationStarted { draft { id step form { name } } }";
            account
                .call("startApplication", input, shown)
                .await
                .get("/payload/draft")
                .clone()
        };
        let draft = start("local-household").await;
        let early = json!({ "draft": draft["id"], "form": { "name": "沈" } });
        let refused = account
            .call("saveApplicationForm", early, "draft { id }")
            .await;
        assert_eq!(refused.codes(), ["WRONG_PHASE"]);
        let read = json!({ "draft": draft["id"], "sha256": "00".repeat(32) });
        let other = account
            .call("acknowledgeInstructions", read, "__typename")
            .await;
        assert_eq!(other.get("/payload/__typename"), "InstructionsChanged");
        account
            .fill_in(json!({ "name": "沈" }))
            .await
            .expect("a draft");

        let again = start("residence-permit").await;

        let expected =
            json!({ "id": draft["id"], "step": "INSTRUCTIONS", "form": { "name": "沈" } });
        assert_eq!(again, expected);
    });
}

#[test]
fn a_code_confirms_the_form_as_it_was_and_no_other() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let account = city.signed_in(&person(1)).await;
        let before = people(city).await;
        let confirmation = account
            .prepare(account.person.input())
            .await
            .expect("a code");
        let draft = &confirmation["draft"];

        let saved = save(&account, draft, json!({ "name": "别人" })).await;
        assert_eq!(saved["step"], "FORM");
        assert_eq!(confirm(&account, &confirmation).await, "CodeRefused");
        save(&account, draft, json!({ "name": account.person.name })).await;
        assert_eq!(
            confirm(&account, &confirmation).await,
            "CodeRefused",
            "not even the same again"
        );

        assert_eq!(people(city).await, before);
        city.clock.advance(60);
        let answer = account.apply(json!({})).await;
        assert_eq!(answer["__typename"], "ApplicationSubmitted", "{answer}");
    });
}

#[test]
fn confirming_twice_gives_the_first_application_again() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let account = city.signed_in(&person(1)).await;
        let confirmation = account
            .prepare(account.person.input())
            .await
            .expect("a code");
        let shown = "... on ApplicationSubmitted { application { code } }";
        let first = account
            .call("confirmApplication", confirmation.clone(), shown)
            .await;

        let again = account
            .call("confirmApplication", confirmation, shown)
            .await;

        assert_eq!(again.get("/payload"), first.get("/payload"));
        let started = account.fill_in(json!({})).await;
        assert_eq!(started, Err(json!({ "__typename": "AlreadyApplied" })));
    });
}

#[test]
fn nobody_learns_by_an_identity_number_whether_somebody_is_known() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let victim = city.apply(&person(1)).await;
        let before = (city.application(&victim).await, people(city).await);
        let snoop = city.signed_in(&person(2)).await;

        let answer = snoop.apply(victim.person.input()).await;

        assert_eq!(answer, json!({ "__typename": "CounterNeeded" }));
        assert_eq!(
            (city.application(&victim).await, people(city).await),
            before
        );
        let own = snoop
            .ask("{ me { account { hasApplicant } applications { nodes { code } } } }")
            .await;
        assert_eq!(
            own.get("/me"),
            &json!({ "account": { "hasApplicant": false }, "applications": { "nodes": [] } })
        );
    });
}

#[test]
fn an_account_applies_for_its_own_person_alone() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let citizen = city.apply(&person(1)).await;
        citizen.call_own("cancelApplication", "__typename").await;
        let before = people(city).await;
        let account = city.signed_in(&person(1)).await;

        let answer = account.apply(person(3).input()).await;

        assert_eq!(answer, json!({ "__typename": "CounterNeeded" }));
        assert_eq!(people(city).await, before);
    });
}

#[test]
fn somebody_imported_under_another_phone_is_sent_to_the_counter() {
    on_both_databases(async |city| {
        let code = ApplicationCode::from_number(77).to_string();
        let mut line = person(1);
        line.phone = person(6).phone;
        city.import(&[line.line(&code, "201405")], false).await;
        city.opened(places(2, 1)).await;
        let before = people(city).await;
        let account = city.signed_in(&person(1)).await;

        let answer = account.apply(account.person.input()).await;

        assert_eq!(answer, json!({ "__typename": "CounterNeeded" }));
        assert_eq!(people(city).await, before);
    });
}

#[test]
fn a_text_that_no_form_holds_is_refused_and_the_form_stays() {
    on_both_databases(async |city| {
        let account = city.signed_in(&person(1)).await;
        let draft = account
            .fill_in(json!({ "name": "沈知远" }))
            .await
            .expect("a draft");
        for form in [
            json!({ "name": "沈".repeat(65) }),
            json!({ "address": "a\u{7}b" }),
        ] {
            let input = json!({ "draft": draft, "form": form });
            let refused = account
                .call("saveApplicationForm", input, "draft { id }")
                .await;
            assert_eq!(refused.codes(), ["INVALID_INPUT"]);
        }
        assert_eq!(
            save(&account, &draft, json!({})).await["form"]["name"],
            "沈知远"
        );
        let input = json!({ "draft": draft });
        account
            .call("discardDraft", input, "draft")
            .await
            .accepted();
        assert_eq!(
            account
                .ask("{ me { drafts { id } } }")
                .await
                .get("/me/drafts"),
            &json!([])
        );
    });
}

#[test]
fn the_form_is_opened_for_its_owner_and_masked_for_officers() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let citizen = city.apply(&person(1)).await;
        let document = format!(
            "{{ application(id: \"{}\") {{ maskedIdNumber form {{ idNumber }} }} }}",
            citizen.node_id()
        );

        let own = citizen.ask(&document).await;
        let officers = city.officer().await.ask(&document).await;

        let number = &citizen.person.id_number;
        let masked = format!("{}{}{}", &number[..3], "*".repeat(13), &number[16..]);
        assert_eq!(
            own.get("/application"),
            &json!({ "maskedIdNumber": masked, "form": { "idNumber": number } })
        );
        assert_eq!(
            officers.get("/application"),
            &json!({ "maskedIdNumber": masked, "form": null })
        );
    });
}
