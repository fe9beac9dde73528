//! Who may do what: every root field of the schema, for every kind of actor.

use fairplate::{graphql, store};
use fairplate_tests::{
    Anonymous, Asks, Citizen, TestCity, on_both_databases,
    people::person,
    stages::{PERIOD, places},
};
use sea_orm::{EntityTrait as _, PaginatorTrait as _};

use crate::schema::assert_documented;

/// Who gets past the door; what is refused behind it is another matter.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Open {
    /// Anybody.
    Everyone,
    /// The applicant whose application it is.
    Owner,
    /// The same, or a reviewer or an officer; to another applicant it does not exist.
    OwnerOrReviewer,
    /// Reviewers, and officers in their place.
    Reviewers,
    /// Officers.
    Officers,
    /// Auditors, and officers.
    Auditors,
}

impl Open {
    /// How far each column of the table comes: anonymous, applicant, other applicant, reviewer,
    /// officer, auditor.
    fn expected(self) -> [Reached; 6] {
        use Reached::{Behind, DoesNotExist, NotTheirs, SignInFirst};
        match self {
            Self::Everyone => [Behind; 6],
            Self::Owner => [
                SignInFirst,
                Behind,
                DoesNotExist,
                NotTheirs,
                NotTheirs,
                NotTheirs,
            ],
            Self::OwnerOrReviewer => [SignInFirst, Behind, DoesNotExist, Behind, Behind, NotTheirs],
            Self::Reviewers => [SignInFirst, NotTheirs, NotTheirs, Behind, Behind, NotTheirs],
            Self::Officers => [
                SignInFirst,
                NotTheirs,
                NotTheirs,
                NotTheirs,
                Behind,
                NotTheirs,
            ],
            Self::Auditors => [SignInFirst, NotTheirs, NotTheirs, NotTheirs, Behind, Behind],
        }
    }
}

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
        "result",
        Open::Everyone,
        "{ result(period: \"202606\", code: \"0486106556963\") { __typename } }",
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
        "waitingCount",
        Open::Reviewers,
        "{ waitingCount(period: \"202606\") }",
    ),
    (
        "submitApplication",
        Open::Everyone,
        "mutation { submitApplication(input: { category: \"none\", identityType: \"none\", name: \"n\", idNumber: \"n\", phone: \"n\", address: \"n\", postcode: \"n\", ownsLocalCar: false }) { __typename } }",
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
        "freezePeriod",
        Open::Officers,
        "mutation { freezePeriod(input: { period: \"202612\" }) { draw { id } } }",
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

/// The table for people, as it stands under `docs/api`.
fn page() -> String {
    const HEAD: &str = "# Who may call what

<!-- Generated from tests/it/access.rs: UPDATE_DOCS=1 cargo test -p fairplate-tests schema -->

Every root field of the schema, and how far each kind of caller comes.

- **yes**: gets past the door. What the rules of the city say behind it is another matter.
- **no**: `FORBIDDEN`.
- **sign in**: `UNAUTHENTICATED`.
- **nothing there**: the answer is the same as for an application that does not exist.

An applicant is the one whose application it is about; another applicant is anybody else who has applied.
An officer may do what a reviewer may; a reviewer sees the form of an application only while the claim on it is theirs.
A test calls every field as every one of them, on both databases, and fails for a field without a row.

| field | anonymous | applicant | another applicant | reviewer | officer | auditor |
|---|---|---|---|---|---|---|
";
    let mut rows: Vec<String> = TABLE
        .iter()
        .map(|(field, open, _)| {
            let cells = open.expected().map(|reached| match reached {
                Reached::Behind => "yes",
                Reached::NotTheirs => "no",
                Reached::SignInFirst => "sign in",
                Reached::DoesNotExist => "nothing there",
            });
            format!("| `{field}` | {} |\n", cells.join(" | "))
        })
        .collect();
    rows.sort();
    format!("{HEAD}{}", rows.concat())
}

#[test]
fn the_committed_table_of_the_schema_is_the_one_that_is_tested() {
    assert_documented("access.md", &page());
}

/// How far somebody comes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Reached {
    Behind,
    SignInFirst,
    NotTheirs,
    DoesNotExist,
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
            assert_eq!(
                trail_length(city).await,
                before,
                "{field}: a refusal changes nothing"
            );
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
