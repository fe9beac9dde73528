//! How often people have taken part: the ledger's lines, counted as the rules count.

use std::collections::HashMap;

use ::entity::{ApplicantId, CityId, participation as ledger};
use chrono::NaiveDate;
use sea_orm::ConnectionTrait;

use crate::{
    app::App,
    domain::participation::{
        Participation, ParticipationEntry, ParticipationKind, participation_as_of,
    },
    error::{Error, Result},
    policy::Policy,
    store,
};

/// A person's participation as of the end of a day.
pub(super) async fn read(
    db: &impl ConnectionTrait,
    city: CityId,
    policy: &Policy,
    person: ApplicantId,
    as_of: NaiveDate,
) -> Result<Participation> {
    let lines = store::participation::list(db, city, person, as_of).await?;
    let entries: Vec<ParticipationEntry> = lines.iter().map(entry).collect::<Result<_>>()?;
    Ok(participation_as_of(&entries, policy.counting(), as_of))
}

/// The lines of these people, whenever they were published.
pub(super) async fn list_entries(
    app: &App,
    people: &[ApplicantId],
) -> Result<HashMap<ApplicantId, Vec<ParticipationEntry>>> {
    let mut entries: HashMap<ApplicantId, Vec<ParticipationEntry>> = HashMap::new();
    for line in store::participation::list_of(&app.db, app.city, people).await? {
        let person = entries.entry(line.applicant_id).or_default();
        person.push(entry(&line)?);
    }
    Ok(entries)
}

fn entry(line: &ledger::Model) -> Result<ParticipationEntry> {
    Ok(ParticipationEntry {
        period: line.period_number.parse().map_err(Error::internal)?,
        kind: match line.kind {
            ledger::Kind::Participated => ParticipationKind::Participated,
            ledger::Kind::Correction => ParticipationKind::Correction,
            ledger::Kind::Reset => ParticipationKind::Reset,
        },
        published_on: line.published_on,
    })
}
