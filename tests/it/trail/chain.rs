//! The audit trail as a chain: nothing in it is changed, taken out or moved without being found.

use std::pin::Pin;

use entity::{CityId, audit};
use fairplate::{
    domain::actor::Worker,
    service::trail::{self, Anchors, Fault, Verified},
};
use fairplate_tests::{TestCity, on_both_databases, stages::places};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, TransactionTrait as _, sea_query::Expr,
};
use uuid::Uuid;

/// Links whatever waits.
pub(super) async fn link(city: &TestCity) {
    while trail::link(&city.app, &Worker)
        .await
        .expect("linked")
        .has_more
    {}
}

pub(super) async fn anchors(city: &TestCity, kept: &[(String, Vec<u8>)]) -> Anchors {
    let pinned = city.app.signers().expect("keys").records.first().clone();
    let read = trail::anchors(&city.app.db, city.app.city, &pinned, kept).await;
    read.expect("read").expect("records of this city")
}

pub(super) async fn check(db: &impl ConnectionTrait, city: CityId, anchors: &Anchors) -> Verified {
    trail::verify(db, city, anchors, &mut |_| {})
        .await
        .expect("checked")
}

/// A finished draw, whose last record vouches for all rows that are linked: the rest wait. Gives how
/// many those are.
pub(super) async fn finished(city: &TestCity) -> u64 {
    city.finished(4, places(2, 1)).await;
    let verified = check(&city.app.db, city.app.city, &anchors(city, &[]).await).await;
    assert_eq!(verified.fault, None);
    assert_eq!(verified.compared, 3);
    assert_eq!(verified.covered, verified.head.rows);
    assert!(
        12 < verified.head.rows && 0 < verified.not_linked,
        "{verified:?}"
    );
    verified.head.rows
}

pub(super) async fn rows(db: &impl ConnectionTrait, city: CityId) -> Vec<audit::Model> {
    let linked = audit::Entity::find()
        .filter(audit::Column::CityId.eq(city))
        .filter(audit::Column::Position.is_not_null())
        .order_by_asc(audit::Column::Position);
    linked.all(db).await.expect("rows")
}

pub(super) type Work<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// What a check says while the database is tampered with.
pub(super) async fn tampered(
    city: &TestCity,
    anchors: &Anchors,
    tamper: impl for<'a> FnOnce(&'a DatabaseTransaction) -> Work<'a>,
) -> Verified {
    let txn = city.app.db.begin().await.expect("begun");
    tamper(&txn).await;
    let verified = check(&txn, city.app.city, anchors).await;
    txn.rollback().await.expect("taken back");
    verified
}

pub(super) fn position_of(verified: &Verified) -> Option<(u64, &'static str)> {
    Some(match verified.fault.as_ref()? {
        Fault::Missing { position, .. } => (*position, "missing"),
        Fault::Unreadable { position, .. } => (*position, "unreadable"),
        Fault::Changed { position, .. } => (*position, "changed"),
        Fault::Rewritten { position, .. } => (*position, "rewritten"),
        Fault::Short { position, .. } => (*position, "short"),
    })
}

fn flipped(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    *bytes.last_mut().expect("a text") ^= 1;
    String::from_utf8(bytes).expect("still text")
}

/// The row with one bit, or the least that the column can tell apart, changed in each column.
fn changed(row: &audit::Model) -> Vec<(audit::Column, sea_orm::Value)> {
    let mut id = row.id.into_bytes();
    id[15] ^= 1;
    let mut link = row.link.clone().expect("linked");
    link[31] ^= 1;
    let position = row.position.expect("linked");
    vec![
        (audit::Column::Id, Uuid::from_bytes(id).into()),
        (
            audit::Column::At,
            (row.at + chrono::TimeDelta::microseconds(1)).into(),
        ),
        (audit::Column::Actor, flipped(&row.actor).into()),
        (audit::Column::Action, flipped(&row.action).into()),
        (audit::Column::Subject, flipped(&row.subject).into()),
        (audit::Column::Detail, flipped(&row.detail).into()),
        (audit::Column::Link, link.into()),
        (audit::Column::Position, (position | 1 << 40).into()),
        (audit::Column::CityId, (row.city_id.0 ^ 1).into()),
    ]
}

#[test]
fn a_changed_bit_of_any_column_is_found_at_its_row() {
    on_both_databases(async |city| {
        let covered = finished(city).await;
        let anchors = anchors(city, &[]).await;
        let rows = rows(&city.app.db, city.app.city).await;
        for at in [1, covered / 2, covered] {
            let row = &rows[usize::try_from(at - 1).expect("a place")];
            for (column, value) in changed(row) {
                let (city_id, id) = (row.city_id, row.id);
                let verified = tampered(city, &anchors, move |txn| {
                    Box::pin(async move {
                        let update = audit::Entity::update_many()
                            .col_expr(column, Expr::value(value))
                            .filter(audit::Column::CityId.eq(city_id))
                            .filter(audit::Column::Id.eq(id));
                        let done = update.exec(txn).await.expect("tampered");
                        assert_eq!(done.rows_affected, 1);
                    })
                })
                .await;
                let found = position_of(&verified).map(|(position, _)| position);
                assert_eq!(found, Some(at), "{column:?} {verified:?}");
                assert_eq!(verified.head.rows, at - 1);
            }
        }
        let untouched = check(&city.app.db, city.app.city, &anchors).await;
        assert_eq!(untouched.fault, None);
    });
}

#[test]
fn a_row_taken_out_is_found_wherever_it_stood() {
    on_both_databases(async |city| {
        let covered = finished(city).await;
        let anchors = anchors(city, &[]).await;
        let rows = rows(&city.app.db, city.app.city).await;
        for (at, kind) in [(1, "missing"), (covered / 2, "missing"), (covered, "short")] {
            let row = rows[usize::try_from(at - 1).expect("a place")].clone();
            let verified = tampered(city, &anchors, move |txn| {
                Box::pin(async move {
                    let key = (row.city_id, row.id);
                    let done = audit::Entity::delete_by_id(key).exec(txn).await;
                    assert_eq!(done.expect("removed").rows_affected, 1);
                })
            })
            .await;
            assert_eq!(position_of(&verified), Some((at, kind)), "{verified:?}");
        }
    });
}

async fn put_at(txn: &DatabaseTransaction, row: &audit::Model, position: i64, link: Vec<u8>) {
    let done = audit::Entity::update_many()
        .col_expr(audit::Column::Position, Expr::value(position))
        .col_expr(audit::Column::Link, Expr::value(link))
        .filter(audit::Column::CityId.eq(row.city_id))
        .filter(audit::Column::Id.eq(row.id))
        .exec(txn)
        .await;
    assert_eq!(done.expect("moved").rows_affected, 1);
}

#[test]
fn two_rows_that_change_places_are_found() {
    on_both_databases(async |city| {
        let covered = finished(city).await;
        let anchors = anchors(city, &[]).await;
        let rows = rows(&city.app.db, city.app.city).await;
        let first = usize::try_from(covered / 2).expect("a place");
        let pair = [rows[first - 1].clone(), rows[first].clone()];
        for links_stay in [true, false] {
            let [one, other] = pair.clone();
            let verified = tampered(city, &anchors, move |txn| {
                Box::pin(async move {
                    let link = |row: &audit::Model| row.link.clone().expect("linked");
                    let (mut links, places) = (
                        [link(&other), link(&one)],
                        [one.position, other.position].map(|place| place.expect("linked")),
                    );
                    if links_stay {
                        links.reverse();
                    }
                    put_at(txn, &one, 1 << 40, link(&one)).await;
                    put_at(txn, &other, places[0], links[1].clone()).await;
                    put_at(txn, &one, places[1], links[0].clone()).await;
                })
            })
            .await;
            let expected = Some((covered / 2, "changed"));
            assert_eq!(position_of(&verified), expected, "{verified:?}");
        }
    });
}
