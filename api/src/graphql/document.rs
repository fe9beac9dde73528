//! What a document may cost, before it is executed.
//!
//! Tokens and nesting are counted on the text, so that a hostile document is never parsed; aliases,
//! root fields and fragments on the parsed document. A [`Document`] has passed all of it, so that a
//! text that comes again need not.

/// How much an operation asks for.
mod size;
/// How long and how deep a text is.
mod tokens;

use std::{collections::HashMap, sync::OnceLock};

use async_graphql::{
    Name, Request, ServerError,
    parser::{
        parse_query,
        types::{
            DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection,
        },
    },
};

use super::{Compiled, Given, LookUp, error::DocumentCode};
use size::Counting;

/// Words, numbers, strings and signs in a document.
pub const TOKENS_MAX: usize = 2_000;

/// Brackets that may be open at once. Beyond it the parser's stack would be at stake.
pub const NESTING_MAX: usize = 40;

/// Fields that an operation may ask for at its root.
pub const ROOT_FIELDS_MAX: u64 = 20;

/// Aliases in an operation, fragments spread out.
pub const ALIASES_MAX: u64 = 30;

/// Fields in an operation, fragments spread out.
pub const FIELDS_MAX: u64 = 1_000;

/// Fields of [`ENTRANCES`] in an operation: guesses cannot be bundled.
pub const ENTRANCES_MAX: u64 = 1;

/// Root fields that open a session, or take or send a one-time code or a password.
pub const ENTRANCES: [&str; 18] = [
    "changePassword",
    "changePhone",
    "confirmApplication",
    "confirmStaffPassword",
    "finishPasskeyRegistration",
    "finishPasskeySignIn",
    "recoverApplicationCodes",
    "register",
    "requestCode",
    "requestConfirmation",
    "requestPhoneChange",
    "resetPassword",
    "setStaffPassword",
    "signIn",
    "signInStaff",
    "signInWithCode",
    "startPasskeyRegistration",
    "startPasskeySignIn",
];

/// Root fields with which anybody looks something up by a code or number.
pub const LOOK_UPS: [&str; 2] = ["certificate", "result"];

/// Bytes that a token takes in a parsed document, roughly.
const TOKEN_BYTES: usize = 256;

/// A document that was parsed and stays below the limits.
#[derive(Debug)]
pub struct Document {
    parsed: ExecutableDocument,
    /// The same, where it is a look-up that needs no executor.
    compiled: Option<Compiled>,
    /// What it costs, once it was executed: then the schema has nothing against it.
    proven: OnceLock<u64>,
    /// By name; one without a name is the only one.
    operations: HashMap<Option<Name>, Operation>,
    bytes: usize,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Query, mutation or subscription.
    pub kind: OperationType,
    /// How many fields look something up by a code or number.
    pub look_ups: u64,
    /// How many fields take or send a code or password: one at most.
    pub entrances: u64,
    /// Whether it asks for one field, named in the operation itself and not in a fragment, as a
    /// subscription has to.
    pub is_single: bool,
}

impl Document {
    /// Reads a document's text.
    ///
    /// # Errors
    ///
    /// What stands in the way, with its code: not a document, or over a limit.
    pub fn read(text: &str) -> Result<Self, ServerError> {
        let tokens = tokens::require_small(text)?;
        let parsed = parse_query(text).map_err(|error| {
            let ServerError {
                message, locations, ..
            } = error.into();
            let mut refused = DocumentCode::ParseFailed.error(message);
            refused.locations = locations;
            refused
        })?;
        let mut counting = Counting::new(&parsed.fragments);
        let mut operations = HashMap::new();
        for (name, operation) in parsed.operations.iter() {
            let size = counting.require_modest(&operation.node)?;
            let read = Operation {
                kind: operation.node.ty,
                look_ups: size.look_ups,
                entrances: size.entrances,
                is_single: is_single(&operation.node),
            };
            operations.insert(name.cloned(), read);
        }
        Ok(Self {
            compiled: Compiled::of(&parsed),
            proven: OnceLock::new(),
            parsed,
            operations,
            bytes: text.len() + tokens * TOKEN_BYTES,
        })
    }

    /// Bytes that it takes in memory, roughly.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The look-up that a request asks for with it; nothing where only the executor can say, and
    /// before it was executed once.
    #[must_use]
    pub(crate) fn look_up<'a, G: Given>(&'a self, given: &'a G) -> Option<LookUp<'a, G>> {
        let compiled = self.compiled.as_ref()?;
        let operation = self.operations.values().next()?;
        let costing = (operation.look_ups, *self.proven.get()?);
        compiled.look_up(given, costing)
    }

    /// Notes that it was executed, and at which cost.
    pub(crate) fn prove(&self, cost: u64) {
        self.proven.get_or_init(|| cost);
    }

    /// Names of its operations.
    pub fn names(&self) -> impl Iterator<Item = Option<&str>> {
        self.operations.keys().map(Option::as_deref)
    }

    /// Chooses the operation that a request asks for, and makes the request one of this document.
    ///
    /// # Errors
    ///
    /// What stands in the way, each error with its code: no such operation, or a required variable
    /// without a value.
    pub fn prepare(&self, request: &mut Request) -> Result<Operation, Vec<ServerError>> {
        let wanted = request.operation_name.as_deref();
        let (name, operation) =
            choose(&self.parsed.operations, wanted).map_err(|error| vec![error])?;
        let missing = missing_variables(operation, request);
        if !missing.is_empty() {
            return Err(missing);
        }
        let asked = self.operations[&name.cloned()];
        request.set_parsed_query(self.parsed.clone());
        Ok(asked)
    }
}

fn missing_variables(operation: &OperationDefinition, request: &Request) -> Vec<ServerError> {
    operation
        .variable_definitions
        .iter()
        .filter(|definition| {
            let definition = &definition.node;
            let value = request.variables.get(&definition.name.node);
            !definition.var_type.node.nullable
                && definition.default_value.is_none()
                && value.is_none_or(|value| *value == async_graphql::Value::Null)
        })
        .map(|definition| {
            let (name, kind) = (&definition.node.name.node, &definition.node.var_type.node);
            DocumentCode::ValidationFailed.error(format!(
                "the variable ${name} of type {kind} has no value; give it one"
            ))
        })
        .collect()
}

fn is_single(operation: &OperationDefinition) -> bool {
    matches!(
        &operation.selection_set.node.items[..],
        [only] if matches!(only.node, Selection::Field(_))
    )
}

fn choose<'a>(
    operations: &'a DocumentOperations,
    wanted: Option<&str>,
) -> Result<(Option<&'a Name>, &'a OperationDefinition), ServerError> {
    let refuse = |sentence: String| Err(DocumentCode::ValidationFailed.error(sentence));
    match (operations, wanted) {
        (DocumentOperations::Single(operation), None) => Ok((None, &operation.node)),
        (DocumentOperations::Single(_), Some(name)) => refuse(format!(
            "the document has no operation {name}; its only one has no name"
        )),
        (DocumentOperations::Multiple(named), Some(name)) => match named.get_key_value(name) {
            Some((name, operation)) => Ok((Some(name), &operation.node)),
            None => refuse(format!("the document has no operation {name}")),
        },
        (DocumentOperations::Multiple(named), None) => {
            let mut all = named.iter();
            match (all.next(), all.next()) {
                (Some((name, operation)), None) => Ok((Some(name), &operation.node)),
                _ => {
                    refuse("the document has several operations; say which as operationName".into())
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(request: &mut Request) -> Result<Operation, Vec<ServerError>> {
        let document = Document::read(&request.query).map_err(|error| vec![error])?;
        document.prepare(request)
    }

    fn refusal(query: impl Into<String>) -> Option<String> {
        let errors = read(&mut Request::new(query)).err()?;
        let code = errors[0]
            .extensions
            .as_ref()
            .expect("extensions")
            .get("code")
            .expect("a code");
        Some(format!("{code} {}", errors[0].message))
    }

    fn repeated(piece: &str, times: usize) -> String {
        format!("{{ {} }}", piece.repeat(times))
    }

    #[test]
    fn each_limit_is_met_exactly_and_refused_one_beyond() {
        for (piece, most, what) in [
            ("f ", 20, "at most 20 root fields"),
            ("... on Query { f } ", 20, "at most 20 root fields"),
        ] {
            assert_eq!(refusal(repeated(piece, most)), None);
            let refused = refusal(repeated(piece, most + 1)).expect("one too many");
            assert!(refused.contains(what), "{refused}");
        }
        let aliased = |count| format!("{{ f {} }}", repeated("a: b ", count));
        assert_eq!(refusal(aliased(30)), None);
        assert!(
            refusal(aliased(31))
                .expect("too many")
                .contains("30 aliases, found 31")
        );
        let nested = |depth: usize| format!("{}f{}", "{f".repeat(depth), "}".repeat(depth));
        assert_eq!(refusal(nested(40)), None);
        assert!(
            refusal(nested(41))
                .expect("too deep")
                .contains("open brackets")
        );
    }

    #[test]
    fn tokens_are_counted_before_parsing() {
        let refused = refusal("x ".repeat(2_001)).expect("too long");
        assert!(refused.contains("2000 tokens"), "{refused}");
        let commented = format!(
            "{{ f(a: \"{}\") }} # {}",
            "{ ".repeat(3_000),
            "{ ".repeat(3_000)
        );
        assert_eq!(refusal(commented), None);
        let block = format!(
            "{{ f(a: \"\"\"{} \\\"\"\" {{ \"\"\") }}",
            "{ ".repeat(3_000)
        );
        assert_eq!(refusal(block), None);
    }

    /// Thirty fragments, each spreading the next twice, are a billion fields.
    #[test]
    fn fragments_that_multiply_are_counted_once_each() {
        let spread = |place: u8| {
            let next = place + 1;
            format!("fragment F{place} on T {{ ...F{next} ...F{next} }}")
        };
        let fragments: Vec<String> = (0..30).map(spread).collect();
        let text = format!(
            "{{ f {{ ...F0 }} }} {} fragment F30 on T {{ f }}",
            fragments.join(" ")
        );
        assert!(
            refusal(text)
                .expect("too many")
                .contains("fields, found 1073741825")
        );
    }

    #[test]
    fn a_fragment_in_a_circle_is_refused() {
        let refused = refusal("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }");
        assert!(refused.expect("a circle").contains("spreads itself"));
    }

    #[test]
    fn the_operation_that_is_asked_for_is_the_one_that_counts() {
        let text = "query A { a } mutation B { b }";
        let kind = |name: &str| {
            let asked = read(&mut Request::new(text).operation_name(name));
            asked.ok().map(|operation| operation.kind)
        };
        assert_eq!(kind("A"), Some(OperationType::Query));
        assert_eq!(kind("B"), Some(OperationType::Mutation));
        assert_eq!(kind("C"), None);
        assert!(refusal(text).expect("which one?").contains("operationName"));
    }

    #[test]
    fn a_required_variable_needs_a_value() {
        let refused = refusal("query ($id: ID!) { __typename }").expect("no value");
        assert!(refused.contains("$id of type ID!"), "{refused}");
        assert_eq!(refusal("query ($id: ID! = \"1\") { __typename }"), None);
        assert_eq!(refusal("query ($id: ID) { __typename }"), None);
    }

    #[test]
    fn text_that_is_no_document_is_refused_as_such() {
        assert!(
            refusal("{ f")
                .expect("unfinished")
                .starts_with("\"GRAPHQL_PARSE_FAILED\"")
        );
        assert!(
            refusal("")
                .expect("empty")
                .starts_with("\"GRAPHQL_PARSE_FAILED\"")
        );
    }
}
