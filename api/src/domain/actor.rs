//! Who is asking. A use case takes the proof it needs, so that GraphQL, the command line and jobs
//! cannot go round it.

use ::entity::{AccountId, ApplicantId};

use crate::error::{Error, Result};

/// Whoever sent a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nobody in particular.
    Anonymous,
    /// Somebody who has signed in to an account.
    Account(AccountHolder),
    /// An applicant who was let in at the counter, without an account.
    Applicant(Applicant),
    /// A signed-in reviewer.
    Reviewer(Reviewer),
    /// A signed-in officer.
    Officer(Officer),
    /// A signed-in approver.
    Approver(Approver),
    /// A signed-in auditor.
    Auditor(Auditor),
}

/// Proof that the caller has signed in to an account, whose phone was proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountHolder {
    id: AccountId,
    session: [u8; 32],
    applicant: Option<Applicant>,
}

/// Proof that the caller acts for one applicant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applicant {
    id: ApplicantId,
}

/// Proof that the caller may decide on applications: a reviewer, or an officer who acts as one.
///
/// Two of them with one name are one person, whatever they are signed in as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reviewer {
    name: String,
    session: Option<[u8; 32]>,
    is_officer: bool,
}

/// Proof that the caller may read the audit trail: an auditor, or an officer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Auditor {
    name: String,
    session: Option<[u8; 32]>,
}

/// Proof that the caller may decide on what an officer has proposed: an approver, who does nothing
/// else, or an officer who acts as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approver {
    name: String,
    session: Option<[u8; 32]>,
    is_officer: bool,
}

/// Proof that the caller may run the lottery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Officer {
    name: String,
    session: Option<[u8; 32]>,
}

/// Proof that the caller has the machine: somebody at the command line with the data folder.
#[derive(Debug)]
pub struct Operator;

/// Proof that it is time: the city's own calendar, which no person pushed. Made by whoever runs the
/// jobs.
#[derive(Debug)]
pub struct Worker;

impl AccountHolder {
    /// Made where a session was checked. `session` is the hash of its token, and `applicant` the
    /// person whom the account lets in, once there is one.
    #[must_use]
    pub fn new(id: AccountId, session: [u8; 32], applicant: Option<ApplicantId>) -> Self {
        Self {
            id,
            session,
            applicant: applicant.map(Applicant::new),
        }
    }

    /// The account.
    #[must_use]
    pub fn id(&self) -> AccountId {
        self.id
    }

    /// The person whom the account lets in, once there is one.
    #[must_use]
    pub fn applicant(&self) -> Option<&Applicant> {
        self.applicant.as_ref()
    }

    /// Hash of the token of the session that they speak through.
    #[must_use]
    pub fn session(&self) -> [u8; 32] {
        self.session
    }

    /// How the audit trail names them.
    #[must_use]
    pub fn actor(&self) -> String {
        format!("account:{}", self.id)
    }
}

impl Applicant {
    /// Made where a session was checked.
    #[must_use]
    pub fn new(id: ApplicantId) -> Self {
        Self { id }
    }

    /// The person.
    #[must_use]
    pub fn id(&self) -> ApplicantId {
        self.id
    }

    /// How the audit trail names them.
    #[must_use]
    pub fn actor(&self) -> String {
        format!("applicant:{}", self.id)
    }
}

impl Reviewer {
    /// Made where a session was checked; `session` is the hash of its token.
    #[must_use]
    pub fn signed_in(name: impl Into<String>, session: [u8; 32]) -> Self {
        Self {
            name: name.into(),
            session: Some(session),
            is_officer: false,
        }
    }

    /// The reviewer's name, as it stands in the audit trail.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How the audit trail names them.
    #[must_use]
    pub fn actor(&self) -> String {
        let role = if self.is_officer {
            "officer"
        } else {
            "reviewer"
        };
        format!("{role}:{}", self.name)
    }
}

impl Auditor {
    /// Made where somebody is known to be one without a session of their own.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            session: None,
        }
    }

    /// Made where a session was checked; `session` is the hash of its token.
    #[must_use]
    pub fn signed_in(name: impl Into<String>, session: [u8; 32]) -> Self {
        Self {
            name: name.into(),
            session: Some(session),
        }
    }

    /// The auditor's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Approver {
    /// Made where a session was checked; `session` is the hash of its token.
    #[must_use]
    pub fn signed_in(name: impl Into<String>, session: [u8; 32]) -> Self {
        Self {
            name: name.into(),
            session: Some(session),
            is_officer: false,
        }
    }

    /// Hash of the token of the session that they speak through.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`] for somebody who has not signed in.
    pub fn session(&self) -> Result<[u8; 32]> {
        signed_in(self.session)
    }

    /// The name, as it stands in the audit trail.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is an officer who acts as one.
    #[must_use]
    pub fn is_officer(&self) -> bool {
        self.is_officer
    }

    /// How the audit trail names them.
    #[must_use]
    pub fn actor(&self) -> String {
        let role = ["approver", "officer"][usize::from(self.is_officer)];
        format!("{role}:{}", self.name)
    }
}

impl Officer {
    /// Made at the command line of the machine, where somebody has only said who they are. It
    /// neither proposes nor approves of anything.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            session: None,
        }
    }

    /// Made where a session was checked; `session` is the hash of its token.
    #[must_use]
    pub fn signed_in(name: impl Into<String>, session: [u8; 32]) -> Self {
        Self {
            name: name.into(),
            session: Some(session),
        }
    }

    /// Hash of the token of the session that they speak through.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`] for somebody who has not signed in.
    pub fn session(&self) -> Result<[u8; 32]> {
        signed_in(self.session)
    }

    /// The officer's name, as it stands in the audit trail.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How the audit trail names them.
    #[must_use]
    pub fn actor(&self) -> String {
        format!("officer:{}", self.name)
    }

    /// The same person at a reviewer's desk.
    #[must_use]
    pub fn reviewer(&self) -> Reviewer {
        Reviewer {
            name: self.name.clone(),
            session: self.session,
            is_officer: true,
        }
    }

    /// The same person at an approver's desk.
    #[must_use]
    pub fn approver(&self) -> Approver {
        Approver {
            name: self.name.clone(),
            session: self.session,
            is_officer: true,
        }
    }
}

fn signed_in(session: Option<[u8; 32]>) -> Result<[u8; 32]> {
    let role = "an officer who has signed in";
    session.ok_or(Error::Forbidden { role })
}

impl Worker {
    /// How the audit trail names it.
    #[must_use]
    pub fn actor(&self) -> String {
        "calendar".to_owned()
    }
}

impl Actor {
    /// The proof that a use case for accounts needs.
    pub fn account(&self) -> Result<&AccountHolder> {
        match self {
            Self::Account(holder) => Ok(holder),
            other => Err(other.refused("an account")),
        }
    }

    /// The proof that a use case for applicants needs: an account has it from its first application
    /// on.
    pub fn applicant(&self) -> Result<&Applicant> {
        match self {
            Self::Account(holder) => holder.applicant.as_ref().ok_or(Error::Forbidden {
                role: "an account that has applied",
            }),
            Self::Applicant(applicant) => Ok(applicant),
            other => Err(other.refused("the applicant")),
        }
    }

    /// The proof that a use case for reviewers needs.
    pub fn reviewer(&self) -> Result<Reviewer> {
        match self {
            Self::Reviewer(reviewer) => Ok(reviewer.clone()),
            Self::Officer(officer) => Ok(officer.reviewer()),
            other => Err(other.refused("a reviewer or an officer")),
        }
    }

    /// The proof that a use case for officers needs.
    pub fn officer(&self) -> Result<&Officer> {
        match self {
            Self::Officer(officer) => Ok(officer),
            other => Err(other.refused("an officer")),
        }
    }

    /// The proof that deciding on what an officer has proposed needs.
    pub fn approver(&self) -> Result<Approver> {
        match self {
            Self::Approver(approver) => Ok(approver.clone()),
            Self::Officer(officer) => Ok(officer.approver()),
            other => Err(other.refused("an approver or an officer")),
        }
    }

    /// The proof that a use case for auditors needs.
    pub fn auditor(&self) -> Result<Auditor> {
        match self {
            Self::Auditor(auditor) => Ok(auditor.clone()),
            Self::Officer(officer) => Ok(Auditor::new(officer.name())),
            other => Err(other.refused("an auditor or an officer")),
        }
    }

    /// The name of somebody of the city, as it stands in the audit trail.
    #[must_use]
    pub fn find_name(&self) -> Option<&str> {
        match self {
            Self::Reviewer(reviewer) => Some(reviewer.name()),
            Self::Officer(officer) => Some(officer.name()),
            Self::Approver(approver) => Some(approver.name()),
            Self::Auditor(auditor) => Some(auditor.name()),
            Self::Account(_) | Self::Applicant(_) | Self::Anonymous => None,
        }
    }

    /// Hash of the token of the session of somebody of the city.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`] for anybody else, [`Error::Unauthenticated`] for nobody in particular.
    pub fn staff_session(&self) -> Result<[u8; 32]> {
        let session = match self {
            Self::Reviewer(reviewer) => reviewer.session,
            Self::Officer(officer) => officer.session,
            Self::Approver(approver) => approver.session,
            Self::Auditor(auditor) => auditor.session,
            Self::Account(_) | Self::Applicant(_) | Self::Anonymous => None,
        };
        session.ok_or_else(|| self.refused("somebody of the city"))
    }

    fn refused(&self, role: &'static str) -> Error {
        match self {
            Self::Anonymous => Error::Unauthenticated,
            _ => Error::Forbidden { role },
        }
    }
}
