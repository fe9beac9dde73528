//! What comes back and is not what was carried away, or comes too late.

use entity::draw;
use fairplate::{
    Error,
    domain::actor::Operator,
    service::ceremony::{drop_unsigned, finish},
    signer::{Passphrase, RecordSigner},
};
use fairplate_tests::{
    TestCity,
    air_gap::{import, sign, signed},
    ceremony::{self, Terms},
    check_publication,
    city::moment,
    keys,
    publication::{assert_same, files_under},
    stages::{FINISH_AT, PERIOD, officer, places, terms},
};

use super::{announced, closing, finishing, off_line, state};

/// The sentence of a file that is refused; the city stands as it stood.
async fn refused(city: &TestCity, file: &[u8], code: &str) -> String {
    let (before, public) = (state(city).await, files_under(&city.app.layout.public()));
    let error = import(&city.app, file).await.expect_err("it is refused");
    assert_eq!(error.code().as_str(), code, "{error}");
    assert_eq!(state(city).await, before, "{error}");
    assert_same(&public, &files_under(&city.app.layout.public()));
    error.to_string()
}

/// A text with the signature of a key that is not the city's, under the name of the city's.
fn signed_by_another(text: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let passphrase = Passphrase::new("seven grey herons").expect("a passphrase");
    let other = RecordSigner::create(folder.path(), keys::RECORDS, &passphrase).expect("a key");
    let note = other.sign(text.to_owned()).expect("signed");
    note.to_string().into_bytes()
}

/// A signed record with one digit of its signature turned.
fn turned(file: &str) -> String {
    let (rest, line) = file.rsplit_once(' ').expect("a signature");
    let mut line: Vec<char> = line.chars().collect();
    line[20] = if line[20] == 'A' { 'B' } else { 'A' };
    let line: String = line.into_iter().collect();
    format!("{rest} {line}")
}

#[test]
fn a_changed_byte_another_key_or_another_record_records_nothing() {
    off_line(async |city| {
        city.frozen(4, places(1, 1)).await;
        city.announce(PERIOD).await;
        let request = city.export(PERIOD).await;
        let text = request.text();
        let right = String::from_utf8(sign(&request)).expect("text");

        let unsigned = refused(city, request.to_string().as_bytes(), "INVALID_INPUT").await;
        assert!(unsigned.contains("fairplate draw sign"), "{unsigned}");
        let changed = right.replacen("closes 2026-06-30", "closes 2026-06-29", 1);
        assert_ne!(changed, right);
        let says = refused(city, changed.as_bytes(), "INVALID_INPUT").await;
        assert!(says.contains("is not the record that waits here"), "{says}");
        let says = refused(city, turned(&right).as_bytes(), "INVALID_INPUT").await;
        assert!(says.contains("fairplate draw sign"), "{says}");
        refused(city, &signed_by_another(text), "INVALID_INPUT").await;
        for (here, elsewhere) in [
            (format!("draw {PERIOD}\n"), "draw 202607\n".to_owned()),
            (
                format!("origin {}\n", city.app.origin),
                "origin beijing.example/draws\n".to_owned(),
            ),
        ] {
            let other = text.replacen(&here, &elsewhere, 1);
            assert_ne!(other, text);
            refused(city, &signed(&other), "INVALID_INPUT").await;
        }
        refused(city, b"", "INVALID_INPUT").await;
        refused(city, &signed("fairplate/v1 none\n"), "INVALID_INPUT").await;

        let done = import(&city.app, right.as_bytes()).await;
        done.expect("the right one");
        assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Announced);
        check_publication(city).await;
    });
}

#[test]
fn a_file_that_is_imported_twice_is_answered_twice_and_recorded_once() {
    off_line(async |city| {
        announced(city).await;
        let row = ceremony::void(&city.app, &officer(), PERIOD, "flooded").await;
        row.expect("approved");
        let file = sign(&city.export(PERIOD).await);
        let other = city.another_node(None).await;
        let (one, another) = tokio::join!(import(&city.app, &file), import(&other, &file));
        let before = state(city).await;

        let third = import(&city.app, &file).await.expect("what is so");

        assert_eq!(one.expect("imported"), third);
        assert_eq!(another.expect("the same"), third);
        assert_eq!(state(city).await, before);
        assert_eq!(before.records.len(), 2);
        assert_eq!(city.trail_of(PERIOD, "records.import").await.len(), 2);
        check_publication(city).await;
    });
}

#[test]
fn an_announcement_that_comes_back_too_late_is_dropped_and_made_anew() {
    off_line(async |city| {
        city.frozen(4, places(1, 1)).await;
        city.announce(PERIOD).await;
        let file = sign(&city.export(PERIOD).await);
        city.at("2026-06-29T07:00:01Z");

        let says = refused(city, &file, "TOO_LATE").await;

        assert!(says.contains("fairplate draw drop-unsigned"), "{says}");
        let dropped = drop_unsigned(&city.app, &Operator, PERIOD).await;
        dropped.expect("dropped");
        let later = Terms {
            closes_at: moment("2026-06-30T08:00:00Z"),
            ..terms(PERIOD)
        };
        let anew = ceremony::announce(&city.app, &officer(), PERIOD, later).await;
        anew.expect("approved");
        refused(city, &file, "INVALID_INPUT").await;
        // At its last moment it still stands for the whole window.
        city.at("2026-06-29T08:00:00Z");
        city.carry(PERIOD).await;
        assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Announced);
        check_publication(city).await;
    });
}

#[test]
fn a_close_or_a_void_that_comes_back_when_it_cannot_count_is_refused() {
    off_line(async |city| {
        closing(city).await;
        let file = sign(&city.export(PERIOD).await);
        city.at("2026-06-30T07:01:01Z");
        let says = refused(city, &file, "TOO_LATE").await;
        assert!(says.contains("importing the close"), "{says}");
        city.at("2026-06-30T07:01:00Z");
        import(&city.app, &file).await.expect("just in time");
        let row = ceremony::void(&city.app, &officer(), PERIOD, "flooded").await;
        row.expect("approved");
        let file = sign(&city.export(PERIOD).await);
        city.at("2026-06-30T07:01:01Z");
        let says = refused(city, &file, "TOO_LATE").await;
        assert!(says.contains("importing the void"), "{says}");
        city.at(FINISH_AT);
        let waits = finish(&city.app, &officer(), PERIOD).await;
        assert!(matches!(waits, Err(Error::AwaitsSignature { .. })));
        let dropped = drop_unsigned(&city.app, &Operator, PERIOD).await;
        dropped.expect("dropped");
        let decided = finish(&city.app, &officer(), PERIOD).await;
        decided.expect("decided");
        city.carry(PERIOD).await;
        assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Finished);
        check_publication(city).await;
    });
}

#[test]
fn a_result_comes_back_whenever_it_does_and_is_the_one_that_was_carried_away() {
    off_line(async |city| {
        finishing(city).await;
        let request = city.export(PERIOD).await;
        let file = sign(&request);
        city.at("2026-07-02T07:05:00Z");

        import(&city.app, &file).await.expect("imported");

        assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Finished);
        let recorded = state(city).await.records.pop().expect("a result");
        assert_eq!(recorded.note.as_bytes(), file);
        assert_eq!(recorded.issued_at, moment(FINISH_AT));
        check_publication(city).await;
    });
}
