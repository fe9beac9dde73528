//! What is copied, and how.

use std::collections::{BTreeSet, HashSet};

use ::entity::{application, ban, certificate, period};
use sea_orm::ActiveEnum as _;
use serde::Serialize;
use uuid::Uuid;

use super::Source;
use crate::{
    app::{App, Person},
    domain::CertificateNumber,
    error::Result,
    ids,
    store::{
        self,
        bulk::{Load, Piece, Table, Value},
        copies::{self, People},
    },
};

/// How many of each were copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Copied {
    /// People with a valid application in the period's categories.
    pub applicants: u64,
    /// Their applications.
    pub applications: u64,
    /// Lines of the participation ledger.
    pub ledger_lines: u64,
    /// Live certificates, which keep their holders out.
    pub certificates: u64,
    /// Bans.
    pub bans: u64,
    /// Applications that were left out, because the pool of another period under way holds them.
    pub left_out: u64,
    /// Applications of the period that wait for a review or a second look, and so are in no pool.
    pub waiting: u64,
}

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
        "valid_until",
    ],
};

const LEDGER: Table = Table {
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

/// Copies a period, and whoever would be in its pools, into a rehearsal's city, as if all reviews were
/// done. `tell` hears how many applications are copied.
pub async fn copy(source: &Source, to: &App, tell: &mut (dyn FnMut(u64) + Send)) -> Result<Copied> {
    copy_period(source, to).await?;
    let categories = source.categories();
    let city = source.city.id;
    let mut load = Load::begin(&to.db).await?;
    let mut rows = Rows::new(to, &load);
    let mut after = None;
    let mut rules = BTreeSet::new();
    while let Some(people) = copies::find_people(&source.txn, city, &categories, after).await? {
        rows.copy(source, &categories, people, &mut rules).await?;
        rows.write(&mut load).await?;
        tell(rows.copied.applications);
        after = Some(people.last);
    }
    load.commit().await?;
    let mut copied = rows.copied;
    copied.waiting = copies::count_waiting(&source.txn, city, &source.period.number).await?;
    copy_rules(source, to, rules).await?;
    store::bulk::analyze(&to.db).await?;
    Ok(copied)
}

/// The period with its quotas, at the moment before its freeze.
async fn copy_period(source: &Source, to: &App) -> Result<()> {
    let txn = store::begin(&to.db).await?;
    let row = period::Model {
        phase: period::Phase::ReviewPublished,
        published_on: None,
        epoch: 0,
        ..source.period.clone()
    };
    store::periods::insert(&txn, row, source.quotas.clone()).await?;
    txn.commit().await?;
    copy_rules(source, to, BTreeSet::from([source.rules.digest.clone()])).await
}

/// Rules that what is copied names, as far as the rehearsal has not adopted them.
async fn copy_rules(source: &Source, to: &App, digests: BTreeSet<Vec<u8>>) -> Result<()> {
    let txn = store::begin(&to.db).await?;
    for digest in digests {
        if store::policies::find(&txn, to.city, &digest)
            .await?
            .is_none()
            && let Some(row) = store::policies::find(&source.txn, to.city, &digest).await?
        {
            store::policies::insert(&txn, row).await?;
        }
    }
    txn.commit().await?;
    Ok(())
}

/// Rows that wait to be written.
struct Rows<'a> {
    to: &'a App,
    applicants: Piece,
    applications: Piece,
    ledger: Piece,
    certificates: Piece,
    bans: Piece,
    copied: Copied,
}

impl<'a> Rows<'a> {
    fn new(to: &'a App, load: &Load) -> Self {
        Self {
            to,
            applicants: load.piece(),
            applications: load.piece(),
            ledger: load.piece(),
            certificates: load.piece(),
            bans: load.piece(),
            copied: Copied::default(),
        }
    }

    /// The id that stands for one of the city's. It is the same each time in this rehearsal, and leads
    /// back for nobody who does not hold the rehearsal's own key.
    fn other_id(&self, kind: &str, id: Uuid) -> Uuid {
        let mac = self.to.data_key.blind_index(kind, &id.to_string());
        let mut half = [0; 16];
        for (to, from) in half.iter_mut().zip(mac) {
            *to = from;
        }
        uuid::Builder::from_random_bytes(half).into_uuid()
    }

    async fn copy(
        &mut self,
        source: &Source,
        categories: &[String],
        people: People,
        rules: &mut BTreeSet<Vec<u8>>,
    ) -> Result<()> {
        let (txn, city) = (&source.txn, source.city.id);
        let applications = copies::list_applications(txn, city, categories, people).await?;
        let codes = applications.iter().map(|row| row.code.clone()).collect();
        let number = &source.period.number;
        let locked = copies::list_locked_elsewhere(txn, city, number, codes).await?;
        let locked: HashSet<String> = locked.into_iter().collect();
        let mut known = HashSet::new();
        for row in applications {
            if locked.contains(&row.code) {
                self.copied.left_out += 1;
                continue;
            }
            let applicant = self.other_id("rehearsed applicant", row.applicant_id.0);
            if known.insert(row.applicant_id) {
                self.push_applicant(applicant)?;
            }
            self.push_application(applicant, &row, number)?;
        }
        for row in copies::list_ledger(txn, city, people).await? {
            if !known.contains(&row.applicant_id) {
                continue;
            }
            let applicant = self.other_id("rehearsed applicant", row.applicant_id.0);
            self.copied.ledger_lines += 1;
            self.ledger.push(&[
                Value::Int(self.to.city.0.into()),
                Value::Uuid(applicant),
                Value::Text(&row.period_number),
                Value::Text(&row.kind.to_value()),
                Value::Date(row.published_on),
            ])?;
        }
        for row in copies::list_certificates(txn, city, people).await? {
            if known.contains(&row.applicant_id) {
                rules.insert(row.policy_digest.clone());
                self.push_certificate(&row)?;
            }
        }
        for row in copies::list_bans(txn, city, people).await? {
            if known.contains(&row.applicant_id) {
                self.push_ban(&row)?;
            }
        }
        Ok(())
    }

    /// Somebody of whom nothing is known.
    fn push_applicant(&mut self, id: Uuid) -> Result<()> {
        let nobody = Person {
            name: "",
            id_number: "",
            phone: "",
        };
        let sealed = self.to.seal_person(::entity::ApplicantId(id), &nobody)?;
        self.copied.applicants += 1;
        self.applicants.push(&[
            Value::Int(self.to.city.0.into()),
            Value::Uuid(id),
            Value::Bytes(id.as_bytes()),
            Value::Bytes(id.as_bytes()),
            Value::Bytes(&sealed),
            Value::Instant(self.to.clock.now()),
        ])
    }

    fn push_application(
        &mut self,
        applicant: Uuid,
        row: &copies::Application,
        number: &str,
    ) -> Result<()> {
        let id = self.other_id("rehearsed application", row.id.0);
        let place = format!("application/{}/{id}", self.to.city);
        let sealed = self
            .to
            .seal(&place, &serde_json::json!({ "email": null }))?;
        self.copied.applications += 1;
        self.applications.push(&[
            Value::Int(self.to.city.0.into()),
            Value::Uuid(id),
            Value::Uuid(applicant),
            Value::Text(&row.category),
            Value::Text(&row.code),
            Value::Text(&application::Status::Valid.to_value()),
            // No pool asks for it.
            Value::Text("rehearsed"),
            Value::Text(number),
            Value::Text(&row.licence_classes),
            Value::Bytes(&sealed),
            Value::Instant(row.submitted_at),
            row.tier_joined_at.map_or(Value::Null, Value::Instant),
            row.valid_until.map_or(Value::Null, Value::Date),
        ])
    }

    /// Its number is another: whoever knows a certificate's number can ask about it.
    fn push_certificate(&mut self, row: &certificate::Model) -> Result<()> {
        let number = CertificateNumber::from_random(ids::random()).to_string();
        let applicant = self.other_id("rehearsed applicant", row.applicant_id.0);
        let application = self.other_id("rehearsed application", row.application_id.0);
        self.copied.certificates += 1;
        self.certificates.push(&[
            Value::Int(self.to.city.0.into()),
            Value::Text(&number),
            Value::Uuid(applicant),
            Value::Uuid(application),
            Value::Text(&row.category),
            Value::Text(&row.origin.to_value()),
            Value::Text(&row.period_number),
            Value::Bytes(&row.policy_digest),
            Value::Text(&row.status.to_value()),
            Value::Date(row.issued_on),
            Value::Date(row.expires_on),
        ])
    }

    fn push_ban(&mut self, row: &ban::Model) -> Result<()> {
        let number = CertificateNumber::from_random(ids::random()).to_string();
        let id = self.other_id("rehearsed ban", row.id);
        let applicant = self.other_id("rehearsed applicant", row.applicant_id.0);
        self.copied.bans += 1;
        self.bans.push(&[
            Value::Int(self.to.city.0.into()),
            Value::Uuid(id),
            Value::Uuid(applicant),
            Value::Date(row.begins_on),
            Value::Date(row.ends_on),
            Value::Text(&row.reason.to_value()),
            Value::Text(&number),
            Value::Instant(row.imposed_at),
        ])
    }

    async fn write(&mut self, load: &mut Load) -> Result<()> {
        load.write(&APPLICANTS, &mut self.applicants).await?;
        load.write(&APPLICATIONS, &mut self.applications).await?;
        load.write(&LEDGER, &mut self.ledger).await?;
        load.write(&CERTIFICATES, &mut self.certificates).await?;
        load.write(&BANS, &mut self.bans).await
    }
}
