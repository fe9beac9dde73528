//! Who may do what: every root field of the schema, for every kind of actor.

use fairplate::{graphql, store};
use fairplate_tests::{
    Anonymous, Asks, Citizen, TestCity,
    ids::{Noun, id_of},
    on_both_databases,
    people::person,
    stages::{PERIOD, places},
};
use sea_orm::{EntityTrait as _, PaginatorTrait as _};
use serde_json::Value;

/// The table for people.
mod matrix;

/// Every root field but those of the next module.
mod table;

/// Staff who sign in.
mod staff;

use crate::schema::assert_documented;
use matrix::{Open, Reached};

type Row = (&'static str, Open, &'static str);

/// Every root field, whom it opens to, and a call of it.
fn rows() -> Vec<Row> {
    [table::TABLE, staff::TABLE].concat()
}

/// The fields of the three root types in the printed schema.
fn root_fields() -> Vec<String> {
    let sdl = graphql::sdl();
    let mut fields = Vec::new();
    for head in ["type Query {", "type Mutation {", "type Subscription {"] {
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

/// A call of every mutation; `$own` stands for an application's id.
pub(crate) fn mutations() -> impl Iterator<Item = (&'static str, &'static str)> {
    rows()
        .into_iter()
        .map(|(field, _, document)| (field, document))
        .filter(|(_, document)| document.starts_with("mutation"))
}

#[test]
fn every_root_field_stands_in_the_table() {
    let mut fields = root_fields();
    let mut named: Vec<String> = rows()
        .iter()
        .map(|(field, _, _)| (*field).to_owned())
        .collect();
    fields.sort();
    named.sort();
    assert_eq!(named, fields);
}

#[test]
fn the_committed_table_of_the_schema_is_the_one_that_is_tested() {
    assert_documented("access.md", &matrix::page(&rows()));
}

async fn reached(actor: &impl Asks, open: Open, document: &str) -> Reached {
    let reply = if document.starts_with("subscription") {
        let server = actor.city().server().await;
        server.first_event(actor.token(), document).await
    } else {
        actor.ask(document).await
    };
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
            && ["/application", "/application/0"]
                .iter()
                .any(|place| reply.get("").pointer(place) == Some(&Value::Null)) =>
        {
            Reached::DoesNotExist
        }
        _ => Reached::Behind,
    }
}

/// A call with the ids of things that are not there, and of the owner's application.
fn filled(template: &str, owner: &Citizen<'_>) -> String {
    let own = template.replace("$own", &owner.node_id());
    Noun::ALL.into_iter().fold(own, |document, noun| {
        let id = id_of(noun, uuid::Uuid::nil());
        document.replace(&format!("\"${noun:?}\""), &format!("\"{id}\""))
    })
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
        let approver = city.approver("shen").await;
        let officer = city.officer().await;
        for (field, open, template) in &rows() {
            let document = filled(template, &owner);
            let before = trail_length(city).await;
            let anonymous = reached(&Anonymous(city), *open, &document).await;
            let another = reached(&other, *open, &document).await;
            let reviewers = reached(&reviewer, *open, &document).await;
            let officers = reached(&officer, *open, &document).await;
            let approvers = reached(&approver, *open, &document).await;
            let auditors = reached(&auditor, *open, &document).await;
            // Another account may do with itself what an account may.
            if !matches!(open, Open::Accounts | Open::WithSession) {
                assert_eq!(
                    trail_length(city).await,
                    before,
                    "{field}: a refusal changes nothing"
                );
            }
            let owners = reached(&owner, *open, &document).await;
            let found = [
                anonymous, owners, another, reviewers, officers, approvers, auditors,
            ];
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
