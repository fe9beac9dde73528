//! What a running city is made of. Use cases take it as their first argument.

mod bell;
mod in_force;
mod standing;

use std::sync::Arc;

use ::entity::{ApplicantId, CityId};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Utc};
use sea_orm::DatabaseConnection;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

pub use bell::{Bell, Listening};
pub use in_force::InForce;
pub use standing::Standing;

use crate::{
    beacon::Beacon,
    cache::Cache,
    clock::Clock,
    config::{StaffConfig, Tier},
    domain::WorkingDays,
    error::{Error, Result},
    index::Loaded,
    layout::Layout,
    notify::Transports,
    policy::Policy,
    signer::{LogSigner, PersonalKeys, RecordKeys},
    telemetry::Telemetry,
    witness::Witness,
};
use verifier::{beacon::Chain, trust::TrustPolicy};

/// All cities of these lotteries keep the time of UTC+8, without summer time.
const CITY_TIME_AHEAD: TimeDelta = TimeDelta::hours(8);

/// The same, as chrono wants it.
const CITY_TIME: FixedOffset = match FixedOffset::east_opt(8 * 60 * 60) {
    Some(offset) => offset,
    None => unreachable!(),
};

/// One city, ready to serve. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The database; the truth.
    pub db: DatabaseConnection,
    /// The only source of time.
    pub clock: Arc<dyn Clock>,
    /// The city served.
    pub city: CityId,
    /// Origin of the city's log: the name that its records carry.
    pub origin: Arc<str>,
    /// The rules that whoever holds this works under, from beginning to end.
    pub policy: Arc<Policy>,
    /// The rules that this process has taken up last.
    pub in_force: Arc<InForce>,
    /// Which days are worked, in the years that are known.
    pub working_days: Arc<WorkingDays>,
    /// Seals personal data and makes blind indexes.
    pub data_key: Arc<PersonalKeys>,
    /// The keys that sign records and the log, where this process holds them.
    pub signers: Option<Arc<Signers>>,
    /// Whose cosignatures a published record waits for.
    pub witnesses: Arc<[Arc<dyn Witness>]>,
    /// What the public pins: the log's key, the witnesses' keys and their quorum.
    pub trust: Arc<TrustPolicy>,
    /// Where beacon rounds come from.
    pub beacon: Arc<dyn Beacon>,
    /// The chain that new draws use, unless told otherwise.
    pub chain: Arc<Chain>,
    /// The published results that this node answers from.
    pub results: Arc<Loaded>,
    /// The places that a look-up asks.
    pub tier: Tier,
    /// Answers kept near.
    pub cache: Arc<Cache>,
    /// The ways out to people and to the city's own systems.
    pub transports: Arc<Transports>,
    /// Where files are.
    pub layout: Layout,
    /// Rung when this process has changed something.
    pub bell: Arc<Bell>,
    /// What this node knows of its own standing.
    pub standing: Arc<Standing>,
    /// What this node counts, and where its spans go.
    pub telemetry: Arc<Telemetry>,
    /// How long a proposal waits for a second officer.
    pub approval_time: TimeDelta,
    /// How the people of the city sign in.
    pub staff: Arc<StaffConfig>,
    /// Told of every effect of a ceremony, in order.
    pub observer: Arc<dyn Observer>,
}

/// Purpose of the blind index of identity numbers.
pub const ID_NUMBER: &str = "id number";

/// Purpose of the blind index of phone numbers.
pub const PHONE: &str = "phone";

/// Purpose of the blind index of staff names under which passwords are tried.
pub const STAFF_NAME: &str = "staff name";

/// Purpose of the blind index of e-mail address and day of birth together.
pub const EMAIL_AND_BIRTH_DATE: &str = "email and birth date";

/// Who somebody is; sealed as a whole, never written elsewhere.
#[derive(Serialize)]
pub struct Person<'a> {
    /// Name.
    pub name: &'a str,
    /// Number of the identity document.
    pub id_number: &'a str,
    /// Mobile phone number.
    pub phone: &'a str,
}

/// The same, unsealed again. It has no `Debug` on purpose.
#[derive(Deserialize)]
pub struct KnownPerson {
    /// Name.
    pub name: String,
    /// Number of the identity document.
    pub id_number: String,
    /// Mobile phone number.
    pub phone: String,
}

/// The signing keys of a city: those of records and that of the log. They are different keys, and
/// different types.
pub struct Signers {
    /// Sign records, each in its time.
    pub records: RecordKeys,
    /// Signs the log's checkpoints.
    pub log: LogSigner,
}

impl App {
    /// The signing keys, or what to do to have them here.
    pub fn signers(&self) -> Result<&Signers> {
        self.signers.as_deref().ok_or_else(|| {
            Error::NotSetUp(
                "this process holds no signing keys; start it with the passphrase of the keys folder \
                 (--passphrase-file, FAIRPLATE_PASSPHRASE or the prompt)"
                    .to_owned(),
            )
        })
    }

    /// The same under the rules in force, where this process has taken up others since. What begins
    /// (a request, a turn of the worker) asks once and keeps to that text.
    #[must_use]
    pub fn newer(&self) -> Option<Self> {
        let policy = self.in_force.get();
        let is_newer = policy.digest() != self.policy.digest();
        is_newer.then(|| Self {
            policy,
            ..self.clone()
        })
    }

    /// The day it is in the city.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.day_of(self.clock.now())
    }

    /// The city's day of a moment.
    #[must_use]
    pub fn day_of(&self, moment: DateTime<Utc>) -> NaiveDate {
        Self::in_city(moment).date_naive()
    }

    /// A moment by the time of the city.
    #[must_use]
    pub fn in_city(moment: DateTime<Utc>) -> DateTime<FixedOffset> {
        moment.with_timezone(&CITY_TIME)
    }

    /// The moment at which a day begins in the city.
    #[must_use]
    pub fn start_of(&self, day: NaiveDate) -> DateTime<Utc> {
        (day.and_time(NaiveTime::MIN) - CITY_TIME_AHEAD).and_utc()
    }

    /// Seals who somebody is, for that row of the applicants' table alone.
    pub fn seal_person(&self, id: ApplicantId, person: &Person<'_>) -> Result<Vec<u8>> {
        self.seal(&format!("applicant/{}/{id}", self.city), person)
    }

    /// Seals a value for one place, named by table and row.
    pub fn seal(&self, place: &str, value: &impl Serialize) -> Result<Vec<u8>> {
        let plain = serde_json::to_vec(value)
            .map(Zeroizing::new)
            .map_err(Error::internal)?;
        Ok(self.data_key.seal(place, &plain))
    }

    /// Opens a value that was sealed for a place.
    pub fn unseal<T: DeserializeOwned>(&self, place: &str, sealed: &[u8]) -> Result<T> {
        let plain = self
            .data_key
            .unseal(place, sealed)
            .map_err(Error::internal)?;
        // The cause would quote the value, which is nobody's to log.
        serde_json::from_slice(&plain).map_err(|_| {
            Error::internal(anyhow::anyhow!(
                "what is sealed at {place} is of another form"
            ))
        })
    }

    /// Opens what [`Self::seal_person`] sealed.
    pub fn unseal_person(&self, id: ApplicantId, sealed: &[u8]) -> Result<KnownPerson> {
        self.unseal(&format!("applicant/{}/{id}", self.city), sealed)
    }

    /// Tells the observer of an effect.
    pub fn reached(&self, step: &'static str, stage: Stage) {
        self.observer.reached(Effect { step, stage });
    }
}

/// One effect of a ceremony: what can be seen from outside the process, and so what a crash can
/// come before or after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The use case: `propose`, `freeze`, `announce`, `close`, `finish`, `void`, `amend`, `confirm`,
    /// `lift`, `adopt`, `rotate`, `import`, `drop`.
    pub step: &'static str,
    /// What has just been done.
    pub stage: Stage,
}

/// The effects of a step, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Everything is checked and computed; nothing is written.
    Decided,
    /// The record, or what it waits for, its audit row and its messages are written, not committed.
    Recorded,
    /// They are durable.
    Committed,
    /// The witnesses' cosignatures are stored.
    Cosigned,
    /// The draw's folder is put together and verified, not yet public.
    Staged,
    /// One more file is public.
    FilePublished,
    /// The whole draw is public.
    DrawPublished,
    /// The log's files are public.
    LogPublished,
    /// The result may be asked for.
    ResultOpened,
}

impl Stage {
    /// The effect in a word or two.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Decided => "decided",
            Self::Recorded => "recorded",
            Self::Committed => "committed",
            Self::Cosigned => "cosigned",
            Self::Staged => "verified in staging",
            Self::FilePublished => "file published",
            Self::DrawPublished => "draw published",
            Self::LogPublished => "log published",
            Self::ResultOpened => "result opened",
        }
    }
}

/// Watches a ceremony's effects: to show progress, or to stop the process between two of them in
/// a test.
pub trait Observer: Send + Sync {
    /// Called after the effect has happened and before the next begins.
    fn reached(&self, effect: Effect);
}

/// Watches nothing.
pub struct Unobserved;

impl Observer for Unobserved {
    fn reached(&self, _: Effect) {}
}
