//! Who may call what, as a table for people.

/// Who gets past the door; what is refused behind it is another matter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Open {
    /// Anybody.
    Everyone,
    /// Anybody who has signed in to an account.
    Accounts,
    /// Anybody who has signed in, to an account or as somebody of the city.
    WithSession,
    /// Whoever is signed in with an inbox: applicants, and officers, who share one.
    SignedIn,
    /// The applicant whose application it is.
    Owner,
    /// The same, or a reviewer or an officer; to another applicant it does not exist.
    OwnerOrReviewer,
    /// The same, and to everybody else it does not exist.
    WhoMaySee,
    /// Reviewers, and officers in their place.
    Reviewers,
    /// Whoever is signed in as an applicant.
    Applicants,
    /// Officers.
    Officers,
    /// Approvers, and officers.
    Approvers,
    /// Auditors, and officers.
    Auditors,
}

impl Open {
    /// How far each column of the table comes: anonymous, applicant, other applicant, reviewer,
    /// officer, approver, auditor.
    pub(super) fn expected(self) -> [Reached; 7] {
        use Reached::{Behind, DoesNotExist, NotTheirs, SignInFirst};
        const NOT: Reached = NotTheirs;
        match self {
            Self::Everyone => [Behind; 7],
            Self::WithSession => [SignInFirst, Behind, Behind, Behind, Behind, Behind, Behind],
            Self::SignedIn => [SignInFirst, Behind, Behind, NOT, Behind, NOT, NOT],
            Self::Owner => [SignInFirst, Behind, DoesNotExist, NOT, NOT, NOT, NOT],
            Self::OwnerOrReviewer => [SignInFirst, Behind, DoesNotExist, Behind, Behind, NOT, NOT],
            Self::WhoMaySee => [
                DoesNotExist,
                Behind,
                DoesNotExist,
                Behind,
                Behind,
                DoesNotExist,
                DoesNotExist,
            ],
            Self::Accounts | Self::Applicants => [SignInFirst, Behind, Behind, NOT, NOT, NOT, NOT],
            Self::Reviewers => [SignInFirst, NOT, NOT, Behind, Behind, NOT, NOT],
            Self::Officers => [SignInFirst, NOT, NOT, NOT, Behind, NOT, NOT],
            Self::Approvers => [SignInFirst, NOT, NOT, NOT, Behind, Behind, NOT],
            Self::Auditors => [SignInFirst, NOT, NOT, NOT, Behind, NOT, Behind],
        }
    }
}

/// How far somebody comes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Reached {
    Behind,
    SignInFirst,
    NotTheirs,
    DoesNotExist,
}

/// The table for people, as it stands under `docs/api`.
pub(super) fn page(table: &[(&str, Open, &str)]) -> String {
    const HEAD: &str = "# Who may call what

<!-- Generated from tests/it/access.rs: UPDATE_DOCS=1 cargo test -p fairplate-tests schema -->

Every root field of the schema, and how far each kind of caller comes.

- **yes**: gets past the door. What the rules of the city say behind it is another matter.
- **no**: `FORBIDDEN`.
- **sign in**: `UNAUTHENTICATED`.
- **nothing there**: the answer is the same as for an application that does not exist.

An applicant is the one whose application it is about; another applicant is anybody else who has applied.
An officer may do what a reviewer may, and decide on another officer's proposals as an approver does; a reviewer sees the form of an application only while the claim on it is theirs.
A test calls every field as every one of them, on both databases, and fails for a field without a row.

| field | anonymous | applicant | another applicant | reviewer | officer | approver | auditor |
|---|---|---|---|---|---|---|---|
";
    let mut rows: Vec<String> = table
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
