//! Applications that may be one person's.
//!
//! The same identity number twice is impossible: `applicant_id_number_once` makes it one person, and
//! `application_live_once` gives that person one live application. What is left are two persons
//! that give the same phone, or the same e-mail address and the same day of birth: that is often a
//! family and sometimes a fraud, and somebody has to say which before a pool is frozen.

use ::entity::{
    ApplicantId, ApplicationId, application, contact_index, duplicate_flag, review, review_claim,
};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use crate::{
    app::{App, EMAIL_AND_BIRTH_DATE},
    domain::{
        actor::{Applicant, Reviewer},
        email, identity_number,
        span::Span,
    },
    error::{Error, Result},
    ids,
    policy::IdentityNumberFormat,
    service::{
        once::{Again, keep},
        reviews, rules, trail,
    },
    store,
};

pub use crate::store::duplicates::Filter;

/// The reason of the policy for which the second application of one person is refused.
const REASON: &str = "DUPLICATE_APPLICATION";

/// What a form says that can be compared with others.
pub(super) struct Contact<'a> {
    /// Number of the identity document, which holds the day of birth where it is an identity card's.
    pub(super) id_number: &'a str,
    /// E-mail address, if given.
    pub(super) email: Option<&'a str>,
}

/// Keeps what a new application can be compared by, and flags those that gave the same.
pub(super) async fn watch(
    app: &App,
    txn: &DatabaseTransaction,
    row: &application::Model,
    contact: &Contact<'_>,
) -> Result<()> {
    if let Some(value) = email_and_birth_date(app, &row.identity_type, contact) {
        let digest = app.data_key.blind_index(EMAIL_AND_BIRTH_DATE, &value);
        let index = contact_index::Model {
            city_id: app.city,
            application_id: row.id,
            kind: contact_index::Kind::EmailAndBirthDate,
            digest: digest.to_vec(),
        };
        store::contacts::insert(txn, index).await?;
    }
    raise(app, txn, row, &Applicant::new(row.applicant_id).actor()).await
}

/// Both in one value; none without an address, or where the document does not tell the day.
fn email_and_birth_date(app: &App, identity_type: &str, contact: &Contact<'_>) -> Option<String> {
    let address = email::normalise(contact.email?);
    let document = app.policy.find_identity_type(identity_type)?.number;
    if document != IdentityNumberFormat::Gb11643 {
        return None;
    }
    let born = identity_number::birth_date(contact.id_number)?;
    Some(format!("{address} {born}"))
}

/// Flags every other person's live application that gave the same contact as this one. A pair that
/// was flagged before stays as it is, resolved or not. `actor` is whose doing it is.
pub(super) async fn raise(
    app: &App,
    txn: &DatabaseTransaction,
    row: &application::Model,
    actor: &str,
) -> Result<()> {
    let mut contacts = store::contacts::list(txn, app.city, row.id).await?;
    let person = store::applicants::get(txn, app.city, row.applicant_id).await?;
    // A phone is the person's and may change: what is on file now is compared.
    contacts.push(contact_index::Model {
        city_id: app.city,
        application_id: row.id,
        kind: contact_index::Kind::Phone,
        digest: person.phone_index,
    });
    store::contacts::hold(txn, &contacts).await?;
    for contact in &contacts {
        for other in store::contacts::list_others(txn, contact, row.applicant_id).await? {
            flag(app, txn, contact.kind, (row, &other), actor).await?;
        }
    }
    Ok(())
}

/// The same for every live application of a person whose phone is another one now.
pub(super) async fn raise_for(
    app: &App,
    txn: &DatabaseTransaction,
    person: ApplicantId,
    actor: &str,
) -> Result<()> {
    for row in store::applications::list_of_applicant(txn, app.city, person).await? {
        if row.status.is_live() {
            raise(app, txn, &row, actor).await?;
        }
    }
    Ok(())
}

async fn flag(
    app: &App,
    txn: &DatabaseTransaction,
    kind: contact_index::Kind,
    (row, other): (&application::Model, &application::Model),
    actor: &str,
) -> Result<()> {
    let now = app.clock.now();
    // In one order for everybody, so that a pair is spelled in one way.
    let (earlier, later) = if (other.submitted_at, other.id) < (row.submitted_at, row.id) {
        (other, row)
    } else {
        (row, other)
    };
    let flag = duplicate_flag::Model {
        city_id: app.city,
        id: ids::uuid_v7(now),
        kind,
        earlier_id: earlier.id,
        later_id: later.id,
        raised_at: now,
        resolution: None,
        resolved_by: None,
        resolved_at: None,
        note: None,
    };
    if !store::duplicates::insert(txn, flag).await? {
        return Ok(());
    }
    let same = match kind {
        contact_index::Kind::Phone => "phone",
        contact_index::Kind::EmailAndBirthDate => "email_and_birth_date",
    };
    let detail = serde_json::json!({ "same": same, "other": other.code });
    let actor = actor.to_owned();
    trail::note(app, txn, actor, "duplicates.raise", &row.code, detail).await
}

/// A part of the flags, oldest first.
pub async fn list(
    app: &App,
    _: &Reviewer,
    filter: &Filter,
    span: Span<Uuid>,
) -> Result<Vec<duplicate_flag::Model>> {
    store::duplicates::list(&app.db, app.city, filter, span).await
}

/// One flag, if there is one.
pub async fn find(app: &App, _: &Reviewer, id: Uuid) -> Result<Option<duplicate_flag::Model>> {
    store::duplicates::find(&app.db, app.city, id).await
}

/// The applications on the sides of these flags.
pub async fn list_applications(
    app: &App,
    _: &Reviewer,
    flags: &[duplicate_flag::Model],
) -> Result<Vec<application::Model>> {
    let sides = flags
        .iter()
        .flat_map(|flag| [flag.earlier_id, flag.later_id]);
    let ids: Vec<ApplicationId> = sides.collect();
    store::applications::list_by_ids(&app.db, app.city, &ids).await
}

/// Refuses while an unresolved flag touches the pools of a period.
pub(super) async fn require_resolved(
    app: &App,
    txn: &DatabaseTransaction,
    period: &str,
) -> Result<()> {
    let open = store::duplicates::count_touching(txn, app.city, period).await?;
    if open == 0 {
        return Ok(());
    }
    Err(Error::invalid(
        "period",
        format!(
            "{open} duplicate flags on the pools of period {period} are not resolved; resolve them first"
        ),
    ))
}

/// What an officer says two flagged applications are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Two persons who share the contact.
    DifferentPersons,
    /// Two persons, one of whom gave the other's contact by mistake.
    ContactMistaken,
    /// One person. The application with this code is refused, the other one stands.
    SamePerson {
        /// Code of the application to refuse.
        refused: String,
    },
}

/// What became of an answer.
#[derive(Debug)]
pub enum Resolved {
    /// It stands.
    Done(duplicate_flag::Model),
    /// The flag was resolved before, and that stands.
    AlreadyResolved(duplicate_flag::Model),
    /// The application to refuse is in the frozen pool of this draw: it can be refused when the draw
    /// has ended.
    InFrozenPool(String),
    /// Somebody else works on the application to refuse.
    ClaimedByAnother(review_claim::Model),
}

impl Again for Resolved {
    async fn again(app: &App, subject: &str) -> Result<Self> {
        let id = Uuid::parse_str(subject).map_err(Error::internal)?;
        let flag = store::duplicates::get(&app.db, app.city, id).await?;
        Ok(Self::Done(flag))
    }
}

/// Says what a flag means. `note` is the reason, for colleagues; it is sealed.
///
/// # Errors
///
/// [`Error::InvalidInput`] for a note that is empty or too long, or for a code that is on neither
/// side of the flag or whose application has ended.
pub async fn resolve(
    app: &App,
    reviewer: &Reviewer,
    id: Uuid,
    answer: &Answer,
    note: &str,
) -> Result<Resolved> {
    let note = reviews::written("note", note)?;
    let txn = store::begin(&app.db).await?;
    rules::lock_shared(app, &txn).await?;
    let flag = store::duplicates::lock(&txn, app.city, id).await?;
    if flag.resolution.is_some() {
        return Ok(Resolved::AlreadyResolved(flag));
    }
    if let Answer::SamePerson { refused } = answer
        && let Some(obstacle) = refuse(app, &txn, reviewer, &flag, refused, note).await?
    {
        return Ok(obstacle);
    }
    let place = format!("duplicate_flag/{}/{id}", app.city);
    let resolution = match answer {
        Answer::DifferentPersons => duplicate_flag::Resolution::DifferentPersons,
        Answer::ContactMistaken => duplicate_flag::Resolution::ContactMistaken,
        Answer::SamePerson { .. } => duplicate_flag::Resolution::SamePerson,
    };
    let resolved = store::duplicates::Resolved {
        resolution,
        by: reviewer.name().to_owned(),
        at: app.clock.now(),
        note: app.data_key.seal(&place, note.as_bytes()),
    };
    let flag = store::duplicates::resolve(&txn, flag, resolved).await?;
    leave_trail(app, &txn, reviewer, &flag, resolution).await?;
    keep(app, &txn, id).await?;
    txn.commit().await?;
    Ok(Resolved::Done(flag))
}

/// One line for each side, so that either code leads an auditor there.
async fn leave_trail(
    app: &App,
    txn: &DatabaseTransaction,
    reviewer: &Reviewer,
    flag: &duplicate_flag::Model,
    resolution: duplicate_flag::Resolution,
) -> Result<()> {
    let earlier = store::applications::get(txn, app.city, flag.earlier_id).await?;
    let later = store::applications::get(txn, app.city, flag.later_id).await?;
    let resolution = match resolution {
        duplicate_flag::Resolution::DifferentPersons => "different_persons",
        duplicate_flag::Resolution::ContactMistaken => "contact_mistaken",
        duplicate_flag::Resolution::SamePerson => "same_person",
    };
    for (one, other) in [(&earlier, &later), (&later, &earlier)] {
        let detail = serde_json::json!({ "resolution": resolution, "other": other.code });
        let actor = reviewer.actor();
        trail::note(app, txn, actor, "duplicates.resolve", &one.code, detail).await?;
    }
    Ok(())
}

/// Refuses one side of a flag, or says what stands in the way.
async fn refuse(
    app: &App,
    txn: &DatabaseTransaction,
    reviewer: &Reviewer,
    flag: &duplicate_flag::Model,
    code: &str,
    note: &str,
) -> Result<Option<Resolved>> {
    if app.policy.find_review_reason(REASON).is_none() {
        return Err(Error::NotSetUp(format!(
            "{} has no review reason {REASON}; add it to the policy",
            app.policy.key
        )));
    }
    let row = store::applications::lock_by_code(txn, app.city, code).await?;
    require_refusable(flag, &row)?;
    let (city, now) = (app.city, app.clock.now());
    let claim = store::claims::find_live(txn, city, row.id, now).await?;
    if let Some(claim) = claim.filter(|claim| claim.reviewer != reviewer.name()) {
        return Ok(Some(Resolved::ClaimedByAnother(claim)));
    }
    let draw = store::pools::find_locking_draw(txn, city, &row.category, &row.code).await?;
    if let Some(draw) = draw {
        return Ok(Some(Resolved::InFrozenPool(draw)));
    }
    let ruling = reviews::Ruling {
        kind: review::Kind::Duplicate,
        decision: review::Decision::Refused,
        reasons: REASON,
        note: Some(note),
    };
    reviews::record(app, txn, reviewer, &row, &ruling).await?;
    Ok(None)
}

fn require_refusable(flag: &duplicate_flag::Model, row: &application::Model) -> Result<()> {
    if ![flag.earlier_id, flag.later_id].contains(&row.id) || !row.status.is_live() {
        return Err(Error::invalid(
            "refusedCode",
            "expected the code of a live application on one side of the flag",
        ));
    }
    if row.status == application::Status::SecondLook {
        return Err(Error::invalid(
            "refusedCode",
            "the application waits for a second look, which is for a reviewer of its own; decide on that",
        ));
    }
    Ok(())
}
