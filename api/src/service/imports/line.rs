//! One line of `applicants.csv`.

use std::{fs::File, path::Path};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use csv::{Reader, ReaderBuilder, StringRecord};

use super::{
    Refusal,
    history::History,
    won::{self, Won},
};
use crate::{
    app::App,
    domain::{PeriodKind, code::ApplicationCode, eligibility, licence::LicenceClass},
    error::{Error, Result},
    policy::Policy,
};

/// The columns that every file has.
const HEADER: [&str; 10] = [
    "id_number",
    "name",
    "phone",
    "code",
    "category",
    "identity_type",
    "licence_classes",
    "submitted_on",
    "tier_joined_on",
    "periods",
];

/// A line that can be used.
pub(super) struct Line {
    pub(super) id_number: String,
    pub(super) name: String,
    pub(super) phone: String,
    pub(super) code: String,
    pub(super) category: String,
    pub(super) identity_type: String,
    pub(super) licence_classes: String,
    pub(super) submitted_at: DateTime<Utc>,
    pub(super) tier_joined_at: Option<DateTime<Utc>>,
    /// Places in the history, ascending.
    pub(super) periods: Vec<usize>,
    /// The certificate that the person won last, and what became of it.
    pub(super) won: Option<Won>,
}

/// Why a line cannot be used: the field, and what was expected. The reason never repeats a
/// personal value.
pub(super) type Unusable = (&'static str, String);

impl Line {
    /// Checks every field.
    pub(super) fn parse(
        app: &App,
        history: &History,
        columns: usize,
        raw: &StringRecord,
    ) -> std::result::Result<Self, Unusable> {
        if raw.len() != columns {
            let reason = format!("expected {columns} fields, found {}", raw.len());
            return Err(("line", reason));
        }
        let policy = &app.policy;
        let field = |index: usize| raw.get(index).unwrap_or_default();
        let submitted_on = day(field(7)).map_err(|reason| ("submitted_on", reason))?;
        check_person(policy, raw, submitted_on)?;
        check_application(policy, raw)?;
        let tier_joined_at = match field(8) {
            "" => None,
            joined_on => Some(midnight(
                day(joined_on).map_err(|reason| ("tier_joined_on", reason))?,
            )),
        };
        Ok(Self {
            id_number: field(0).to_owned(),
            name: field(1).to_owned(),
            phone: field(2).to_owned(),
            code: field(3).to_owned(),
            category: field(4).to_owned(),
            identity_type: field(5).to_owned(),
            licence_classes: field(6).to_owned(),
            submitted_at: midnight(submitted_on),
            tier_joined_at,
            periods: history
                .places(field(9))
                .map_err(|reason| ("periods", reason))?,
            won: Won::parse(history, app.today(), |index| field(HEADER.len() + index))?,
        })
    }
}

/// What says who somebody is. The number of a document is judged as of the day of submission.
fn check_person(
    policy: &Policy,
    raw: &StringRecord,
    submitted_on: NaiveDate,
) -> std::result::Result<(), Unusable> {
    let field = |index: usize| raw.get(index).unwrap_or_default();
    let (id_number, name, phone) = (field(0), field(1), field(2));
    let identity_type = policy.find_identity_type(field(5)).ok_or_else(|| {
        let reason = format!("{} is no identity type of {}", field(5), policy.key);
        ("identity_type", reason)
    })?;
    if !eligibility::is_identity_number(identity_type.number, id_number, submitted_on) {
        let reason = "this cannot be the number of such a document";
        return Err(("id_number", reason.to_owned()));
    }
    if name.trim().is_empty() || 64 < name.chars().count() {
        return Err(("name", "expected a name of 1 to 64 characters".to_owned()));
    }
    if !eligibility::is_mobile_phone(phone) {
        let reason = "expected a mobile phone number of eleven digits";
        return Err(("phone", reason.to_owned()));
    }
    Ok(())
}

/// What says what somebody applied for.
fn check_application(policy: &Policy, raw: &StringRecord) -> std::result::Result<(), Unusable> {
    let field = |index: usize| raw.get(index).unwrap_or_default();
    field(3)
        .parse::<ApplicationCode>()
        .map_err(|cause| ("code", cause.to_string()))?;
    if policy.find_category(field(4), PeriodKind::Normal).is_none() {
        let reason = format!("{} knows no category {}", policy.key, field(4));
        return Err(("category", reason));
    }
    let classes = LicenceClass::split(field(6));
    if LicenceClass::join(&classes) != field(6) {
        let reason = "expected class codes such as C1, separated by one space";
        return Err(("licence_classes", reason.to_owned()));
    }
    Ok(())
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// A day, written in the one way.
pub(super) fn day(text: &str) -> std::result::Result<NaiveDate, String> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .filter(|day| day.to_string() == text)
        .ok_or_else(|| format!("expected a day like 2014-05-26, found `{text}`"))
}

/// Opens `applicants.csv`; gives how many columns it has. Those of certificates are all there or
/// none is.
pub(super) fn open(path: &Path) -> Result<(Reader<File>, usize)> {
    let mut reader = open_any(path)?;
    let whole = [&HEADER[..], &won::HEADER[..]].concat();
    if has_header(&mut reader, &HEADER) {
        return Ok((reader, HEADER.len()));
    }
    if has_header(&mut reader, &whole) {
        return Ok((reader, whole.len()));
    }
    Err(other_columns(
        path,
        &format!(
            "{}, and where certificates are taken over also {}",
            HEADER.join(","),
            won::HEADER.join(",")
        ),
    ))
}

/// Opens a file with these columns.
pub(super) fn open_with(path: &Path, columns: &[&str]) -> Result<Reader<File>> {
    let mut reader = open_any(path)?;
    if has_header(&mut reader, columns) {
        return Ok(reader);
    }
    Err(other_columns(path, &columns.join(",")))
}

fn open_any(path: &Path) -> Result<Reader<File>> {
    let file = File::open(path).map_err(|cause| {
        Error::invalid(
            path.display().to_string(),
            format!("cannot be read: {cause}"),
        )
    })?;
    Ok(ReaderBuilder::new().flexible(true).from_reader(file))
}

fn has_header(reader: &mut Reader<File>, columns: &[&str]) -> bool {
    reader
        .headers()
        .is_ok_and(|header| header.iter().eq(columns.iter().copied()))
}

fn other_columns(path: &Path, expected: &str) -> Error {
    Error::invalid(
        format!("{}:1", path.display()),
        format!("expected the columns {expected}"),
    )
}

/// The next line with its number.
pub(super) fn next(reader: &mut Reader<File>, path: &Path) -> Result<Option<(u64, StringRecord)>> {
    let mut raw = StringRecord::new();
    let is_there = reader.read_record(&mut raw).map_err(|cause| {
        Error::invalid(
            path.display().to_string(),
            format!("is not CSV in UTF-8: {cause}"),
        )
    })?;
    let line = raw.position().map_or(0, csv::Position::line);
    Ok(is_there.then_some((line, raw)))
}

/// A refusal of a line of a file.
pub(super) fn refusal(path: &Path, line: u64, field: &'static str, reason: String) -> Refusal {
    Refusal {
        file: path.display().to_string(),
        line,
        field,
        reason,
    }
}
