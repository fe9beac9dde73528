//! Who may do what: every root field of the schema, for every kind of actor.

use fairplate::{graphql, store};
use fairplate_tests::{
    Anonymous, Asks, Citizen, TestCity, on_both_databases,
    people::person,
    stages::{PERIOD, places},
};
use sea_orm::{EntityTrait as _, PaginatorTrait as _};

/// The table for people.
mod matrix;

use crate::schema::assert_documented;
use matrix::{Open, Reached};

/// Every root field, with a call that gets no further than the door or does no harm behind it.
const TABLE: &[(&str, Open, &str)] = &[
    ("city", Open::Everyone, "{ city { key } }"),
    (
        "period",
        Open::Everyone,
        "{ period(number: \"202606\") { phase } }",
    ),
    (
        "periods",
        Open::Everyone,
        "{ periods { nodes { number } } }",
    ),
    (
        "draw",
        Open::Everyone,
        "{ draw(id: \"202606\") { phase records { note } files { name } } }",
    ),
    (
        "representatives",
        Open::Everyone,
        "{ representatives(period: \"202606\") { places { state } } }",
    ),
    (
        "result",
        Open::Everyone,
        "{ result(period: \"202606\", code: \"0486106556963\") { __typename } }",
    ),
    (
        "certificate",
        Open::Everyone,
        "{ certificate(number: \"0000000000000000\") }",
    ),
    (
        "carryOver",
        Open::Everyone,
        "{ carryOver { category balance } }",
    ),
    ("me", Open::Everyone, "{ me { role } }"),
    (
        "application",
        Open::OwnerOrReviewer,
        "{ application(id: \"$own\") { code } }",
    ),
    (
        "reviewQueue",
        Open::Reviewers,
        "{ reviewQueue { nodes { application { code } } } }",
    ),
    (
        "duplicateFlags",
        Open::Reviewers,
        "{ duplicateFlags { nodes { id } } }",
    ),
    (
        "auditTrail",
        Open::Auditors,
        "{ auditTrail { nodes { action } } }",
    ),
    (
        "messages",
        Open::Officers,
        "{ messages(state: DEAD) { totalCount } }",
    ),
    (
        "resendMessage",
        Open::Officers,
        "mutation { resendMessage(input: { messageId: \"00000000-0000-0000-0000-000000000000\" }) { __typename } }",
    ),
    (
        "markMessageRead",
        Open::SignedIn,
        "mutation { markMessageRead(input: { messageId: \"00000000-0000-0000-0000-000000000000\" }) { message { id } } }",
    ),
    (
        "waitingCount",
        Open::Reviewers,
        "{ waitingCount(period: \"202606\") }",
    ),
    (
        "requestCode",
        Open::Everyone,
        "mutation { requestCode(input: { phone: \"1\", purpose: SIGN_IN }) { __typename } }",
    ),
    (
        "register",
        Open::Everyone,
        "mutation { register(input: { code: { request: \"00000000-0000-0000-0000-000000000000\", code: \"1\" } }) { __typename } }",
    ),
    (
        "signIn",
        Open::Everyone,
        "mutation { signIn(input: { phone: \"1\", password: \"none\" }) { __typename } }",
    ),
    (
        "signInWithCode",
        Open::Everyone,
        "mutation { signInWithCode(input: { code: { request: \"00000000-0000-0000-0000-000000000000\", code: \"1\" } }) { __typename } }",
    ),
    (
        "resetPassword",
        Open::Everyone,
        "mutation { resetPassword(input: { code: { request: \"00000000-0000-0000-0000-000000000000\", code: \"1\" }, password: \"none\" }) { __typename } }",
    ),
    (
        "recoverApplicationCodes",
        Open::Everyone,
        "mutation { recoverApplicationCodes(input: { code: { request: \"00000000-0000-0000-0000-000000000000\", code: \"1\" } }) { __typename } }",
    ),
    (
        "changePassword",
        Open::Accounts,
        "mutation { changePassword(input: { current: \"none\", new: \"none\" }) { __typename } }",
    ),
    (
        "requestPhoneChange",
        Open::Accounts,
        "mutation { requestPhoneChange(input: { phone: \"1\" }) { __typename } }",
    ),
    (
        "changePhone",
        Open::Accounts,
        "mutation { changePhone(input: { leave: { request: \"00000000-0000-0000-0000-000000000000\", code: \"1\" }, take: { request: \"00000000-0000-0000-0000-000000000000\", code: \"1\" } }) { __typename } }",
    ),
    (
        "assignApplicant",
        Open::Officers,
        "mutation { assignApplicant(input: { code: \"0486106556963\", phone: \"1\" }) { __typename } }",
    ),
    (
        "signOut",
        Open::Accounts,
        "mutation { signOut(input: { sessions: OTHERS }) { count } }",
    ),
    (
        "endSession",
        Open::Accounts,
        "mutation { endSession(input: { session: \"00000000-0000-0000-0000-000000000000\" }) { count } }",
    ),
    (
        "startApplication",
        Open::Accounts,
        "mutation { startApplication(input: { category: \"none\", identityType: \"none\" }) { __typename } }",
    ),
    (
        "acknowledgeInstructions",
        Open::Accounts,
        "mutation { acknowledgeInstructions(input: { draft: \"00000000-0000-0000-0000-000000000000\", sha256: \"0000000000000000000000000000000000000000000000000000000000000000\" }) { __typename } }",
    ),
    (
        "saveApplicationForm",
        Open::Accounts,
        "mutation { saveApplicationForm(input: { draft: \"00000000-0000-0000-0000-000000000000\", form: {} }) { draft { id } } }",
    ),
    (
        "discardDraft",
        Open::Accounts,
        "mutation { discardDraft(input: { draft: \"00000000-0000-0000-0000-000000000000\" }) { draft } }",
    ),
    (
        "requestConfirmation",
        Open::Accounts,
        "mutation { requestConfirmation(input: { draft: \"00000000-0000-0000-0000-000000000000\" }) { __typename } }",
    ),
    (
        "confirmApplication",
        Open::Accounts,
        "mutation { confirmApplication(input: { draft: \"00000000-0000-0000-0000-000000000000\", code: { request: \"00000000-0000-0000-0000-000000000000\", code: \"1\" } }) { __typename } }",
    ),
    (
        "joinTier",
        Open::Owner,
        "mutation { joinTier(input: { applicationId: \"$own\" }) { __typename } }",
    ),
    (
        "cancelApplication",
        Open::Owner,
        "mutation { cancelApplication(input: { applicationId: \"$own\" }) { __typename } }",
    ),
    (
        "requestSecondLook",
        Open::Owner,
        "mutation { requestSecondLook(input: { applicationId: \"$own\", statement: \"none\" }) { __typename } }",
    ),
    (
        "reviewApplication",
        Open::Reviewers,
        "mutation { reviewApplication(input: { code: \"0486106556963\", decision: APPROVED }) { __typename } }",
    ),
    (
        "claimApplication",
        Open::Reviewers,
        "mutation { claimApplication(input: { code: \"0486106556963\" }) { __typename } }",
    ),
    (
        "claimApplications",
        Open::Reviewers,
        "mutation { claimApplications(input: { count: 1, filter: { period: \"202612\" } }) { claimed { waitsFor } } }",
    ),
    (
        "releaseClaim",
        Open::Reviewers,
        "mutation { releaseClaim(input: { code: \"0486106556963\" }) { __typename } }",
    ),
    (
        "viewForm",
        Open::Reviewers,
        "mutation { viewForm(input: { code: \"0486106556963\" }) { __typename } }",
    ),
    (
        "resolveDuplicate",
        Open::Reviewers,
        "mutation { resolveDuplicate(input: { flagId: \"00000000-0000-7000-8000-000000000000\", resolution: DIFFERENT_PERSONS, note: \"none\" }) { __typename } }",
    ),
    (
        "surrenderCertificate",
        Open::Applicants,
        "mutation { surrenderCertificate(input: { number: \"0000000000000000\" }) { __typename } }",
    ),
    (
        "markCertificateUsed",
        Open::Officers,
        "mutation { markCertificateUsed(input: { number: \"0000000000000000\" }) { __typename } }",
    ),
    (
        "confirmPolicy",
        Open::Officers,
        "mutation { confirmPolicy(input: { sha256: \"0000000000000000000000000000000000000000000000000000000000000000\" }) { sha256 } }",
    ),
    (
        "openPeriod",
        Open::Officers,
        "mutation { openPeriod(input: { number: \"202612\", appliesFrom: \"2026-12-01\", appliesUntil: \"2026-12-02\", reviewPublishOn: \"2026-12-03\", drawOn: \"2026-12-04\", quotas: [] }) { period { number } } }",
    ),
    (
        "closePeriod",
        Open::Officers,
        "mutation { closePeriod(input: { period: \"202612\" }) { period { number } } }",
    ),
    (
        "publishReview",
        Open::Officers,
        "mutation { publishReview(input: { period: \"202612\" }) { period { number } } }",
    ),
    (
        "calendar",
        Open::Everyone,
        "{ calendar(from: \"2026-06-01\", to: \"2026-06-30\") { events { on } days { on } } }",
    ),
    ("officer", Open::Officers, "{ officer { todo { kind } } }"),
    (
        "renewApplication",
        Open::Owner,
        "mutation { renewApplication(input: { applicationId: \"$own\" }) { __typename } }",
    ),
    (
        "planPeriods",
        Open::Officers,
        "mutation { planPeriods(input: { year: 2031 }) { periods { number } } }",
    ),
    (
        "planPeriod",
        Open::Officers,
        "mutation { planPeriod(input: { number: \"202612\", appliesFrom: \"2026-12-01\", appliesUntil: \"2026-12-02\", reviewPublishOn: \"2026-12-03\", drawOn: \"2026-12-04\" }) { period { number } } }",
    ),
    (
        "setQuota",
        Open::Officers,
        "mutation { setQuota(input: { period: \"202612\", quota: { category: \"individual\", quota: 1 } }) { period { number } } }",
    ),
    (
        "movePeriodDates",
        Open::Officers,
        "mutation { movePeriodDates(input: { period: \"202612\", reason: \"none\" }) { period { number } } }",
    ),
    (
        "freezePeriod",
        Open::Officers,
        "mutation { freezePeriod(input: { period: \"202612\" }) { draw { id } } }",
    ),
    (
        "freezeRepresentatives",
        Open::Officers,
        "mutation { freezeRepresentatives(input: { period: \"202612\" }) { draw { id } } }",
    ),
    (
        "respondToInvitation",
        Open::Applicants,
        "mutation { respondToInvitation(input: { invitation: \"none\", answer: ACCEPT }) { __typename } }",
    ),
    (
        "sealContribution",
        Open::Applicants,
        "mutation { sealContribution(input: { invitation: \"none\", draw: \"none\", commitment: \"0000000000000000000000000000000000000000000000000000000000000000\" }) { invitation { id } } }",
    ),
    (
        "revealContribution",
        Open::Applicants,
        "mutation { revealContribution(input: { invitation: \"none\", draw: \"none\", secret: \"0000000000000000000000000000000000000000000000000000000000000000\" }) { invitation { id } } }",
    ),
    (
        "recordAttendance",
        Open::Officers,
        "mutation { recordAttendance(input: { representative: \"none\", attended: true }) { representative { name } } }",
    ),
    (
        "announceDraw",
        Open::Officers,
        "mutation { announceDraw(input: { draw: \"none\", windowSeconds: 1, marginSeconds: 1, closesAt: \"2026-12-01T00:00:00Z\" }) { draw { id } } }",
    ),
    (
        "closeContributions",
        Open::Officers,
        "mutation { closeContributions(input: { draw: \"none\" }) { draw { id } } }",
    ),
    (
        "finishDraw",
        Open::Officers,
        "mutation { finishDraw(input: { draw: \"none\" }) { draw { id } } }",
    ),
    (
        "voidDraw",
        Open::Officers,
        "mutation { voidDraw(input: { draw: \"none\", reason: \"none\" }) { draw { id } } }",
    ),
];

/// The fields of `Query` and `Mutation` in the printed schema.
fn root_fields() -> Vec<String> {
    let sdl = graphql::sdl();
    let mut fields = Vec::new();
    for head in ["type Query {", "type Mutation {"] {
        let (_, body) = sdl.split_once(head).expect("a root type");
        let (body, _) = body.split_once("\n}").expect("its end");
        let lines = body
            .lines()
            .filter(|line| line.starts_with("  ") && !line[2..].starts_with([' ', '"']));
        let names = lines.map(|line| line.trim().split(['(', ':']).next().unwrap_or_default());
        fields.extend(
            names
                .filter(|name| !name.is_empty() && name.chars().all(char::is_alphanumeric))
                .map(str::to_owned),
        );
    }
    fields
}

#[test]
fn every_root_field_stands_in_the_table() {
    let mut fields = root_fields();
    let mut named: Vec<String> = TABLE
        .iter()
        .map(|(field, _, _)| (*field).to_owned())
        .collect();
    fields.sort();
    named.sort();
    assert_eq!(named, fields);
}

#[test]
fn the_committed_table_of_the_schema_is_the_one_that_is_tested() {
    assert_documented("access.md", &matrix::page(TABLE));
}

async fn reached(actor: &impl Asks, open: Open, document: &str) -> Reached {
    let reply = actor.ask(document).await;
    match reply.codes()[..] {
        ["UNAUTHENTICATED"] => Reached::SignInFirst,
        ["FORBIDDEN"] => Reached::NotTheirs,
        // What such a call misses behind the door is no application of ours.
        ["NOT_FOUND"] if !matches!(open, Open::Owner | Open::OwnerOrReviewer) => Reached::Behind,
        // The door of somebody else's application looks like a wall.
        ["NOT_FOUND"] if reply.refusal().contains("application") => Reached::DoesNotExist,
        [] if reply
            .get("")
            .as_object()
            .is_some_and(|fields| fields.contains_key("application"))
            && reply.get("/application").is_null() =>
        {
            Reached::DoesNotExist
        }
        _ => Reached::Behind,
    }
}

async fn trail_length(city: &TestCity) -> u64 {
    entity::audit::Entity::find()
        .count(&city.app.db)
        .await
        .expect("a count")
}

#[test]
fn every_root_field_opens_to_those_it_is_for() {
    on_both_databases(async |city| {
        city.opened(places(1, 1)).await;
        let (owner, other) = (city.apply(&person(1)).await, city.apply(&person(2)).await);
        let (reviewer, auditor) = (city.reviewer("fang").await, city.auditor("wu").await);
        let officer = city.officer().await;
        for (field, open, template) in TABLE {
            let document = template.replace("$own", &owner.id().to_string());
            let before = trail_length(city).await;
            let anonymous = reached(&Anonymous(city), *open, &document).await;
            let another = reached(&other, *open, &document).await;
            let reviewers = reached(&reviewer, *open, &document).await;
            let officers = reached(&officer, *open, &document).await;
            let auditors = reached(&auditor, *open, &document).await;
            // Another account may do with itself what an account may.
            if *open != Open::Accounts {
                assert_eq!(
                    trail_length(city).await,
                    before,
                    "{field}: a refusal changes nothing"
                );
            }
            let owners = reached(&owner, *open, &document).await;
            let found = [anonymous, owners, another, reviewers, officers, auditors];
            assert_eq!(found, open.expected(), "{field}");
        }
        unchanged(city, &other).await;
    });
}

async fn unchanged(city: &TestCity, bystander: &Citizen<'_>) {
    assert_eq!(city.application(bystander).await, bystander.application);
    let period = store::periods::get(&city.app.db, city.app.city, PERIOD)
        .await
        .expect("a period");
    assert_eq!(period.phase, entity::period::Phase::Open);
}
