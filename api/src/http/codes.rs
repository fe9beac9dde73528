//! The page of error codes, as it is committed under `docs/api`.

use super::refusal::Refusal;
use crate::{error::Code, graphql::error::DocumentCode};

/// All codes that a client can meet in `extensions.code`, with what they mean and what to do.
#[must_use]
pub fn codes_page() -> String {
    let mut page = String::from(HEAD);
    for code in Code::ALL {
        let (meaning, remedy) = of_use_case(*code);
        row(&mut page, &[code.as_str(), meaning, remedy]);
    }
    page.push_str(DOCUMENTS);
    for code in DocumentCode::ALL {
        let (meaning, remedy) = of_document(*code);
        row(&mut page, &[code.as_str(), meaning, remedy]);
    }
    page.push_str(REQUESTS);
    let mut seen = Vec::new();
    for refusal in Refusal::ALL {
        if seen.contains(&refusal.code()) {
            continue;
        }
        seen.push(refusal.code());
        let (meaning, remedy) = of_request(refusal);
        row(
            &mut page,
            &[refusal.code(), refusal.status().as_str(), meaning, remedy],
        );
    }
    page.push_str(FOOT);
    page
}

const HEAD: &str = "\
# Error codes

<!-- Generated from the program: UPDATE_DOCS=1 cargo test -p fairplate-tests schema -->

Every error carries `extensions.code`.
Programs branch on the code; the set is closed, and a new code is announced in the change log.
The sentences in `message` are for people and may change at any time.
What the rules of a city decide (not eligible, already applied, locked in a pool) is no error: it is part of a mutation's payload.

## Errors of a field

The document was executed; the field named by `path` is null.

| Code | Meaning | What to do |
|---|---|---|
";

const DOCUMENTS: &str = "
## Errors of a document

Nothing was executed and the answer has no `data`.
The status is 400 for `application/graphql-response+json` and 200 for `application/json`.

| Code | Meaning | What to do |
|---|---|---|
";

const REQUESTS: &str = "
## Refused requests

The document was not executed; for most of these it was not even looked at.
A bad or ended session token is refused the same way, with status 401 and the code `UNAUTHENTICATED`.

| Code | Status | Meaning | What to do |
|---|---|---|---|
";

const FOOT: &str = "
## Statuses

| Situation | `application/graphql-response+json` | `application/json` |
|---|---|---|
| executed, with or without failed fields | 200 | 200 |
| the document was refused | 400 | 200 |
| the session token is bad | 401 | 401 |
| the request was refused | as in the table above | as in the table above |
";

fn row(page: &mut String, cells: &[&str]) {
    for cell in cells {
        let mark = if is_code(cell) { "`" } else { "" };
        page.extend(["| ", mark, cell, mark, " "]);
    }
    page.push_str("|\n");
}

fn is_code(cell: &str) -> bool {
    cell.bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

fn of_use_case(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::Unauthenticated => ("the request carries no session", "sign in"),
        Code::Forbidden => ("the session may not do this", "sign in as somebody who may"),
        Code::NotFound => (
            "the thing does not exist, or not for this caller",
            "check its name",
        ),
        Code::InvalidInput => (
            "a value cannot be used; the sentence names the field",
            "correct the value",
        ),
        Code::WrongPhase => (
            "the period or draw stands elsewhere in its life",
            "look where it stands",
        ),
        Code::TooEarly => (
            "this is possible from a later moment",
            "wait until the moment named",
        ),
        Code::TooLate => (
            "the moment for this has passed",
            "do what the sentence says instead",
        ),
        Code::Conflict => (
            "somebody else changed the same thing at the same moment",
            "look again, then ask again",
        ),
        Code::Unavailable => (
            "something outside could not be reached: the database, the beacon, a witness; if it broke off in the middle, what was asked for may have been done",
            "ask again later, with the same `idempotencyKey` where you sent one",
        ),
        Code::NotSetUp => (
            "the operator has something to set up first",
            "tell the operator",
        ),
        Code::Internal => (
            "a fault of the server; it is in the server's log",
            "report it",
        ),
    }
}

fn of_document(code: DocumentCode) -> (&'static str, &'static str) {
    match code {
        DocumentCode::ParseFailed => ("the text is no GraphQL document", "correct its syntax"),
        DocumentCode::ValidationFailed => (
            "it does not fit the schema, has no such operation, or a variable has no good value",
            "compare it with the schema",
        ),
        DocumentCode::TooCostly => (
            "it asks for more than one request may: 2,000 tokens, 20 root fields, 30 aliases, 1,000 fields, depth 15, complexity 1,000, and one field that takes or sends a code or password",
            "ask in several requests, or for shorter lists",
        ),
        DocumentCode::PersistedQueryNotFound => (
            "a hash came without its document, and the document is not known here; the message is always `PersistedQueryNotFound`",
            "send the document with its hash",
        ),
        DocumentCode::NotTrusted => (
            "this server executes trusted documents alone, and this is none",
            "name a trusted document by its hash",
        ),
        DocumentCode::WrongTransport => (
            "a subscription without a stream to answer on, or a query or mutation on such a stream",
            "follow subscriptions over `graphql-transport-ws` or with `Accept: text/event-stream`; send the others as POST",
        ),
    }
}

fn of_request(refusal: Refusal) -> (&'static str, &'static str) {
    match refusal {
        Refusal::Malformed(_) => (
            "the body or the query string cannot be read as one request",
            "send one JSON object with a `query`",
        ),
        Refusal::MutationOverGet | Refusal::Method => (
            "a mutation over GET, or another method",
            "send mutations as POST",
        ),
        Refusal::Accept => (
            "no media type that the client accepts",
            "accept `application/json`",
        ),
        Refusal::Slow => ("the body did not come within ten seconds", "send it again"),
        Refusal::TooLong => (
            "the body is longer than 65,536 bytes",
            "ask in several requests",
        ),
        Refusal::MediaType => (
            "the body is not JSON in UTF-8, or is compressed",
            "send `application/json`",
        ),
        Refusal::RateLimited { .. } => (
            "the client's address or account has used up what it may have (`extensions.cost`, `rateLimit`); nothing was executed",
            "wait as long as the header `Retry-After` says",
        ),
        Refusal::TimedOut => (
            "finding out who asks, or a query, took too long and was given up; nothing was changed",
            "ask for less, or later",
        ),
        Refusal::Full => (
            "so many follow subscriptions, of this address or of all, that there is no place for another",
            "try again after `Retry-After`",
        ),
        Refusal::Overloaded => (
            "more is asked than the database answers in time; nothing was executed",
            "try again after `Retry-After`",
        ),
        Refusal::Unknown => (
            "a mutation did not come to its end within 30 seconds; it is never given up half-way, and nobody knows yet whether it will be done",
            "ask again after `Retry-After` with the same `idempotencyKey`, which gives the answer to the first request once that is done; a mutation without one: look first whether it was done",
        ),
    }
}
