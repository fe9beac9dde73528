//! What all mutations have in common: one input, one payload, and outcomes that a client can handle
//! without knowing them.

/// Which of them are done once under a key.
mod keys;

use std::collections::BTreeMap;

use async_graphql::parser::{
    parse_schema,
    types::{FieldDefinition, ObjectType, TypeKind, TypeSystemDefinition},
};
use fairplate::graphql;
use fairplate_tests::{Anonymous, Asks as _, on_both_databases, people::person, stages::places};
use serde_json::{Value, json};

use crate::schema::assert_documented;
use keys::{KEYLESS, Row};

/// The types of the schema by name, and the mutations.
struct Types(BTreeMap<String, TypeKind>);

impl Types {
    fn read() -> Self {
        let document = parse_schema(graphql::sdl()).expect("a schema");
        let types = document.definitions.into_iter();
        let named = types.filter_map(|definition| match definition {
            TypeSystemDefinition::Type(it) => Some((it.node.name.node.to_string(), it.node.kind)),
            _ => None,
        });
        Self(named.collect())
    }

    fn object(&self, name: &str) -> &ObjectType {
        match &self.0[name] {
            TypeKind::Object(object) => object,
            other => panic!("{name} is {other:?}"),
        }
    }

    /// Every mutation with the outcomes of its payload, in their order.
    fn mutations(&self) -> Vec<(&FieldDefinition, Vec<String>)> {
        let fields = &self.object("Mutation").fields;
        assert!(40 < fields.len(), "only {} mutations", fields.len());
        let outcomes = |field: &FieldDefinition| {
            let payload = field.ty.node.to_string().replace('!', "");
            match &self.0[&payload] {
                TypeKind::Union(union) => {
                    union.members.iter().map(|it| it.node.to_string()).collect()
                }
                _ => vec![payload],
            }
        };
        fields
            .iter()
            .map(|field| (&field.node, outcomes(&field.node)))
            .collect()
    }
}

/// The type of a member of a mutation's input, if it has such a member.
fn input_type(types: &Types, mutation: &FieldDefinition, name: &str) -> Option<String> {
    let input = mutation.arguments.first()?.node.ty.node.to_string();
    let TypeKind::InputObject(members) = &types.0[input.trim_end_matches('!')] else {
        panic!("{input} is no input")
    };
    let mut members = members.fields.iter().map(|it| &it.node);
    let member = members.find(|it| it.name.node == name)?;
    Some(member.ty.node.to_string())
}

fn implements(object: &ObjectType, interface: &str) -> bool {
    object.implements.iter().any(|name| name.node == interface)
}

/// A field's arguments and type, as they are written.
fn spelt(object: &ObjectType, name: &str) -> Option<String> {
    let field = object
        .fields
        .iter()
        .find(|field| field.node.name.node == name)?;
    let arguments = field
        .node
        .arguments
        .iter()
        .map(|argument| format!("{}: {}", argument.node.name.node, argument.node.ty.node));
    let arguments: Vec<_> = arguments.collect();
    Some(format!("({}) {}", arguments.join(", "), field.node.ty.node))
}

#[test]
fn every_mutation_takes_one_input_and_gives_one_payload_of_its_name() {
    let types = Types::read();
    for (field, _) in types.mutations() {
        let name = field.name.node.as_str();
        let noun = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        let [input] = &field.arguments[..] else {
            panic!("{name} takes {} arguments", field.arguments.len())
        };
        assert_eq!(input.node.name.node, "input", "{name}");
        assert_eq!(input.node.ty.node.to_string(), format!("{noun}Input!"));
        assert_eq!(field.ty.node.to_string(), format!("{noun}Payload!"));
        let echo = input_type(&types, field, "clientMutationId");
        assert_eq!(echo.as_deref(), Some("String"), "{name}");
    }
}

/// The first member of a payload is what was asked for, done; every other one is a refusal.
#[test]
fn every_outcome_can_be_handled_without_knowing_it() {
    let types = Types::read();
    for (field, outcomes) in types.mutations() {
        for (place, outcome) in outcomes.iter().enumerate() {
            let object = types.object(outcome);
            let at = format!("{} of {}", outcome, field.name.node);
            assert!(implements(object, "Outcome"), "{at}");
            assert_eq!(
                spelt(object, "clientMutationId").as_deref(),
                Some("() String"),
                "{at}"
            );
            assert_eq!(implements(object, "Refusal"), 0 < place, "{at}");
            if 0 < place {
                let text = Some("(locale: Locale!) String!");
                assert_eq!(spelt(object, "explanation").as_deref(), text, "{at}");
            }
        }
    }
}

const REFUSED: &str = "__typename ... on Outcome { clientMutationId }
    ... on Refusal { zh: explanation, en: explanation(locale: EN) }";

#[test]
fn a_refusal_explains_itself_in_both_languages_to_a_client_that_does_not_know_it() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (citizen, bystander) = (city.apply(&person(1)).await, city.apply(&person(2)).await);
        let before = city.application(&bystander).await;
        citizen.call_own("cancelApplication", "__typename").await;

        let input = json!({ "applicationId": citizen.node_id(), "clientMutationId": "mine" });
        let refused = citizen.call("cancelApplication", input, REFUSED).await;

        let expected = json!({
            "__typename": "ApplicationEnded",
            "clientMutationId": "mine",
            "zh": "该申请已结束，不能再变更。",
            "en": "This application has ended, and nothing about it can be changed any more.",
        });
        assert_eq!(refused.get("/payload"), &expected);
        assert_eq!(city.application(&bystander).await, before);
    });
}

#[test]
fn every_mutation_of_a_document_gets_its_own_client_mutation_id_back() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let citizen = city.apply(&person(1)).await;
        let document = "mutation($input: CancelApplicationInput!, $id: String = \"by default\") {
                joinTier(input: { applicationId: \"$own\", clientMutationId: $id }) { ...Named }
                again: joinTier(input: { applicationId: \"$own\", clientMutationId: \"second\" }) { ...Named }
                silent: joinTier(input: { applicationId: \"$own\" }) { ...Named }
                ... { ... on Mutation { last: cancelApplication(input: $input) { ...Named } } }
            }
            fragment Named on Outcome { clientMutationId }";
        let own = citizen.node_id();
        let variables = json!({ "input": { "applicationId": own, "clientMutationId": "第四" } });

        let reply = citizen
            .ask_with(&document.replace("$own", &own), variables)
            .await;

        let id = |key: &str| reply.get(&format!("/{key}/clientMutationId")).clone();
        let ids = ["joinTier", "again", "silent", "last"].map(id);
        assert_eq!(
            ids,
            [
                json!("by default"),
                json!("second"),
                Value::Null,
                json!("第四")
            ]
        );
    });
}

#[test]
fn a_client_mutation_id_has_at_most_64_characters() {
    on_both_databases(async |city| {
        let anybody = Anonymous(city);
        let with = |id: String| json!({ "phone": "13700000001", "password": "wrong password", "clientMutationId": id });
        let fields = "__typename ... on Outcome { clientMutationId }";

        let longest = anybody.call("signIn", with("长".repeat(64)), fields).await;
        let longer = anybody.call("signIn", with("长".repeat(65)), fields).await;

        assert_eq!(
            longest.get("/payload/clientMutationId"),
            &json!("长".repeat(64))
        );
        assert_eq!(longer.codes(), ["INVALID_INPUT"]);
        assert!(!longer.refusal().contains('长'), "{}", longer.refusal());
    });
}

fn rows(types: &Types) -> Vec<Row> {
    let row = |(field, outcomes): (&FieldDefinition, Vec<String>)| Row {
        mutation: field.name.node.to_string(),
        outcomes,
        is_keyed: input_type(types, field, "idempotencyKey").is_some(),
    };
    types.mutations().into_iter().map(row).collect()
}

/// The mutations that take a key, sorted.
pub(crate) fn keyed_mutations() -> Vec<String> {
    let rows = rows(&Types::read());
    let keyed = rows.into_iter().filter(|row| row.is_keyed);
    let mut keyed: Vec<_> = keyed.map(|row| row.mutation).collect();
    keyed.sort();
    keyed
}

#[test]
fn every_mutation_takes_a_key_or_has_a_reason_not_to() {
    let types = Types::read();
    let rows = rows(&types);
    let keyless = rows.iter().filter(|row| !row.is_keyed);
    let mut keyless: Vec<_> = keyless.map(|row| row.mutation.as_str()).collect();
    keyless.sort_unstable();

    let known: Vec<_> = KEYLESS.iter().map(|(mutation, _)| *mutation).collect();
    assert_eq!(keyless, known);
    assert_documented("mutations.md", &keys::page(&rows));
}
