//! Which of the loaded applications give the same phone as another person's.

use ::entity::CityId;
use anyhow::Context as _;
use sqlx::Row;
use uuid::Uuid;

use super::{Connection, Load};
use crate::{
    error::{Error, Result},
    store::contacts,
};

/// How many of those who give a phone everybody else who gives it is compared with: those who came
/// first. A submission looks at as many.
const COMPARED: i64 = 100;

/// Two persons' live applications that give the same phone and are not flagged for it.
#[derive(Debug)]
pub struct Pair {
    /// The application that was there first.
    pub earlier: Uuid,
    /// Its code.
    pub earlier_code: String,
    /// The other one.
    pub later: Uuid,
    /// Its code.
    pub later_code: String,
}

const SQL: &str = "WITH live AS (
        SELECT a.id, a.code, a.applicant_id, p.phone_index, a.submitted_at,
            ROW_NUMBER() OVER (PARTITION BY p.phone_index ORDER BY a.submitted_at, a.id) AS place
        FROM application a JOIN applicant p ON p.city_id = a.city_id AND p.id = a.applicant_id
        WHERE a.city_id = $1 AND a.status IN ('new', 'valid', 'second_look')
          AND p.phone_index IN (SELECT phone_index FROM applicant WHERE city_id = $1
                                GROUP BY phone_index HAVING 1 < COUNT(*)))
    SELECT one.id AS earlier, one.code AS earlier_code, two.id AS later, two.code AS later_code
    FROM live one JOIN live two ON two.phone_index = one.phone_index
        AND two.applicant_id <> one.applicant_id AND one.place < two.place
    WHERE one.place <= $3 AND ($2 <= one.id OR $2 <= two.id)
      AND NOT EXISTS (SELECT 1 FROM duplicate_flag f WHERE f.city_id = $1 AND f.kind = 'phone'
            AND f.earlier_id = one.id AND f.later_id = two.id)
    ORDER BY one.id, two.id";

impl Load {
    /// The pairs of which one at least was loaded now: its id is not below `first`. Until the load
    /// ends nobody else compares contacts, so that two who come at the same moment see each other.
    pub async fn list_sharing_a_phone(&mut self, city: CityId, first: Uuid) -> Result<Vec<Pair>> {
        let read = match &mut self.txn {
            Connection::Postgres(txn) => {
                let held = sqlx::query(contacts::HOLD)
                    .bind(contacts::key_of_all(city))
                    .execute(&mut **txn)
                    .await;
                held.map_err(Error::internal)?;
                let query = sqlx::query(SQL).bind(city.0).bind(first).bind(COMPARED);
                let rows = query.fetch_all(&mut **txn).await;
                rows.and_then(|rows| rows.iter().map(pair).collect())
            }
            Connection::Sqlite(txn) => {
                let query = sqlx::query(SQL).bind(city.0).bind(first).bind(COMPARED);
                let rows = query.fetch_all(&mut **txn).await;
                rows.and_then(|rows| rows.iter().map(pair).collect())
            }
        };
        read.context("comparing the phones of what was loaded")
            .map_err(Error::internal)
    }
}

fn pair<R>(row: &R) -> sqlx::Result<Pair>
where
    R: Row,
    &'static str: sqlx::ColumnIndex<R>,
    Uuid: sqlx::Type<R::Database> + for<'r> sqlx::Decode<'r, R::Database>,
    String: sqlx::Type<R::Database> + for<'r> sqlx::Decode<'r, R::Database>,
{
    Ok(Pair {
        earlier: row.try_get("earlier")?,
        earlier_code: row.try_get("earlier_code")?,
        later: row.try_get("later")?,
        later_code: row.try_get("later_code")?,
    })
}
