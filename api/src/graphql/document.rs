//! What a document may cost, before it is executed.
//!
//! Tokens and nesting are counted on the text, so that a hostile document is never parsed; aliases,
//! root fields and fragments on the parsed document, each fragment once, so that fragments which
//! spread one another do not multiply the work of counting them.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Request, ServerError,
    parser::types::{
        DocumentOperations, FragmentDefinition, OperationDefinition, OperationType, Selection,
        SelectionSet,
    },
};

use super::error::DocumentCode;

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

/// Reads a request's document and says which kind of operation it asks for.
///
/// # Errors
///
/// What stands in the way, each error with its code: not a document, over a limit, no such
/// operation, or a required variable without a value.
pub fn read(request: &mut Request) -> Result<OperationType, Vec<ServerError>> {
    require_small(&request.query).map_err(|error| vec![error])?;
    let wanted = request.operation_name.clone();
    let variables = request.variables.clone();
    let document = request
        .parsed_query()
        .map_err(|error| vec![DocumentCode::ParseFailed.error(error.message)])?;
    let operation = choose(&document.operations, wanted.as_deref()).map_err(|error| vec![error])?;
    let mut counting = Counting {
        fragments: &document.fragments,
        known: HashMap::new(),
    };
    counting
        .require_modest(operation)
        .map_err(|error| vec![error])?;
    let missing: Vec<ServerError> = operation
        .variable_definitions
        .iter()
        .filter(|definition| {
            let definition = &definition.node;
            let value = variables.get(&definition.name.node);
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
        .collect();
    if missing.is_empty() {
        Ok(operation.ty)
    } else {
        Err(missing)
    }
}

/// Requires of a subscription that it asks for one field, named in the operation itself.
///
/// # Errors
///
/// Several fields, or one that comes by way of a fragment, which would not be followed.
pub fn require_one_field(request: &mut Request) -> Result<(), ServerError> {
    let wanted = request.operation_name.clone();
    let document = request.parsed_query()?;
    let operation = choose(&document.operations, wanted.as_deref())?;
    match &operation.selection_set.node.items[..] {
        [only] if matches!(only.node, Selection::Field(_)) => Ok(()),
        _ => Err(DocumentCode::ValidationFailed.error(
            "a subscription asks for one field, and names it in the operation and not in a fragment",
        )),
    }
}

fn choose<'a>(
    operations: &'a DocumentOperations,
    wanted: Option<&str>,
) -> Result<&'a OperationDefinition, ServerError> {
    let refuse = |sentence: String| Err(DocumentCode::ValidationFailed.error(sentence));
    match (operations, wanted) {
        (DocumentOperations::Single(operation), None) => Ok(&operation.node),
        (DocumentOperations::Single(_), Some(name)) => refuse(format!(
            "the document has no operation {name}; its only one has no name"
        )),
        (DocumentOperations::Multiple(named), Some(name)) => match named.get(name) {
            Some(operation) => Ok(&operation.node),
            None => refuse(format!("the document has no operation {name}")),
        },
        (DocumentOperations::Multiple(named), None) => {
            let mut all = named.values();
            match (all.next(), all.next()) {
                (Some(operation), None) => Ok(&operation.node),
                _ => {
                    refuse("the document has several operations; say which as operationName".into())
                }
            }
        }
    }
}

/// What a selection comes to, with its fragments spread out.
#[derive(Clone, Copy, Default)]
struct Size {
    fields: u64,
    aliases: u64,
    /// Fields of its outermost level.
    outermost: u64,
}

struct Counting<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// Sizes of fragments; none while one is being counted.
    known: HashMap<&'a str, Option<Size>>,
}

impl<'a> Counting<'a> {
    fn require_modest(&mut self, operation: &'a OperationDefinition) -> Result<(), ServerError> {
        let size = self.size_of(&operation.selection_set.node)?;
        for (what, found, most) in [
            ("root fields", size.outermost, ROOT_FIELDS_MAX),
            ("aliases", size.aliases, ALIASES_MAX),
            ("fields", size.fields, FIELDS_MAX),
        ] {
            if most < found {
                return Err(DocumentCode::TooCostly.error(format!(
                    "expected at most {most} {what}, found {found}; ask in several requests"
                )));
            }
        }
        Ok(())
    }

    fn size_of(&mut self, set: &'a SelectionSet) -> Result<Size, ServerError> {
        let mut sum = Size::default();
        for selection in &set.items {
            let part = match &selection.node {
                Selection::Field(field) => {
                    let inner = self.size_of(&field.node.selection_set.node)?;
                    Size {
                        fields: inner.fields.saturating_add(1),
                        aliases: inner
                            .aliases
                            .saturating_add(field.node.alias.is_some().into()),
                        outermost: 1,
                    }
                }
                Selection::InlineFragment(inline) => {
                    self.size_of(&inline.node.selection_set.node)?
                }
                Selection::FragmentSpread(spread) => {
                    self.size_of_fragment(spread.node.fragment_name.node.as_str())?
                }
            };
            sum.fields = sum.fields.saturating_add(part.fields);
            sum.aliases = sum.aliases.saturating_add(part.aliases);
            sum.outermost = sum.outermost.saturating_add(part.outermost);
        }
        Ok(sum)
    }

    fn size_of_fragment(&mut self, name: &'a str) -> Result<Size, ServerError> {
        // Validation says that a fragment is missing, in better words.
        let Some(fragment) = self.fragments.get(name) else {
            return Ok(Size::default());
        };
        match self.known.get(name) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => {
                let sentence = format!("the fragment {name} spreads itself; take the circle out");
                return Err(DocumentCode::ValidationFailed.error(sentence));
            }
            None => {}
        }
        self.known.insert(name, None);
        let size = self.size_of(&fragment.node.selection_set.node)?;
        self.known.insert(name, Some(size));
        Ok(size)
    }
}

/// Counts tokens and open brackets, and stops at the first too many.
fn require_small(text: &str) -> Result<(), ServerError> {
    let bytes = text.as_bytes();
    let (mut at, mut tokens, mut open) = (0, 0, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        if byte.is_ascii_whitespace() || byte == b',' {
            at += 1;
            continue;
        }
        if byte == b'#' {
            at += length_until(&bytes[at..], |byte| byte == b'\n' || byte == b'\r');
            continue;
        }
        tokens += 1;
        match byte {
            b'{' | b'[' | b'(' => open += 1,
            b'}' | b']' | b')' => open = open.saturating_sub(1),
            _ => {}
        }
        if TOKENS_MAX < tokens {
            let sentence = format!("expected at most {TOKENS_MAX} tokens; ask in several requests");
            return Err(DocumentCode::TooCostly.error(sentence));
        }
        if NESTING_MAX < open {
            let sentence = format!("expected at most {NESTING_MAX} open brackets; nest less");
            return Err(DocumentCode::TooCostly.error(sentence));
        }
        at += token_length(&bytes[at..]);
    }
    Ok(())
}

/// Length of the token that these bytes begin with; at least one.
fn token_length(bytes: &[u8]) -> usize {
    match bytes[0] {
        b'"' if bytes.starts_with(b"\"\"\"") => {
            let mut at = 3;
            while at < bytes.len() {
                if bytes[at..].starts_with(b"\\\"\"\"") {
                    at += 4;
                } else if bytes[at..].starts_with(b"\"\"\"") {
                    return at + 3;
                } else {
                    at += 1;
                }
            }
            at
        }
        b'"' => {
            let mut at = 1;
            while at < bytes.len() && bytes[at] != b'"' && bytes[at] != b'\n' {
                at += if bytes[at] == b'\\' { 2 } else { 1 };
            }
            at + 1
        }
        b'.' if bytes.starts_with(b"...") => 3,
        first if first.is_ascii_alphanumeric() || first == b'_' || first == b'-' => {
            let part = |byte: u8| byte.is_ascii_alphanumeric() || b"_.+-".contains(&byte);
            length_until(bytes, |byte| !part(byte))
        }
        _ => 1,
    }
}

fn length_until(bytes: &[u8], ends: impl Fn(u8) -> bool) -> usize {
    bytes
        .iter()
        .skip(1)
        .position(|byte| ends(*byte))
        .map_or(bytes.len(), |length| length + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let kind = |name: &str| read(&mut Request::new(text).operation_name(name)).ok();
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
