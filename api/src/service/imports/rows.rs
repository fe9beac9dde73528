//! The rows of one line, in the tables that they go to.

use ::entity::{
    ApplicantId, ApplicationId,
    application::Status as Stands,
    ban,
    certificate::{Origin, Status},
};
use chrono::NaiveDate;
use sea_orm::ActiveEnum as _;
use uuid::Uuid;

use super::{Report, history::History, line::Line, won::Won};
use crate::{
    app::{App, ID_NUMBER, PHONE, Person},
    domain::CertificateNumber,
    error::Result,
    ids,
    policy::ResetEvent,
    service::certificates,
    store::{
        self,
        bulk::{Load, Piece, Table, Value},
    },
};

const APPLICANTS: Table = Table {
    name: "applicant",
    columns: &[
        "city_id",
        "id",
        "id_number_index",
        "phone_index",
        "sealed",
        "registered_at",
    ],
};

const APPLICATIONS: Table = Table {
    name: "application",
    columns: &[
        "city_id",
        "id",
        "applicant_id",
        "category",
        "code",
        "status",
        "identity_type",
        "period_number",
        "licence_classes",
        "sealed",
        "submitted_at",
        "tier_joined_at",
    ],
};

const PARTICIPATIONS: Table = Table {
    name: "participation",
    columns: &[
        "city_id",
        "applicant_id",
        "period_number",
        "kind",
        "published_on",
    ],
};

const CERTIFICATES: Table = Table {
    name: "certificate",
    columns: &[
        "city_id",
        "number",
        "applicant_id",
        "application_id",
        "category",
        "origin",
        "period_number",
        "policy_digest",
        "status",
        "issued_on",
        "expires_on",
        "ended_on",
        "told_days",
    ],
};

const BANS: Table = Table {
    name: "ban",
    columns: &[
        "city_id",
        "id",
        "applicant_id",
        "begins_on",
        "ends_on",
        "reason",
        "certificate_number",
        "imposed_at",
    ],
};

const FLAGS: Table = Table {
    name: "duplicate_flag",
    columns: &[
        "city_id",
        "id",
        "kind",
        "earlier_id",
        "later_id",
        "raised_at",
    ],
};

const AUDIT: Table = Table {
    name: "audit",
    columns: &[
        "city_id", "id", "at", "actor", "action", "subject", "detail",
    ],
};

/// The tables' rows that wait to be written.
pub(super) struct Rows {
    applicants: Piece,
    applications: Piece,
    participations: Piece,
    certificates: Piece,
    bans: Piece,
    ids: ids::Ascending,
    /// Smaller than every id of this load.
    first: Uuid,
}

impl Rows {
    /// No rows yet, for this load.
    pub(super) fn new(app: &App, load: &Load) -> Self {
        let ids = ids::Ascending::from(app.clock.now());
        Self {
            applicants: load.piece(),
            applications: load.piece(),
            participations: load.piece(),
            certificates: load.piece(),
            bans: load.piece(),
            first: ids.next_id(),
            ids,
        }
    }

    /// How many lines wait.
    pub(super) fn lines(&self) -> usize {
        self.applicants.rows()
    }

    /// Writes what waits.
    pub(super) async fn write(&mut self, load: &mut Load) -> Result<()> {
        load.write(&APPLICANTS, &mut self.applicants).await?;
        load.write(&APPLICATIONS, &mut self.applications).await?;
        load.write(&PARTICIPATIONS, &mut self.participations)
            .await?;
        load.write(&CERTIFICATES, &mut self.certificates).await?;
        load.write(&BANS, &mut self.bans).await
    }

    /// Flags the live applications that give the same phone as another person's, in the load's own
    /// transaction; gives how many pairs.
    pub(super) async fn flag(&self, app: &App, load: &mut Load) -> Result<u64> {
        let pairs = load.list_sharing_a_phone(app.city, self.first).await?;
        let (now, mut flags, mut audit) = (app.clock.now(), load.piece(), load.piece());
        let flagged = pairs.len() as u64;
        for pair in pairs {
            flags.push(&[
                Value::Int(i64::from(app.city.0)),
                Value::Uuid(self.ids.next_id()),
                Value::Text("phone"),
                Value::Uuid(pair.earlier),
                Value::Uuid(pair.later),
                Value::Instant(now),
            ])?;
            let detail = serde_json::json!({ "same": "phone", "other": pair.earlier_code });
            let (action, subject) = ("duplicates.raise", &pair.later_code);
            self.push_audit(app, &mut audit, action, subject, &detail)?;
        }
        load.write(&FLAGS, &mut flags).await?;
        load.write(&AUDIT, &mut audit).await?;
        Ok(flagged)
    }

    /// Notes the import in the audit trail, in the load's own transaction.
    pub(super) async fn note(&self, app: &App, report: &Report, load: &mut Load) -> Result<()> {
        let detail = serde_json::json!({
            "applicants": report.applicants,
            "participations": report.participations,
            "certificates": report.certificates,
            "bans": report.bans,
            "flags": report.flags,
            "refused": report.refused,
        });
        let mut row = load.piece();
        let (action, subject) = ("imports.load", &app.policy.city.key);
        self.push_audit(app, &mut row, action, subject, &detail)?;
        load.write(&AUDIT, &mut row).await
    }

    fn push_audit(
        &self,
        app: &App,
        rows: &mut Piece,
        action: &str,
        subject: &str,
        detail: &serde_json::Value,
    ) -> Result<()> {
        rows.push(&[
            Value::Int(i64::from(app.city.0)),
            Value::Uuid(self.ids.next_id()),
            Value::Instant(store::trail::kept(app.clock.now())),
            Value::Text("operator"),
            Value::Text(action),
            Value::Text(subject),
            Value::Text(&detail.to_string()),
        ])
    }

    /// Adds one line's rows, and counts them.
    pub(super) fn push(
        &mut self,
        app: &App,
        history: &History,
        line: &Line,
        report: &mut Report,
    ) -> Result<()> {
        let person = ApplicantId(self.ids.next_id());
        let application = ApplicationId(self.ids.next_id());
        self.push_person(app, line, person)?;
        self.push_application(app, history, line, (person, application))?;
        for index in &line.periods {
            let period = history.get(*index);
            let entry = (period.number.as_str(), "participated", period.published_on);
            self.push_participation(app, person, entry)?;
        }
        report.applicants += 1;
        report.participations += line.periods.len() as u64;
        let Some(won) = &line.won else {
            return Ok(());
        };
        report.certificates += 1;
        report.bans += u64::from(won.ban.is_some());
        if let Some(day) = reset_on(app, history, won) {
            let period = history.get(won.period).number.as_str();
            self.push_participation(app, person, (period, "reset", day))?;
        }
        self.push_won(app, history, line, won, (person, application))
    }

    fn push_person(&mut self, app: &App, line: &Line, person: ApplicantId) -> Result<()> {
        let sealed = app.seal_person(
            person,
            &Person {
                name: &line.name,
                id_number: &line.id_number,
                phone: &line.phone,
            },
        )?;
        self.applicants.push(&[
            Value::Int(i64::from(app.city.0)),
            Value::Uuid(person.0),
            Value::Bytes(&app.data_key.blind_index(ID_NUMBER, &line.id_number)),
            Value::Bytes(&app.data_key.blind_index(PHONE, &line.phone)),
            Value::Bytes(&sealed),
            Value::Instant(line.submitted_at),
        ])
    }

    fn push_application(
        &mut self,
        app: &App,
        history: &History,
        line: &Line,
        (person, application): (ApplicantId, ApplicationId),
    ) -> Result<()> {
        let form = app
            .data_key
            .seal(&format!("application/{}/{application}", app.city), b"{}");
        let status = if line.won.is_some() {
            Stands::Allocated
        } else {
            Stands::Valid
        };
        self.applications.push(&[
            Value::Int(i64::from(app.city.0)),
            Value::Uuid(application.0),
            Value::Uuid(person.0),
            Value::Text(&line.category),
            Value::Text(&line.code),
            Value::Text(&status.to_value()),
            Value::Text(&line.identity_type),
            Value::Text(history.last()),
            Value::Text(&line.licence_classes),
            Value::Bytes(&form),
            Value::Instant(line.submitted_at),
            line.tier_joined_at.map_or(Value::Null, Value::Instant),
        ])
    }

    fn push_participation(
        &mut self,
        app: &App,
        person: ApplicantId,
        (period, kind, published_on): (&str, &str, NaiveDate),
    ) -> Result<()> {
        self.participations.push(&[
            Value::Int(i64::from(app.city.0)),
            Value::Uuid(person.0),
            Value::Text(period),
            Value::Text(kind),
            Value::Date(published_on),
        ])
    }

    /// Adds the certificate, and the ban that followed.
    fn push_won(
        &mut self,
        app: &App,
        history: &History,
        line: &Line,
        won: &Won,
        (person, application): (ApplicantId, ApplicationId),
    ) -> Result<()> {
        // The old system has told its holder that it is there.
        let told_days = i64::from(certificates::ISSUED_DAYS);
        let number = won
            .number
            .unwrap_or_else(|| CertificateNumber::from_random(ids::random()));
        self.certificates.push(&[
            Value::Int(i64::from(app.city.0)),
            Value::Text(number.as_str()),
            Value::Uuid(person.0),
            Value::Uuid(application.0),
            Value::Text(&line.category),
            Value::Text(&won.origin.to_value()),
            Value::Text(&history.get(won.period).number),
            Value::Bytes(&app.policy.digest()),
            Value::Text(&won.status.to_value()),
            Value::Date(won.issued_on),
            Value::Date(won.expires_on),
            won.ended_on.map_or(Value::Null, Value::Date),
            Value::Int(told_days),
        ])?;
        let Some(ban) = &won.ban else {
            return Ok(());
        };
        self.bans.push(&[
            Value::Int(i64::from(app.city.0)),
            Value::Uuid(self.ids.next_id()),
            Value::Uuid(person.0),
            Value::Date(ban.from),
            Value::Date(ban.until),
            Value::Text(&ban::Reason::Forfeited.to_value()),
            Value::Text(number.as_str()),
            Value::Instant(app.clock.now()),
        ])
    }
}

/// From when on the tier counts anew for somebody who won by lottery, where the rules say so.
fn reset_on(app: &App, history: &History, won: &Won) -> Option<NaiveDate> {
    let resets = |event| app.policy.reset_on.contains(&event);
    if won.origin != Origin::Lottery {
        None
    } else if resets(ResetEvent::Win) {
        Some(history.get(won.period).published_on)
    } else {
        won.ended_on
            .filter(|_| won.status == Status::Forfeited && resets(ResetEvent::Forfeit))
    }
}
