//! The public schema and the codes of its errors, as committed under `docs/api`.

use std::{env, fs, path::Path};

use async_graphql::{Schema, Value};
use fairplate::{
    domain::message::list_texts,
    graphql::{self, Mutation, Query, Subscription},
    http,
};

/// Compares a generated document with its copy; with `UPDATE_DOCS=1` the copy is rewritten instead.
#[track_caller]
#[expect(
    clippy::disallowed_methods,
    reason = "a person asks this test to write, not to compare"
)]
pub(crate) fn assert_documented(name: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../docs/api")
        .join(name);
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, generated).expect("the document can be written");
        return;
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let differing = generated
        .lines()
        .zip(committed.lines())
        .position(|(one, other)| one != other);
    assert!(
        committed == generated,
        "docs/api/{name} differs from the program (first at line {}): run \
         `UPDATE_DOCS=1 cargo test -p fairplate-tests schema` and look at what changed",
        differing.map_or(0, |line| line + 1)
    );
}

#[test]
fn the_committed_schema_is_the_programs() {
    assert_documented("schema.graphql", &graphql::sdl());
}

#[test]
fn the_committed_error_codes_are_the_programs() {
    assert_documented("errors.md", &http::codes_page());
}

#[test]
fn the_committed_texts_of_messages_are_the_programs() {
    let mut page = String::from(
        "# Texts of messages\n\nEvery text that people are sent, by its name, with its values in braces. \
         A service that sends only registered texts is given these.\nMade from the program; `UPDATE_DOCS=1` \
         writes it again.\n\n| name | 中文 | English |\n|---|---|---|\n",
    );
    for text in list_texts() {
        let line = format!("| `{}` | {} | {} |\n", text.name, text.zh, text.en);
        page.push_str(&line);
    }
    assert_documented("messages.md", &page);
}

const DESCRIBED: &str = "{ __schema { types { name description
    fields(includeDeprecated: true) { name description args { name description } }
    inputFields { name description }
    enumValues(includeDeprecated: true) { name description } } } }";

/// Members of an introspected list with their names, and whether each is described.
fn members<'a>(parent: &'a Value, list: &str) -> Vec<(String, &'a Value)> {
    let Value::Object(fields) = parent else {
        panic!("an object: {parent}")
    };
    let Some(Value::List(members)) = fields.get(list) else {
        return Vec::new();
    };
    let name = |member: &Value| match member {
        Value::Object(fields) => fields["name"].to_string().trim_matches('"').to_owned(),
        _ => panic!("an object: {member}"),
    };
    members
        .iter()
        .map(|member| (name(member), member))
        .collect()
}

fn is_described(member: &Value) -> bool {
    let Value::Object(fields) = member else {
        return false;
    };
    matches!(&fields["description"], Value::String(text) if !text.trim().is_empty())
}

/// What every tool knows by name.
const KNOWN: [&str; 4] = ["Query", "Mutation", "Subscription", "ID"];

#[tokio::test]
async fn every_type_field_argument_and_enum_value_is_described() {
    let schema = Schema::build(
        Query::default(),
        Mutation::default(),
        Subscription::default(),
    )
    .finish();
    let answer = schema.execute(DESCRIBED).await;
    assert_eq!(answer.errors, []);
    let Value::Object(root) = &answer.data else {
        panic!("data")
    };

    let mut silent = Vec::new();
    let types = members(&root["__schema"], "types");
    assert!(types.len() > 60, "only {} types", types.len());
    for (name, kind) in types.iter().filter(|(name, _)| !name.starts_with("__")) {
        if !is_described(kind) && !KNOWN.contains(&name.as_str()) {
            silent.push(name.clone());
        }
        for list in ["fields", "inputFields", "enumValues"] {
            for (member, value) in members(kind, list) {
                if !is_described(value) {
                    silent.push(format!("{name}.{member}"));
                }
                for (argument, value) in members(value, "args") {
                    if !is_described(value) {
                        silent.push(format!("{name}.{member}({argument})"));
                    }
                }
            }
        }
    }
    assert!(silent.is_empty(), "not described: {}", silent.join(", "));
}
