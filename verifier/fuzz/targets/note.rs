//! Notes, the records in them, signature lines and keys: what is read is what would be written, and
//! nobody but the example's keys signed what they are said to have signed.
#![no_main]

use fairplate_verifier::{
    contribution::{Commitment, Contribution, Reveal},
    note::{MAX_SIGNATURES, Note, Signature, VerifierKey},
    record::{Amend, Announce, Close, Keys, Record, ResultRecord, Void, is_later_version},
};
use fairplate_verifier_fuzz::example::{TRUST, file};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.to_string().as_bytes(), bytes);
        assert!((1..=MAX_SIGNATURES).contains(&note.signatures.len()));
        check_signatures(&note);
        check_record(&note.text);
        assert_eq!(
            Note::new(note.text.clone()).map(|note| note.text),
            Ok(note.text)
        );
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    check_record(text);
    check_contribution(text);
    for line in text.lines() {
        if let Ok(signature) = line.parse::<Signature>() {
            assert_eq!(signature.to_string(), line);
        }
        if let Ok(key) = line.parse::<VerifierKey>() {
            assert_eq!(key.to_string(), line);
            let again = VerifierKey::new(key.name(), key.kind(), key.public());
            assert_eq!(again, Ok(key));
        }
    }
});

/// The example's secrets are gone, so that every signature that verifies is one of the example's.
fn check_signatures(note: &Note) {
    let texts = |names: &[&str]| -> Vec<String> {
        let notes = names.iter().map(|name| {
            let text = std::str::from_utf8(file(name)).expect("text");
            let note = text.split_once("\n\n").map_or(text, |(_, note)| note);
            let note = if name.ends_with(".note") { text } else { note };
            Note::parse(note.as_bytes()).expect("a note").text
        });
        notes.collect()
    };
    let records = ["announce.note", "close.note", "result.note"];
    let proofs = records.map(|name| name.replace(".note", ".tlog-proof"));
    let proofs = proofs.each_ref().map(String::as_str);
    assert!(note.verify(&TRUST.records).is_err() || texts(&records).contains(&note.text));
    let log = TRUST.policy.log();
    assert!(note.verify(log).is_err() || texts(&proofs).contains(&note.text));
    let cosigned = TRUST.policy.quorum_met_at(note);
    assert!(!matches!(cosigned, Ok(Some(_))) || texts(&proofs).contains(&note.text));
}

/// A record of any kind is read by the reader of its kind alone, and written as it was read.
fn check_record(text: &str) {
    let kinds = [
        Announce::parse(text).ok().map(Record::Announce),
        Close::parse(text).ok().map(Record::Close),
        ResultRecord::parse(text).ok().map(Record::Result),
        Void::parse(text).ok().map(Record::Void),
        Amend::parse(text).ok().map(Record::Amend),
        Keys::parse(text).ok().map(Record::Keys),
    ];
    let read: Vec<Record> = kinds.into_iter().flatten().collect();
    let parsed: Vec<Record> = Record::parse(text).into_iter().collect();
    assert_eq!(read, parsed);
    for record in parsed {
        assert_eq!(record.to_string(), text);
        assert!(!is_later_version(text));
        assert!(text.starts_with(&format!(
            "fairplate/v1 {}\norigin {}\n",
            record.kind(),
            record.origin()
        )));
    }
}

/// What contributors keep and hand in: one reader at most reads it, and it is written as it was read.
fn check_contribution(text: &str) {
    let read = [
        Contribution::parse(text).ok().map(|it| it.to_string()),
        Commitment::parse(text).ok().map(|it| it.to_string()),
        Reveal::parse(text).ok().map(|it| it.to_string()),
    ];
    let read: Vec<String> = read.into_iter().flatten().collect();
    assert!(read.len() < 2 && read.iter().all(|written| written == text));
}
