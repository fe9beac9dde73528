//! Which mutations are done once under a key, and why the others are not.

/// Those that take no `idempotencyKey`, each with the reason.
pub(super) const KEYLESS: &[(&str, &str)] = &[
    ("acknowledgeInstructions", AGAIN),
    ("assignApplicant", AGAIN),
    ("changePassword", SECRET),
    ("claimApplication", AGAIN),
    (
        "claimApplications",
        "claims are yours alone, stand in the queue, and run out by themselves",
    ),
    ("confirmStaffPassword", SECRET),
    ("discardDraft", ENDED),
    ("endSession", ENDED),
    ("finishPasskeyRegistration", ANSWERED),
    ("finishPasskeySignIn", ANSWERED),
    ("markMessageRead", AGAIN),
    ("recoverApplicationCodes", SECRET),
    ("refuseApproval", ENDED),
    ("register", SECRET),
    ("releaseClaim", ENDED),
    ("requestCode", WAIT),
    ("requestConfirmation", WAIT),
    ("requestPhoneChange", WAIT),
    ("resetPassword", SECRET),
    ("revealContribution", AGAIN),
    (
        "saveApplicationForm",
        "nothing of a draft counts until it is confirmed, and the answer shows what is saved",
    ),
    ("setStaffPassword", SECRET),
    ("signIn", SECRET),
    ("signInStaff", SECRET),
    ("signInWithCode", SECRET),
    ("signOut", ENDED),
    ("startApplication", AGAIN),
    ("startPasskeyRegistration", CHALLENGE),
    ("startPasskeySignIn", CHALLENGE),
    (
        "viewForm",
        "every look is a line in the audit trail, the second one too",
    ),
    ("withdrawApproval", ENDED),
];

const AGAIN: &str = "asked again it changes nothing, and gives the same answer";
const ENDED: &str = "asked again it says that the thing is gone, as was asked";
const SECRET: &str = "it answers a password or proves a phone; neither a token nor a password is kept, \
                      so sign in again";
const ANSWERED: &str = "an authenticator's answer is taken once; begin again";
const CHALLENGE: &str =
    "each time it asks an authenticator anew, and nothing comes of it without an answer";
const WAIT: &str = "a code a minute is sent at most, and the earlier one stays good";

/// What stands above the table.
const HEAD: &str = "# What mutations answer

<!-- Generated from tests/it/outcomes.rs: UPDATE_DOCS=1 cargo test -p fairplate-tests outcomes -->

Every mutation takes one argument, `input`, and gives one payload.
A payload is either one type, or a union of **what was asked for, done** (its first member) and **refusals**: outcomes in which it was not done.

- Every outcome implements `Outcome` and every refusal implements `Refusal`.
  A refusal has an `explanation` for people, in Chinese and English: a client that meets one that it does not know shows that.
- `clientMutationId` is any text of the client's own, at most 64 characters, and comes back on the outcome, as Relay wants it.
  It means nothing to the city.
- `idempotencyKey` makes it safe to ask again when an answer was lost.
  It is 8 to 64 letters, digits, `-` and `_`, chosen by the client for one request; a random UUID is a good one.
  The same key with the same input gives the first answer again, about the things as they are now, and nothing is done twice, also when two requests meet.
  The same key with another input or another mutation is an error, `INVALID_INPUT`.
  A key is the caller's own, and is remembered for two days.
  A refusal, an error and a crash before the work was done leave the key free: ask again with the same one.

```graphql
mutation Cancel($id: ID!, $key: String!) {
  cancelApplication(input: { applicationId: $id, idempotencyKey: $key, clientMutationId: \"cancel-1\" }) {
    __typename
    ... on Outcome { clientMutationId }
    ... on ApplicationCancelled { application { status } }
    ... on Refusal { explanation(locale: EN) }
  }
}
```

| mutation | done | refusals | key |
|---|---|---|---|
";

/// A mutation, its outcomes, and whether it takes a key.
pub(super) struct Row {
    pub(super) mutation: String,
    pub(super) outcomes: Vec<String>,
    pub(super) is_keyed: bool,
}

/// The page of `docs/api`.
pub(super) fn page(rows: &[Row]) -> String {
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    lines.sort();
    format!("{HEAD}{}", lines.concat())
}

fn line(row: &Row) -> String {
    let spelt = |names: &[String]| {
        let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        names.join(", ")
    };
    let (done, refusals) = row.outcomes.split_at(1);
    let key = if row.is_keyed {
        "yes".to_owned()
    } else {
        let reason = KEYLESS.iter().find(|(name, _)| *name == row.mutation);
        let (_, reason) = reason.unwrap_or_else(|| panic!("{} has no reason", row.mutation));
        format!("no: {reason}")
    };
    format!(
        "| `{}` | {} | {} | {key} |\n",
        row.mutation,
        spelt(done),
        spelt(refusals)
    )
}
