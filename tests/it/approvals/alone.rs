//! Every way to a publication that one person could try alone, over the API and at the command line.

use std::process::Output;

use fairplate_tests::{
    Asks as _, TestCity,
    actors::{OfficerActor, PROPOSED, TAKES_TWO},
    check_publication,
    city::on_both_databases_with_a_new_key,
    ids::{Noun, draw_id, id_of},
    on_both_databases,
    operator::{Operator, PASSPHRASE},
    publication::files_under,
    representatives,
    stages::{ANNOUNCE_AT, CLOSE_AT, FREEZE_AT, PERIOD, places},
};
use serde_json::{Value, json};

use super::{State, state};
use crate::{access, ceremony::announcement};

/// Steps of a draw that one officer takes, since the announcement has bound what goes into them.
const BOUND: [&str; 2] = ["closeContributions", "finishDraw"];

/// What decides on a proposal.
const DECIDING: [&str; 3] = ["approve", "refuseApproval", "withdrawApproval"];

/// Every other mutation. None makes, changes or publishes a draw, which the test below tries; what
/// stands here is to be asked for a second officer where one day it does.
const APART: &[&str] = &[
    "acknowledgeInstructions",
    "assignApplicant",
    "cancelApplication",
    "changePassword",
    "changePhone",
    "claimApplication",
    "claimApplications",
    "closePeriod",
    "confirmApplication",
    "confirmStaffPassword",
    "discardDraft",
    "endSession",
    "finishPasskeyRegistration",
    "finishPasskeySignIn",
    "joinTier",
    "markCertificateUsed",
    "markMessageRead",
    "movePeriodDates",
    "openPeriod",
    "planPeriod",
    "planPeriods",
    "publishReview",
    "recordAttendance",
    "recoverApplicationCodes",
    "register",
    "releaseClaim",
    "renewApplication",
    "requestCode",
    "requestConfirmation",
    "requestPhoneChange",
    "requestSecondLook",
    "resendMessage",
    "resetPassword",
    "resolveDuplicate",
    "respondToInvitation",
    "revealContribution",
    "reviewApplication",
    "saveApplicationForm",
    "sealContribution",
    "setQuota",
    "setStaffPassword",
    "signIn",
    "signInStaff",
    "signInWithCode",
    "signOut",
    "startApplication",
    "startPasskeyRegistration",
    "startPasskeySignIn",
    "surrenderCertificate",
    "viewForm",
];

#[test]
fn every_mutation_takes_two_officers_or_is_bound_or_has_nothing_to_do_with_draws() {
    let mut named: Vec<&str> = [&TAKES_TWO[..], &BOUND[..], &DECIDING[..], APART].concat();
    named.sort_unstable();
    let mut known: Vec<&str> = access::mutations().map(|(field, _)| field).collect();
    known.sort_unstable();
    assert_eq!(named, known);
}

/// Draws, records and the effects in the trail: what one officer may not change.
fn effects(state: &State) -> Value {
    json!([format!("{:?}", state.draws), state.records, state.effects])
}

/// Proposes, tries to approve of it in this and in another session of the same officer, and takes it
/// back; nothing may come of it.
async fn tried_alone(city: &TestCity, mutation: &str, input: Value) {
    let before = state(city).await;
    let files = files_under(&city.app.layout.public());
    let one = city.officer().await;
    let proposed = one.call_alone(mutation, input, PROPOSED).await;
    let asked = proposed.get("/payload/__typename");
    assert_eq!(asked, "ApprovalRequested", "{mutation}");
    let approval = proposed.get("/payload/approval").clone();
    let sessions = [one, city.officer().await];
    for session in &sessions {
        let input = json!({ "id": approval["id"], "digest": approval["digest"] });
        let own = session.call_alone("approve", input, "__typename").await;
        let told = own.get("/payload/__typename");
        assert_eq!(told, "ApprovalIsOwn", "{mutation}");
    }
    let input = json!({ "id": approval["id"] });
    let withdrawn = sessions[1].call_alone("withdrawApproval", input, "__typename");
    let told = withdrawn.await;
    assert_eq!(told.get("/payload/__typename"), "ApprovalWithdrawn");
    assert_eq!(effects(&state(city).await), effects(&before), "{mutation}");
    assert!(
        files == files_under(&city.app.layout.public()),
        "{mutation}"
    );
    check_publication(city).await;
}

async fn bound_steps_are_refused(city: &TestCity) {
    let before = state(city).await;
    let one = city.officer().await;
    for step in BOUND {
        let input = json!({ "draw": draw_id(PERIOD) });
        let reply = one.call_alone(step, input, "draw { id }").await;
        assert_eq!(reply.codes(), ["WRONG_PHASE"], "{step}");
    }
    assert_eq!(state(city).await, before);
}

/// Calls everything else as the officer of the story.
async fn everything_else_changes_no_draw(city: &TestCity, officer: &OfficerActor<'_>) {
    let before = state(city).await;
    for (field, document) in access::mutations() {
        if !APART.contains(&field) {
            continue;
        }
        let ids = Noun::ALL.into_iter();
        let document = ids.fold(document.replace("$own", ""), |document, noun| {
            let id = id_of(noun, uuid::Uuid::nil());
            document.replace(&format!("\"${noun:?}\""), &format!("\"{id}\""))
        });
        drop(officer.ask(&document).await);
        let after = state(city).await;
        assert_eq!(
            (&after.draws, after.records),
            (&before.draws, before.records),
            "{field}"
        );
    }
    check_publication(city).await;
}

#[test]
fn one_officer_alone_comes_to_no_publication_whatever_they_call() {
    on_both_databases(async |city| {
        let rules =
            json!({ "sha256": verifier::text::Digest(city.app.policy.digest()).to_string() });
        tried_alone(city, "confirmPolicy", rules).await;
        let text = json!({ "text": crate::rules::longer_bans(&city.app) });
        tried_alone(city, "changePolicy", text.clone()).await;
        city.reviewed(4, places(2, 1)).await;
        tried_alone(city, "changePolicy", text).await;
        city.at(FREEZE_AT);
        let period = json!({ "period": PERIOD });
        tried_alone(city, "freezeRepresentatives", period.clone()).await;
        tried_alone(city, "freezePeriod", period).await;
        let officer = fairplate_tests::stages::officer();
        let frozen = fairplate_tests::ceremony::freeze(&city.app, &officer, PERIOD);
        frozen.await.expect("frozen");
        city.at(ANNOUNCE_AT);
        bound_steps_are_refused(city).await;
        tried_alone(city, "announceDraw", announcement(PERIOD)).await;
        everything_else_changes_no_draw(city, &city.officer().await).await;
        bound_steps_are_refused(city).await;
        city.announce(PERIOD).await;
        city.at(CLOSE_AT);
        let reason = json!({ "draw": draw_id(PERIOD), "reason": "the hall was flooded" });
        tried_alone(city, "voidDraw", reason).await;
        everything_else_changes_no_draw(city, &city.officer().await).await;
    });
    on_both_databases(async |city| {
        city.reviewed(4, places(2, 1)).await;
        city.at(representatives::ANNOUNCE_AT);
        let period = json!({ "period": PERIOD });
        tried_alone(city, "freezeRepresentatives", period).await;
    });
}

#[test]
fn one_officer_alone_gives_records_no_other_key() {
    on_both_databases_with_a_new_key(async |city| {
        city.reviewed(4, places(2, 1)).await;
        tried_alone(city, "changeRecordKey", json!({})).await;
    });
}

/// The commands of `fairplate draw`; what is not here is not known to be harmless.
const COMMANDS: [&str; 14] = [
    "status",
    "freeze",
    "announce",
    "close",
    "finish",
    "resume",
    "present",
    "protocol",
    // A record that two officers, or an announcement of theirs, have made is carried to its key.
    "export",
    "sign",
    "import",
    "drop-unsigned",
    "void",
    "amend",
];

/// The commands that `fairplate draw --help` lists.
fn commands(operator: &Operator) -> Vec<String> {
    let help = operator.run("draw --help");
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    let listed = help.split("Commands:").nth(1).expect("commands");
    let listed = listed.split("Options:").next().expect("commands").lines();
    let is_command = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    let names = listed
        .filter(is_command)
        .filter_map(|line| line.split_whitespace().next());
    let names = names.filter(|word| *word != "help");
    names.map(str::to_owned).collect()
}

fn refusal_of(operator: &Operator, words: &str) -> String {
    let mut command = operator.command(words);
    let output: Output = command
        .env("FAIRPLATE_PASSPHRASE", PASSPHRASE)
        .output()
        .expect("fairplate runs");
    assert_eq!(output.status.code(), Some(2), "{words}: {output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn one_person_at_the_command_line_comes_to_no_publication() {
    let operator = Operator::with_a_frozen_pool();
    assert_eq!(commands(&operator), COMMANDS);
    let announce = "draw announce 202606 --window-secs 1 --margin-secs 1";
    for words in [
        announce.to_owned(),
        format!("{announce} --officer wang"),
        "draw freeze 202606 --officer wang".to_owned(),
        "draw freeze 202606 --representatives --officer wang".to_owned(),
        "draw void 202606 --reason flooded --officer wang".to_owned(),
        "draw amend 202606 --drop individual/7621447539689=forged --officer wang".to_owned(),
        "policy confirm".to_owned(),
        "policy propose".to_owned(),
        "key rotate-record".to_owned(),
    ] {
        let sentence = refusal_of(&operator, &words);
        assert!(
            sentence.contains("--session-file: two officers"),
            "{words}: {sentence}"
        );
    }
    assert!(!operator.path().join("keys/record-2").exists());
    let reviewer = operator.path().join("fang.session");
    let token = operator.output_of("session reviewer fang");
    std::fs::write(&reviewer, token).expect("written");
    let as_reviewer = format!("{announce} --session-file {}", reviewer.display());
    assert!(refusal_of(&operator, &as_reviewer).contains("[FORBIDDEN]"));

    let (id, digest) = operator.proposed(announce);
    let again = operator.path().join("li-again.session");
    let token = operator.output_of("session officer li");
    std::fs::write(&again, token).expect("written");
    for session in [operator.session_of("li"), again.display().to_string()] {
        let own = refusal_of(
            &operator,
            &format!("approve {id} {digest} --session-file {session}"),
        );
        assert!(own.contains("another officer has to approve"), "{own}");
    }
    let two = operator.session_of("wang");
    let wrong = format!("approve {id} {} --session-file {two}", "0".repeat(64));
    assert!(refusal_of(&operator, &wrong).contains("digest: it is not that"));
    for bound in ["draw close 202606", "draw finish 202606"] {
        assert!(refusal_of(&operator, bound).contains("[WRONG_PHASE]"));
    }
    operator.done("draw resume");
    assert!(!operator.path().join("public/draws").exists());

    operator.done(&format!("approve {id} {digest} --session-file {two}"));
    assert!(
        operator
            .path()
            .join("public/draws/202606/announce.note")
            .exists()
    );
    let twice = format!("approve {id} {digest} --session-file {two}");
    assert!(refusal_of(&operator, &twice).contains("it is carried out"));
}
