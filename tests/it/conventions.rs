//! The schema keeps its own conventions: ids, connections, deprecations.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::{
    parse_schema,
    types::{
        BaseType, ConstDirective, FieldDefinition, ServiceDocument, Type, TypeDefinition, TypeKind,
        TypeSystemDefinition,
    },
};
use async_graphql::{Positioned, Value};
use fairplate::graphql;

/// Lists that are no connections, and what bounds each.
const BOUNDED: &[(&str, &str)] = &[
    ("Amend.changes", "100 places, and a reserve for each"),
    ("ApplicationBarred.violations", "the rules of the city"),
    ("ApplicationCodes.codes", "those who share one phone"),
    ("ApplicationDraft.fields", "the form"),
    ("ApplicationDraft.missingFields", "the form"),
    ("ApplicationDraft.violations", "the rules of the city"),
    ("ApplicationForm.licenceClasses", "sixteen classes"),
    ("ApplicationNotEligible.violations", "the rules of the city"),
    ("Calendar.days", "366 days"),
    ("Calendar.events", "366 days"),
    ("City.categories", "the rules of the city"),
    ("City.identityTypes", "the rules of the city"),
    ("City.licenceClasses", "sixteen classes"),
    ("City.reviewReasons", "the rules of the city"),
    ("ClaimApplicationsPayload.claimed", "100, as asked for"),
    ("Desk.todo", "the periods under way"),
    ("Draw.amends", "the hands of two officers"),
    ("Draw.files", "the files of one draw"),
    ("Draw.pools", "the categories"),
    ("Draw.records", "the steps of a draw"),
    ("DrawStepReached.pools", "the categories"),
    ("DrawWinnersConfirmed.winners", "100 an event"),
    ("FormUnderReview.licenceClasses", "sixteen classes"),
    ("FormUnderReview.reviews", "a first and a second look"),
    ("IdentityType.fields", "the form"),
    ("Instructions.paragraphs", "the rules of the city"),
    ("Participation.years", "the years of the programme"),
    ("ParticipationYear.periods", "the periods of a year"),
    ("Period.draws", "the redos of one draw"),
    ("Period.moves", "an officer's hand"),
    ("Period.quotas", "the categories"),
    ("Period.transitions", "the phases"),
    ("PlanPeriodsPayload.periods", "the periods of a year"),
    ("Policy.weakRules", "the rules of the city"),
    ("PolicyBound.draws", "the draws under way"),
    ("PolicyFaulty.faults", "the longest text of rules"),
    ("Query.carryOver", "the categories"),
    ("Query.nodes", "100, as asked for"),
    ("Report.steps", "the specification"),
    ("Representatives.draws", "the redos of one draw"),
    ("Representatives.places", "the rules of the city"),
    ("ResultNotAmendable.obstacles", "100 places, as asked for"),
    ("Review.reasons", "the rules of the city"),
    ("StaffRoleToChoose.roles", "four roles"),
    ("UnsignedRecord.signingKeys", "an old key and a new one"),
    ("Viewer.bans", "how often one person can win"),
    ("Viewer.certificates", "how often one person can win"),
    ("Viewer.drafts", "one open draft a category, kept for days"),
    ("Viewer.invitations", "one draw of representatives a period"),
    (
        "Viewer.sessions",
        "the days of a session, and the limit on sign-ins",
    ),
    ("WaitingApplication.flags", "the kinds of contact"),
];

/// What every connection takes.
const ARGUMENTS: [&str; 4] = ["after", "before", "first", "last"];

fn document() -> ServiceDocument {
    parse_schema(graphql::sdl()).expect("a schema")
}

fn types(document: &ServiceDocument) -> Vec<&TypeDefinition> {
    let definitions = document.definitions.iter();
    definitions
        .filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => Some(&definition.node),
            _ => None,
        })
        .collect()
}

/// The fields of objects and interfaces, each with the name of its type.
fn fields(document: &ServiceDocument) -> Vec<(String, &FieldDefinition)> {
    let mut all = Vec::new();
    for definition in types(document) {
        let fields: &[Positioned<FieldDefinition>] = match &definition.kind {
            TypeKind::Object(object) => &object.fields,
            TypeKind::Interface(interface) => &interface.fields,
            _ => continue,
        };
        let name = definition.name.node.to_string();
        all.extend(fields.iter().map(|field| (name.clone(), &field.node)));
    }
    all
}

fn find_deprecation(directives: &[Positioned<ConstDirective>]) -> Option<String> {
    let directives = directives.iter().map(|directive| &directive.node);
    let mut found = directives.filter(|directive| directive.name.node == "deprecated");
    let directive = found.next()?;
    let reason = directive.get_argument("reason").map(|reason| &reason.node);
    Some(match reason {
        Some(Value::String(reason)) => reason.clone(),
        _ => String::new(),
    })
}

fn is_list(kind: &Type) -> bool {
    matches!(kind.base, BaseType::List(_))
}

#[test]
fn a_list_is_a_connection_or_bounded_for_a_reason_that_is_written_down() {
    let document = document();
    let mut lists = BTreeSet::new();
    for (owner, field) in fields(&document) {
        let is_inside = owner.ends_with("Connection") || owner.ends_with("Edge");
        if is_list(&field.ty.node) && !is_inside {
            lists.insert(format!("{owner}.{}", field.name.node));
        }
    }
    let written: BTreeSet<String> = BOUNDED.iter().map(|(list, _)| (*list).to_owned()).collect();
    assert_eq!(lists, written);
}

#[test]
fn every_connection_takes_the_same_four_arguments_and_says_how_many_rows_there_are() {
    let document = document();
    let mut found = 0;
    for (owner, field) in fields(&document) {
        let kind = field.ty.node.to_string();
        if !kind.trim_end_matches('!').ends_with("Connection") {
            continue;
        }
        found += 1;
        let place = format!("{owner}.{}", field.name.node);
        let arguments: BTreeMap<String, _> = field
            .arguments
            .iter()
            .map(|argument| (argument.node.name.node.to_string(), &argument.node))
            .collect();
        for name in ARGUMENTS {
            let argument = arguments
                .get(name)
                .unwrap_or_else(|| panic!("{place}: no {name}"));
            let kind = argument.ty.node.to_string();
            let expected = if ["first", "last"].contains(&name) {
                "Int"
            } else {
                "String"
            };
            assert_eq!(kind, expected, "{place}({name})");
        }
        let first = arguments["first"]
            .description
            .as_ref()
            .expect("a description");
        assert!(
            first.node.contains("1 to 100; 20 without"),
            "{place}: {}",
            first.node
        );
    }
    assert!(7 <= found, "only {found} connections");
}

#[test]
fn connections_and_edges_have_the_fields_of_the_specification() {
    let document = document();
    let fields = fields(&document);
    let owners: BTreeSet<&String> = fields.iter().map(|(owner, _)| owner).collect();
    for owner in owners {
        let own = |name: &str| {
            let mut own = fields.iter().filter(|(other, _)| other == owner);
            let field = own.find(|(_, field)| field.name.node == name);
            field.map(|(_, field)| field.ty.node.to_string())
        };
        if owner.ends_with("Connection") {
            let node = own("nodes").expect("nodes");
            let edge = own("edges").expect("edges");
            assert!(
                edge.ends_with("Edge!]!") && node.ends_with("!]!"),
                "{owner}"
            );
            assert_eq!(own("pageInfo").as_deref(), Some("PageInfo!"), "{owner}");
        }
        if owner.ends_with("Edge") {
            assert_eq!(own("cursor").as_deref(), Some("String!"), "{owner}");
            assert!(own("node").is_some(), "{owner}");
        }
    }
}

#[test]
fn an_id_field_is_the_id_of_a_node_and_every_node_has_one() {
    let document = document();
    let nodes: BTreeSet<String> = types(&document)
        .into_iter()
        .filter_map(|definition| match &definition.kind {
            TypeKind::Object(object) => {
                let mut implemented = object.implements.iter();
                let is_node = implemented.any(|interface| interface.node == "Node");
                is_node.then(|| definition.name.node.to_string())
            }
            _ => None,
        })
        .collect();
    assert!(14 < nodes.len(), "only {} nodes", nodes.len());
    let mut identified = BTreeSet::new();
    for (owner, field) in fields(&document) {
        let is_current = find_deprecation(&field.directives).is_none();
        if field.name.node == "id" && is_current && owner != "Node" {
            assert_eq!(field.ty.node.to_string(), "ID!", "{owner}.id");
            identified.insert(owner);
        }
    }
    assert_eq!(identified, nodes);
}

/// A day as `2026-11-28`.
fn has_day(text: &str) -> bool {
    text.split_whitespace().any(|word| {
        let word = word.trim_end_matches([',', ';', '.', ':']);
        chrono::NaiveDate::parse_from_str(word, "%Y-%m-%d").is_ok()
    })
}

/// Whether a deprecation says since when, and what to do.
fn is_explained(reason: &str) -> bool {
    reason.contains("since ") && has_day(reason) && 30 < reason.len()
}

#[test]
fn every_deprecation_says_since_when_and_what_comes_instead() {
    assert!(is_explained(
        "since 2026-11-28, for it is two things; ask for `one`"
    ));
    for wrong in [
        "",
        "use something else, please, since long ago",
        "since 2026-11-28",
    ] {
        assert!(!is_explained(wrong), "{wrong}");
    }
    let document = document();
    let mut deprecations = Vec::new();
    for (owner, field) in fields(&document) {
        let place = format!("{owner}.{}", field.name.node);
        let arguments = field.arguments.iter();
        let arguments = arguments.map(|argument| &argument.node.directives);
        let all = arguments.chain([&field.directives]);
        deprecations.extend(all.filter_map(|it| Some((place.clone(), find_deprecation(it)?))));
    }
    for definition in types(&document) {
        let name = &definition.name.node;
        let directives: Vec<_> = match &definition.kind {
            TypeKind::Enum(kind) => kind.values.iter().map(|it| &it.node.directives).collect(),
            TypeKind::InputObject(kind) => {
                kind.fields.iter().map(|it| &it.node.directives).collect()
            }
            _ => Vec::new(),
        };
        let found = directives.into_iter().filter_map(|it| find_deprecation(it));
        deprecations.extend(found.map(|reason| (name.to_string(), reason)));
    }
    assert!(!deprecations.is_empty(), "the test reads nothing");
    for (place, reason) in deprecations {
        assert!(is_explained(&reason), "{place}: {reason}");
    }
}

#[test]
fn every_scalar_says_where_it_is_specified_and_the_page_has_it() {
    let page = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../docs/api/scalars.md"
    ))
    .expect("docs/api/scalars.md");
    let document = document();
    let mut scalars = BTreeSet::new();
    for definition in types(&document) {
        if !matches!(definition.kind, TypeKind::Scalar) {
            continue;
        }
        let name = definition.name.node.to_string();
        let directives = definition.directives.iter().map(|it| &it.node);
        let mut specified = directives.filter(|it| it.name.node == "specifiedBy");
        let directive = specified.next().unwrap_or_else(|| panic!("{name}"));
        let url = directive
            .get_argument("url")
            .expect("a URL")
            .node
            .to_string();
        let url = url.trim_matches('"').to_owned();
        let is_ours = url == format!("scalars.md#{}", name.to_lowercase());
        let is_rfc = url == "https://www.rfc-editor.org/rfc/rfc3339#section-5.6";
        assert!(is_ours || is_rfc, "{name}: {url}");
        assert!(
            page.contains(&format!("\n## {name}\n")),
            "{name} is not on the page"
        );
        scalars.insert(name);
    }
    for expected in [
        "ApplicationCode",
        "Date",
        "DateTime",
        "LocalizedText",
        "PeriodNumber",
    ] {
        assert!(scalars.contains(expected), "{expected}");
    }
}
