//! The rows of one line, in the three tables that they go to.

use ::entity::{ApplicantId, ApplicationId};

use super::{Report, history::History, line::Line};
use crate::{
    app::{App, ID_NUMBER, PHONE, Person},
    error::Result,
    ids,
    store::bulk::{Load, Piece, Table, Value},
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

const AUDIT: Table = Table {
    name: "audit",
    columns: &[
        "city_id", "id", "at", "actor", "action", "subject", "detail",
    ],
};

/// The three tables' rows that wait to be written.
pub(super) struct Rows {
    applicants: Piece,
    applications: Piece,
    participations: Piece,
    ids: ids::Ascending,
}

impl Rows {
    /// No rows yet, for this load.
    pub(super) fn new(app: &App, load: &Load) -> Self {
        Self {
            applicants: load.piece(),
            applications: load.piece(),
            participations: load.piece(),
            ids: ids::Ascending::from(app.clock.now()),
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
        load.write(&PARTICIPATIONS, &mut self.participations).await
    }

    /// Notes the import in the audit trail, in the load's own transaction.
    pub(super) async fn note(&self, app: &App, report: &Report, load: &mut Load) -> Result<()> {
        let detail = serde_json::json!({
            "applicants": report.applicants,
            "participations": report.participations,
            "refused": report.refused,
        });
        let mut row = load.piece();
        row.push(&[
            Value::Int(i64::from(app.city.0)),
            Value::Uuid(self.ids.next_id()),
            Value::Instant(app.clock.now()),
            Value::Text("operator"),
            Value::Text("imports.load"),
            Value::Text(&app.policy.city.key),
            Value::Text(&detail.to_string()),
        ])?;
        load.write(&AUDIT, &mut row).await
    }

    /// Adds one line's rows; gives the number of participations.
    pub(super) fn push(&mut self, app: &App, history: &History, line: &Line) -> Result<u64> {
        let city = Value::Int(i64::from(app.city.0));
        let person = ApplicantId(self.ids.next_id());
        let application = ApplicationId(self.ids.next_id());
        let sealed = app.seal_person(
            person,
            &Person {
                name: &line.name,
                id_number: &line.id_number,
                phone: &line.phone,
            },
        )?;
        let form = app
            .data_key
            .seal(&format!("application/{}/{application}", app.city), b"{}");
        self.applicants.push(&[
            Value::Int(i64::from(app.city.0)),
            Value::Uuid(person.0),
            Value::Bytes(&app.data_key.blind_index(ID_NUMBER, &line.id_number)),
            Value::Bytes(&app.data_key.blind_index(PHONE, &line.phone)),
            Value::Bytes(&sealed),
            Value::Instant(line.submitted_at),
        ])?;
        self.applications.push(&[
            city,
            Value::Uuid(application.0),
            Value::Uuid(person.0),
            Value::Text(&line.category),
            Value::Text(&line.code),
            Value::Text("valid"),
            Value::Text(&line.identity_type),
            Value::Text(history.last()),
            Value::Text(&line.licence_classes),
            Value::Bytes(&form),
            Value::Instant(line.submitted_at),
            line.tier_joined_at.map_or(Value::Null, Value::Instant),
        ])?;
        for index in &line.periods {
            let period = history.get(*index);
            self.participations.push(&[
                Value::Int(i64::from(app.city.0)),
                Value::Uuid(person.0),
                Value::Text(&period.number),
                Value::Text("participated"),
                Value::Date(period.published_on),
            ])?;
        }
        Ok(line.periods.len() as u64)
    }
}
