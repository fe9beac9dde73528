//! What a rehearsal copies of a city: who would be in a pool, and what their weights rest on. No sealed
//! column is ever read here.
//!
//! Everything is read in pieces of people, in the order of their ids.

use std::collections::BTreeMap;

use ::entity::{
    ApplicantId, ApplicationId, CityId, application, ban, certificate, draw, participation,
    pool_entry,
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, DbBackend, EntityTrait as _, FromQueryResult,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Statement,
    sea_query::Query,
};

use super::pools::PIECE_ROWS;
use crate::error::{Error, Result};

/// A valid application, without anything that names a person.
#[derive(Debug, FromQueryResult)]
pub struct Application {
    /// Its id in the city.
    pub id: ApplicationId,
    /// Whose it is.
    pub applicant_id: ApplicantId,
    /// Its category.
    pub category: String,
    /// Its public code.
    pub code: String,
    /// Classes of the driving licence, separated by spaces.
    pub licence_classes: String,
    /// When it came in.
    pub submitted_at: DateTime<Utc>,
    /// When its holder joined the tier.
    pub tier_joined_at: Option<DateTime<Utc>>,
    /// Its last day.
    pub valid_until: Option<NaiveDate>,
}

/// Some people, next to each other in the order of their ids: above the first, up to the last.
#[derive(Clone, Copy, Debug)]
pub struct People {
    /// Nobody of them; none where they are the first of all.
    pub after: Option<ApplicantId>,
    /// The last of them.
    pub last: ApplicantId,
}

impl People {
    fn are(self, column: impl sea_orm::ColumnTrait) -> Condition {
        let above = self.after.map(|after| column.gt(after));
        Condition::all()
            .add_option(above)
            .add(column.lte(self.last))
    }
}

fn valid(city: CityId, categories: &[String]) -> Condition {
    Condition::all()
        .add(application::Column::CityId.eq(city))
        .add(application::Column::Status.eq(application::Status::Valid))
        .add(application::Column::Category.is_in(categories))
}

/// How many valid applications some categories have.
pub async fn count_valid(
    db: &impl ConnectionTrait,
    city: CityId,
    categories: &[String],
) -> Result<u64> {
    Ok(application::Entity::find()
        .filter(valid(city, categories))
        .count(db)
        .await?)
}

/// How many applications of a period wait for a review or a second look.
pub async fn count_waiting(db: &impl ConnectionTrait, city: CityId, period: &str) -> Result<u64> {
    let waiting = [application::Status::New, application::Status::SecondLook];
    Ok(application::Entity::find()
        .filter(application::Column::CityId.eq(city))
        .filter(application::Column::PeriodNumber.eq(period))
        .filter(application::Column::Status.is_in(waiting))
        .count(db)
        .await?)
}

/// The next people with valid applications, after somebody; none when there are no more.
pub async fn find_people(
    db: &impl ConnectionTrait,
    city: CityId,
    categories: &[String],
    after: Option<ApplicantId>,
) -> Result<Option<People>> {
    let column = application::Column::ApplicantId;
    let above = after.map(|after| column.gt(after));
    let ids: Vec<ApplicantId> = application::Entity::find()
        .select_only()
        .column(column)
        .distinct()
        .filter(valid(city, categories).add_option(above))
        .order_by_asc(column)
        .limit(PIECE_ROWS)
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids.last().map(|last| People { after, last: *last }))
}

/// Their valid applications.
pub async fn list_applications(
    db: &impl ConnectionTrait,
    city: CityId,
    categories: &[String],
    people: People,
) -> Result<Vec<Application>> {
    use application::Column;
    Ok(application::Entity::find()
        .select_only()
        .columns([
            Column::Id,
            Column::ApplicantId,
            Column::Category,
            Column::Code,
            Column::LicenceClasses,
            Column::SubmittedAt,
            Column::TierJoinedAt,
            Column::ValidUntil,
        ])
        .filter(valid(city, categories))
        .filter(people.are(Column::ApplicantId))
        .order_by_asc(Column::ApplicantId)
        .into_model()
        .all(db)
        .await?)
}

/// Which of these codes are in the frozen pool of an unfinished draw of another period.
pub async fn list_locked_elsewhere(
    db: &impl ConnectionTrait,
    city: CityId,
    period: &str,
    codes: Vec<String>,
) -> Result<Vec<String>> {
    let unfinished = [
        draw::Phase::Frozen,
        draw::Phase::Announced,
        draw::Phase::Closed,
    ];
    let others = Query::select()
        .column(draw::Column::Id)
        .from(draw::Entity)
        .and_where(draw::Column::CityId.eq(city))
        .and_where(draw::Column::PeriodNumber.ne(period))
        .and_where(draw::Column::Purpose.eq(draw::Purpose::Allocation))
        .and_where(draw::Column::Phase.is_in(unfinished))
        .to_owned();
    Ok(pool_entry::Entity::find()
        .select_only()
        .column(pool_entry::Column::Code)
        .filter(pool_entry::Column::CityId.eq(city))
        .filter(pool_entry::Column::DrawId.in_subquery(others))
        .filter(pool_entry::Column::Code.is_in(codes))
        .into_tuple()
        .all(db)
        .await?)
}

/// Their lines of the ledger.
pub async fn list_ledger(
    db: &impl ConnectionTrait,
    city: CityId,
    people: People,
) -> Result<Vec<participation::Model>> {
    Ok(participation::Entity::find()
        .filter(participation::Column::CityId.eq(city))
        .filter(people.are(participation::Column::ApplicantId))
        .all(db)
        .await?)
}

/// Their live certificates.
pub async fn list_certificates(
    db: &impl ConnectionTrait,
    city: CityId,
    people: People,
) -> Result<Vec<certificate::Model>> {
    Ok(certificate::Entity::find()
        .filter(certificate::Column::CityId.eq(city))
        .filter(certificate::Column::Status.eq(certificate::Status::Live))
        .filter(people.are(certificate::Column::ApplicantId))
        .all(db)
        .await?)
}

/// Their bans.
pub async fn list_bans(
    db: &impl ConnectionTrait,
    city: CityId,
    people: People,
) -> Result<Vec<ban::Model>> {
    Ok(ban::Entity::find()
        .filter(ban::Column::CityId.eq(city))
        .filter(people.are(ban::Column::ApplicantId))
        .all(db)
        .await?)
}

/// How many rows each table of the database has.
pub async fn rows_of_tables(db: &impl ConnectionTrait) -> Result<BTreeMap<String, u64>> {
    let backend = db.get_database_backend();
    let tables = if backend == DbBackend::Postgres {
        "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()"
    } else {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    };
    let mut counts = BTreeMap::new();
    let tables = Statement::from_string(backend, tables);
    for row in db.query_all_raw(tables).await? {
        let name: String = row.try_get("", "name")?;
        // The name comes from the database's own catalogue.
        let sql = format!("SELECT COUNT(*) AS rows_there FROM \"{name}\"");
        let row = db
            .query_one_raw(Statement::from_string(backend, sql))
            .await?;
        let count: i64 = match row {
            Some(row) => row.try_get("", "rows_there")?,
            None => 0,
        };
        counts.insert(name, u64::try_from(count).map_err(Error::internal)?);
    }
    Ok(counts)
}
