//! How often somebody has taken part: the ledger's lines, counted as the rules count.

use ::entity::{ApplicantId, CityId, participation as ledger};
use chrono::NaiveDate;
use sea_orm::ConnectionTrait;

use crate::{
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
    let mut entries = Vec::with_capacity(lines.len());
    for line in lines {
        entries.push(ParticipationEntry {
            period: line.period_number.parse().map_err(Error::internal)?,
            kind: match line.kind {
                ledger::Kind::Participated => ParticipationKind::Participated,
                ledger::Kind::Correction => ParticipationKind::Correction,
                ledger::Kind::Reset => ParticipationKind::Reset,
            },
            published_on: line.published_on,
        });
    }
    Ok(participation_as_of(&entries, policy.counting(), as_of))
}
