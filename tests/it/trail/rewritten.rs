//! A trail that was written again from some row on, so that it fits itself.

use entity::{CityId, audit, record};
use fairplate::service::trail::{self, Fault};
use fairplate_tests::{TestCity, on_both_databases, publication::files_under};
use sea_orm::{
    ActiveModelTrait as _, DatabaseTransaction, IntoActiveModel as _, TransactionTrait as _,
};
use verifier::{
    note::Note,
    trail::{TrailHead, TrailRow},
};

use super::chain::{anchors, check, finished, position_of, rows, tampered};

fn content_of(row: &audit::Model) -> TrailRow<'_> {
    TrailRow {
        id: row.id.into_bytes(),
        secs: row.at.timestamp(),
        nanos: row.at.timestamp_subsec_nanos(),
        actor: &row.actor,
        action: &row.action,
        subject: &row.subject,
        detail: &row.detail,
    }
}

/// Says of one row that somebody else did it, and writes every link from there on again.
async fn write_again(txn: &DatabaseTransaction, city: CityId, from: u64) -> Vec<TrailHead> {
    let mut head = TrailHead::EMPTY;
    let mut heads = vec![head];
    for mut row in rows(txn, city).await {
        if head.rows + 1 == from {
            row.actor = String::from("officer:nobody");
        }
        head = head.with(&content_of(&row));
        heads.push(head);
        row.link = Some(head.link.0.to_vec());
        let row = row.into_active_model().reset_all();
        row.update(txn).await.expect("written again");
    }
    heads
}

#[test]
fn a_tail_that_was_written_again_does_not_fit_what_the_city_has_signed() {
    on_both_databases(async |city| {
        let covered = finished(city).await;
        let known = anchors(city, &[]).await;
        for from in [1, covered / 2, covered] {
            let id = city.app.city;
            let verified = tampered(city, &known, move |txn| {
                Box::pin(async move { drop(write_again(txn, id, from).await) })
            })
            .await;
            let (position, kind) = position_of(&verified).expect("found");
            assert_eq!(kind, "rewritten", "{verified:?}");
            assert!(position <= from, "{verified:?}");
        }
    });
}

/// Signs every record of the log again, with the heads of another trail: what somebody can do who
/// has the database and the record key.
async fn sign_again(city: &TestCity, txn: &DatabaseTransaction, heads: &[TrailHead]) {
    let log = record::Entity::log_of(city.app.city).all(txn).await;
    for mut row in log.expect("the log") {
        let note = Note::parse(row.note.as_bytes()).expect("a note");
        let line = note.text.lines().find(|line| line.starts_with("trail "));
        let line = line.expect("a head");
        let rows: usize = line.split(' ').nth(1).expect("rows").parse().expect("rows");
        let text = note.text.replace(line, &format!("trail {}", heads[rows]));
        let keys = &city.app.signers().expect("keys").records;
        let signed = keys.newest().expect("a key").sign(text);
        row.note = signed.expect("signed").to_string();
        let row = row.into_active_model().reset_all();
        row.update(txn).await.expect("written again");
    }
}

#[test]
fn a_trail_and_a_log_that_were_both_written_again_are_found_by_kept_records() {
    on_both_databases(async |city| {
        let covered = finished(city).await;
        let kept: Vec<_> = files_under(&city.app.layout.draws())
            .into_iter()
            .filter(|(path, _)| path.extension().is_some_and(|name| name == "note"))
            .map(|(path, bytes)| (path.display().to_string(), bytes))
            .collect();
        assert_eq!(kept.len(), 3);
        let whole = check(&city.app.db, city.app.city, &anchors(city, &kept).await).await;
        assert_eq!((whole.fault, whole.compared), (None, 6));
        let pinned = city.app.signers().expect("keys").records.first().clone();

        let txn = city.app.db.begin().await.expect("begun");
        let heads = write_again(&txn, city.app.city, covered / 2).await;
        sign_again(city, &txn, &heads).await;
        let own = trail::anchors(&txn, city.app.city, &pinned, &[]).await;
        let alone = check(&txn, city.app.city, &own.expect("read").expect("signed")).await;
        let all = trail::anchors(&txn, city.app.city, &pinned, &kept).await;
        let compared = check(&txn, city.app.city, &all.expect("read").expect("signed")).await;
        txn.rollback().await.expect("taken back");

        assert_eq!(alone.fault, None, "the database alone cannot tell");
        let Some(Fault::Rewritten { record, .. }) = &compared.fault else {
            panic!("{compared:?}");
        };
        assert!(record.contains(".note"), "{record}");
    });
}

#[test]
fn a_kept_record_of_somebody_else_is_refuted_and_not_compared() {
    on_both_databases(async |city| {
        finished(city).await;
        let theirs = include_str!("../../../verifier/vectors/accept/example/announce.note");
        let pinned = city.app.signers().expect("keys").records.first().clone();
        for text in [theirs, "no note at all\n"] {
            let kept = [("kept.note".to_owned(), text.as_bytes().to_vec())];
            let read = trail::anchors(&city.app.db, city.app.city, &pinned, &kept).await;
            let refuted = read.expect("read").expect_err("not this city's");
            assert_eq!(refuted.record, "kept.note");
        }
    });
}
