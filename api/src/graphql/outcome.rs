//! What the answers of all mutations have in common: two interfaces, so that a client can handle an
//! outcome that it does not know, and the name that a client gives its mutation.

use std::borrow::Cow;

use async_graphql::{
    Context, ContextSelectionSet, InputObject, Name, OutputType, Positioned, ServerResult, Value,
    parser::types::{Field, Selection, SelectionSet},
    registry::{MetaType, MetaTypeId, MetaTypeName, Registry},
};

/// What every mutation's input may carry beside what it is about.
#[derive(InputObject)]
#[graphql(name = "MutationInput")]
pub(super) struct Echo {
    /// Any text of the client's own, at most 64 characters. Every outcome gives it back.
    #[graphql(validator(chars_max_length = 64))]
    client_mutation_id: Option<String>,
}

/// Makes types outcomes: each can be a member of a mutation's payload, or the payload itself.
macro_rules! outcome {
    ($($name:ident),+ $(,)?) => {$(
        #[async_graphql::ComplexObject]
        impl $name {
            /// The `clientMutationId` of the mutation's input; null where none was given.
            async fn client_mutation_id(
                &self,
                ctx: &async_graphql::Context<'_>,
            ) -> Option<String> {
                $crate::graphql::outcome::client_mutation_id(ctx)
            }
        }
    )+};
}

/// Makes a type a refusal: an outcome in which what was asked for was not done. Its text exists in
/// Chinese and in English; `bare` refusals say nothing beside it.
macro_rules! refusal {
    (bare $name:ident: $zh:literal, $en:literal $(,)?) => {
        refusal!(@ async_graphql::Object(use_type_description), $name, $zh, $en);
    };
    ($name:ident: $zh:literal, $en:literal $(,)?) => {
        refusal!(@ async_graphql::ComplexObject, $name, $zh, $en);
    };
    (@ $kind:meta, $name:ident, $zh:literal, $en:literal) => {
        const _: () = assert!($crate::graphql::outcome::are_both_languages($zh, $en));

        #[$kind]
        impl $name {
            /// The `clientMutationId` of the mutation's input; null where none was given.
            async fn client_mutation_id(
                &self,
                ctx: &async_graphql::Context<'_>,
            ) -> Option<String> {
                $crate::graphql::outcome::client_mutation_id(ctx)
            }

            /// What is so, and what to do, for people.
            async fn explanation(
                &self,
                #[graphql(default, desc = "Language of the text.")]
                locale: $crate::graphql::locale::Locale,
            ) -> String {
                locale.choose($zh, $en)
            }
        }
    };
}

pub(super) use {outcome, refusal};

/// Whether one text can be Chinese and the other can be English: a text that stands in the wrong
/// place, or in one language twice, does not compile.
pub(super) const fn are_both_languages(zh: &str, en: &str) -> bool {
    !zh.is_ascii() && en.is_ascii() && !en.is_empty()
}

/// What every mutation answers with.
pub(super) enum Outcome {}

/// What a mutation answers with that has not done what was asked for.
pub(super) enum Refusal {}

impl OutputType for Outcome {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Outcome")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let description = "What every mutation answers with, whatever came of it.";
        implement::<Self>(registry, description, &["clientMutationId"])
    }

    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        match *self {}
    }
}

impl OutputType for Refusal {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Refusal")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let description = "An outcome in which what was asked for was not done. A client that does \
                           not know which one it is shows its text.";
        implement::<Self>(registry, description, &["clientMutationId", "explanation"])
    }

    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        match *self {}
    }
}

/// Makes every outcome that has these fields a member of an interface that has them. No list of
/// outcomes is kept by hand, so that none is forgotten.
fn implement<T: OutputType>(registry: &mut Registry, description: &str, fields: &[&str]) -> String {
    let has_all = |name: &String| {
        let kind = registry.types.get(name);
        fields
            .iter()
            .all(|field| kind.is_some_and(|kind| kind.field_by_name(field).is_some()))
    };
    let members: Vec<String> = list_outcomes(registry)
        .into_iter()
        .filter(has_all)
        .collect();
    for member in &members {
        registry.add_implements(member, &T::type_name());
    }
    registry.create_output_type::<T, _>(MetaTypeId::Interface, |registry| {
        let first = members.first().and_then(|name| registry.types.get(name));
        let spelt = fields.iter().filter_map(|name| {
            let field = first?.field_by_name(name)?;
            Some(((*name).to_owned(), field.clone()))
        });
        MetaType::Interface {
            name: T::type_name().into_owned(),
            description: Some(description.to_owned()),
            fields: spelt.collect(),
            possible_types: members.iter().cloned().collect(),
            extends: false,
            keys: None,
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            rust_typename: Some(std::any::type_name::<T>()),
            directive_invocations: Vec::new(),
            requires_scopes: Vec::new(),
        }
    })
}

/// Every object that a mutation can answer with.
fn list_outcomes(registry: &Registry) -> Vec<String> {
    let root = registry.mutation_type.as_deref().unwrap_or_default();
    let fields = registry.types.get(root).and_then(MetaType::fields);
    let mut outcomes = Vec::new();
    for field in fields.into_iter().flat_map(|fields| fields.values()) {
        let payload = MetaTypeName::concrete_typename(&field.ty);
        match registry.types.get(payload) {
            Some(MetaType::Union { possible_types, .. }) => {
                outcomes.extend(possible_types.iter().cloned());
            }
            _ => outcomes.push(payload.to_owned()),
        }
    }
    outcomes
}

/// The `clientMutationId` of the mutation that an outcome answers. It is looked up in the document,
/// by the name under which the mutation answers: of two mutations in one document, each outcome
/// finds its own.
pub(super) fn client_mutation_id(ctx: &Context<'_>) -> Option<String> {
    let path = ctx.path_node.as_ref()?;
    let root = path.parents().last().unwrap_or(path).field_name();
    let env = ctx.query_env;
    let operation = &env.operation.node;
    let selected = &operation.selection_set.node;
    let mutation = find_field(ctx, selected, root)?;
    let input = mutation.get_argument("input")?.node.clone();
    // A variable that is not given is null here; whatever must not be null was refused before.
    let given = input.into_const_with(|name| {
        let definitions = operation.variable_definitions.iter();
        let definition = definitions
            .map(|it| &it.node)
            .find(|it| it.name.node == name);
        let value = env.variables.get(&name);
        let value = value.or_else(|| definition.and_then(|it| it.default_value()));
        Ok::<_, std::convert::Infallible>(value.cloned().unwrap_or_default())
    });
    let Ok(Value::Object(given)) = given else {
        return None;
    };
    match given.get(&Name::new("clientMutationId")) {
        Some(Value::String(id)) => Some(id.clone()),
        _ => None,
    }
}

/// The field that answers under a name, directly or in a fragment.
fn find_field<'a>(ctx: &Context<'a>, selected: &'a SelectionSet, key: &str) -> Option<&'a Field> {
    selected
        .items
        .iter()
        .find_map(|selection| match &selection.node {
            Selection::Field(field) => {
                Some(&field.node).filter(|field| field.response_key().node == key)
            }
            Selection::InlineFragment(fragment) => {
                find_field(ctx, &fragment.node.selection_set.node, key)
            }
            Selection::FragmentSpread(spread) => {
                let fragment = ctx
                    .query_env
                    .fragments
                    .get(&spread.node.fragment_name.node)?;
                find_field(ctx, &fragment.node.selection_set.node, key)
            }
        })
}
