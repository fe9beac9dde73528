//! The one error type of the server.
//!
//! A variant exists when a caller would act differently on it. Expected outcomes of the city's
//! rules are data, never errors; whatever a caller cannot act on is [`Error::Internal`], whose
//! cause is logged once, at the edge, and never sent.

use chrono::{DateTime, SecondsFormat, Utc};

/// What the server's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request carries no session, or one that has ended.
    #[error("sign in first")]
    Unauthenticated,
    /// The session may not do this.
    #[error("only {role} may do this")]
    Forbidden {
        /// Who may.
        role: &'static str,
    },
    /// The thing does not exist, or not for this caller.
    #[error("there is no {what} {id}")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// By which name.
        id: String,
    },
    /// A value of the request cannot be used.
    #[error("{field}: {reason}")]
    InvalidInput {
        /// The field, as the caller named it.
        field: String,
        /// What was expected, what was there, and what to do.
        reason: String,
    },
    /// The thing stands elsewhere in its life than this needs.
    #[error("the {what} is {actual}; this needs it {needed}")]
    WrongPhase {
        /// A period or a draw, with its name.
        what: String,
        /// Where it would have to stand.
        needed: &'static str,
        /// Where it stands.
        actual: &'static str,
    },
    /// What is asked for cannot happen before a moment.
    #[error("{what} is possible from {}", at.to_rfc3339_opts(SecondsFormat::Secs, true))]
    TooEarly {
        /// What was asked for.
        what: &'static str,
        /// From when it is possible.
        at: DateTime<Utc>,
    },
    /// The moment for it has passed.
    #[error("{what} was possible until {}; {remedy}", at.to_rfc3339_opts(SecondsFormat::Secs, true))]
    TooLate {
        /// What was asked for.
        what: &'static str,
        /// Until when it was possible.
        at: DateTime<Utc>,
        /// What to do now.
        remedy: &'static str,
    },
    /// A record waits for a signature from a machine without network, and nothing is recorded before it.
    #[error(
        "the {kind} of {subject} waits for its signature, and nothing else is recorded before it: import the signed file with `fairplate draw import`, or drop the record with `fairplate draw drop-unsigned {subject}`"
    )]
    AwaitsSignature {
        /// The draw, or what a change of keys is called.
        subject: String,
        /// Which step waits.
        kind: &'static str,
    },
    /// Somebody else changed the same thing at the same moment.
    #[error("{what} was changed by somebody else at the same moment; look at it and ask again")]
    Conflict {
        /// The thing.
        what: String,
    },
    /// Something outside could not be reached or did not give what it should; asking again helps.
    #[error("{what} is not available now: {reason}")]
    Unavailable {
        /// The beacon, a witness …
        what: &'static str,
        /// What was tried and what came back.
        reason: String,
    },
    /// The operator has something to set up first.
    #[error("{0}")]
    NotSetUp(String),
    /// Our fault.
    #[error("internal error")]
    Internal(#[source] anyhow::Error),
}

/// What a client program branches on. The set is part of the public API; the sentences are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// See [`Error::Unauthenticated`].
    Unauthenticated,
    /// See [`Error::Forbidden`].
    Forbidden,
    /// See [`Error::NotFound`].
    NotFound,
    /// See [`Error::InvalidInput`].
    InvalidInput,
    /// See [`Error::WrongPhase`] and [`Error::AwaitsSignature`].
    WrongPhase,
    /// See [`Error::TooEarly`].
    TooEarly,
    /// See [`Error::TooLate`].
    TooLate,
    /// See [`Error::Conflict`].
    Conflict,
    /// See [`Error::Unavailable`].
    Unavailable,
    /// See [`Error::NotSetUp`].
    NotSetUp,
    /// See [`Error::Internal`].
    Internal,
}

impl Error {
    /// Crossing into "our fault" is a decision, made where the reason is known; hence not `From`.
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        Self::Internal(cause.into())
    }

    /// A value of the request that cannot be used.
    pub fn invalid(field: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        Self::InvalidInput {
            field: field.into(),
            reason: reason.to_string(),
        }
    }

    /// A thing that does not exist.
    pub fn not_found(what: &'static str, id: impl std::fmt::Display) -> Self {
        Self::NotFound {
            what,
            id: id.to_string(),
        }
    }

    /// The code that goes to client programs.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Unauthenticated => Code::Unauthenticated,
            Self::Forbidden { .. } => Code::Forbidden,
            Self::NotFound { .. } => Code::NotFound,
            Self::InvalidInput { .. } => Code::InvalidInput,
            Self::WrongPhase { .. } | Self::AwaitsSignature { .. } => Code::WrongPhase,
            Self::TooEarly { .. } => Code::TooEarly,
            Self::TooLate { .. } => Code::TooLate,
            Self::Conflict { .. } => Code::Conflict,
            Self::Unavailable { .. } => Code::Unavailable,
            Self::NotSetUp(_) => Code::NotSetUp,
            Self::Internal(_) => Code::Internal,
        }
    }
}

/// A database failure is not the caller's doing: expected conflicts are turned into their own variant
/// by the store before they get here. That somebody else holds what this waits for passes, and so does a
/// database that is away; and a text that PostgreSQL cannot hold is the caller's after all.
impl From<sea_orm::DbErr> for Error {
    fn from(cause: sea_orm::DbErr) -> Self {
        if is_wait_given_up(&cause) {
            return Self::Unavailable {
                what: "the database",
                reason: "others hold what this waits for; ask again".to_owned(),
            };
        }
        if is_without_room(&cause) {
            return Self::Unavailable {
                what: "the database",
                reason: "its disk has no room; make room and ask again".to_owned(),
            };
        }
        if is_away(&cause) {
            return Self::Unavailable {
                what: "the database",
                reason:
                    "it does not answer; ask again, with the same idempotencyKey where you sent one"
                        .to_owned(),
            };
        }
        if sql_state(&cause).as_deref() == Some(NO_TEXT) {
            return Self::invalid(
                "input",
                "a text has the character U+0000, which no text has",
            );
        }
        Self::internal(cause)
    }
}

/// PostgreSQL's `character_not_in_repertoire`.
const NO_TEXT: &str = "22021";

/// The code that a database gave its refusal, where it did.
fn sql_state(cause: &sea_orm::DbErr) -> Option<String> {
    use sea_orm::{DbErr, RuntimeErr};

    let (DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))
    | DbErr::Conn(RuntimeErr::SqlxError(error))) = cause
    else {
        return None;
    };
    let code = error.as_database_error()?.code()?;
    Some(code.into_owned())
}

/// Whether the database was not there, or went away: no connection, one that broke, or a server that
/// starts, stops, takes no more connections or is a standby that nobody has promoted yet (PostgreSQL's
/// classes 08 and 57P, 53300, 25006).
fn is_away(cause: &sea_orm::DbErr) -> bool {
    use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

    let (DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))
    | DbErr::Conn(RuntimeErr::SqlxError(error))) = cause
    else {
        return matches!(
            cause,
            DbErr::ConnectionAcquire(ConnAcquireErr::Timeout | ConnAcquireErr::ConnectionClosed)
        );
    };
    match &**error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            code.starts_with("08")
                || code.starts_with("57P")
                || matches!(code.as_ref(), "53300" | "25006")
        }),
        _ => false,
    }
}

/// Whether the disk under the database is full: PostgreSQL's `disk_full`, or `SQLITE_FULL`. Nothing of
/// the transaction was done.
fn is_without_room(cause: &sea_orm::DbErr) -> bool {
    sql_state(cause).is_some_and(|code| matches!(code.as_str(), "53100" | "13"))
}

/// Whether a statement or a transaction waited as long as it may: for a connection, for a row of
/// PostgreSQL (`lock_not_available`), or for the writer before it in SQLite (`SQLITE_BUSY`).
fn is_wait_given_up(cause: &sea_orm::DbErr) -> bool {
    use sea_orm::{ConnAcquireErr, DbErr};

    matches!(cause, DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))
        || sql_state(cause).is_some_and(|code| matches!(code.as_str(), "55P03" | "5"))
}

impl Code {
    /// All codes, for the documents.
    pub const ALL: &[Self] = &[
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::InvalidInput,
        Self::WrongPhase,
        Self::TooEarly,
        Self::TooLate,
        Self::Conflict,
        Self::Unavailable,
        Self::NotSetUp,
        Self::Internal,
    ];

    /// The code as it is written in `extensions.code`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::InvalidInput => "INVALID_INPUT",
            Self::WrongPhase => "WRONG_PHASE",
            Self::TooEarly => "TOO_EARLY",
            Self::TooLate => "TOO_LATE",
            Self::Conflict => "CONFLICT",
            Self::Unavailable => "UNAVAILABLE",
            Self::NotSetUp => "NOT_SET_UP",
            Self::Internal => "INTERNAL",
        }
    }

    /// The exit code of the command line for this code: 2 for the caller's mistakes, 3 where the
    /// same call may succeed later, 1 for our fault.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Internal => 1,
            Self::TooEarly | Self::Conflict | Self::Unavailable => 3,
            _ => 2,
        }
    }
}
