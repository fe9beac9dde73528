use super::*;

const ANNOUNCE: &[u8] = include_bytes!("../../vectors/accept/example/announce.note");
const RECORDS: &str = include_str!("../../vectors/accept/example/records.vkey");

fn records() -> VerifierKey {
    RECORDS
        .trim_end()
        .parse()
        .expect("the example's record key")
}

#[test]
fn a_note_is_written_as_it_was_read() {
    let note = Note::parse(ANNOUNCE).expect("the example's announce");
    assert_eq!(note.to_string().as_bytes(), ANNOUNCE);
    assert_eq!(note.verify(&records()), Ok(()));
}

#[test]
fn a_changed_text_does_not_verify() {
    let mut note = Note::parse(ANNOUNCE).expect("the example's announce");
    note.text = note.text.replace("window 86400", "window 86401");
    let key = "hangzhou.example/records".to_owned();
    assert_eq!(
        note.verify(&records()),
        Err(NoteError::BadSignature { key })
    );
}

#[test]
fn a_line_by_another_key_is_not_a_signature_by_this_one() {
    let mut note = Note::parse(ANNOUNCE).expect("the example's announce");
    note.signatures[0].key_id ^= 1;
    let key = "hangzhou.example/records".to_owned();
    assert_eq!(note.verify(&records()), Err(NoteError::Unsigned { key }));
}

#[test]
fn a_key_signs_once() {
    let mut note = Note::parse(ANNOUNCE).expect("the example's announce");
    let again = note.signatures[0].clone();
    note.signatures.push(again);
    let key = "hangzhou.example/records".to_owned();
    assert_eq!(note.verify(&records()), Err(NoteError::SignedTwice { key }));
}

#[test]
fn only_a_witness_says_when_it_saw_a_note() {
    use ed25519_dalek::{Signer as _, SigningKey};

    let secret = SigningKey::from_bytes(&[7; 32]);
    let time = Time(1_782_000_000);
    for (kind, expected) in [
        (KeyKind::CosignatureV1, Ok(Some(time))),
        (
            KeyKind::Ed25519,
            Err(NoteError::BadSignature {
                key: "a.example".to_owned(),
            }),
        ),
    ] {
        let public = secret.verifying_key().to_bytes();
        let key = VerifierKey::new("a.example", kind, public).expect("a key");
        let mut note = Note::new("a text\n".to_owned()).expect("a text");
        let message = cosigned_message(&note.text, time);
        let signature = secret.sign(&message).to_bytes();
        let line = Signature::cosignature(&key, time, signature);
        note.signatures.push(line);
        assert_eq!(note.cosigned_at(&key), expected);
    }
}

#[test]
fn a_note_has_at_most_as_many_bytes_as_a_log_entry() {
    let tail = "\n\n— n.example AAAAAAA=\n";
    let longest = "x".repeat(MAX_BYTES - tail.len()) + tail;
    assert!(Note::parse(longest.as_bytes()).is_ok());
    let longer = "x".to_owned() + &longest;
    let found = MAX_BYTES + 1;
    assert_eq!(
        Note::parse(longer.as_bytes()),
        Err(NoteError::TooLong { found })
    );
}

#[test]
fn the_text_ends_at_the_last_empty_line() {
    let note = Note::parse("a\n\nb\n\n— n.example AAAAAAA=\n".as_bytes()).expect("a note");
    assert_eq!(note.text, "a\n\nb\n");
    assert_eq!(note.signatures.len(), 1);
}

#[test]
fn a_text_of_a_note_has_at_most_as_many_bytes_as_a_log_entry() {
    let longest = "x".repeat(MAX_BYTES - 1) + "\n";
    assert!(Note::new(longest.clone()).is_ok());
    let found = MAX_BYTES + 1;
    let longer = Note::new("x".to_owned() + &longest);
    assert_eq!(longer, Err(NoteError::TooLong { found }));
}

#[test]
fn a_bad_signature_line_is_named() {
    let good = "— n.example AAAAAAA=";
    for (text, line) in [
        (format!("a\n\n{good}\nbad\n"), 4),
        (format!("a\n\nb\n\nbad\n{good}\n"), 5),
        (format!("a\nb\nc\n\n{good}\n{good}\nbad\n"), 7),
    ] {
        let found = "bad".to_owned();
        let refused = Note::parse(text.as_bytes());
        assert_eq!(refused, Err(NoteError::Line { line, found }), "{text}");
    }
}

#[test]
fn what_is_not_a_note_is_refused() {
    for text in [
        "",
        "a\n",
        "a\n\n",
        "a\n\n\n",
        "a\n\n— n.example AAAAAAA=",
        "a\r\n\n— n.example AAAAAAA=\n",
        "a\n\n- n.example AAAAAAA=\n",
        "a\n\n— n.example  AAAAAAA=\n",
        "a\n\n— n+m.example AAAAAAA=\n",
        "a\n\n— n.example AAAAAAA\n",
        "a\n\n— n.example AAAAAAB=\n",
        "a\n\n— n.example AAAA\n",
        "a\n\n— n.example AAAAAAA=\ntrailing\n",
    ] {
        assert!(Note::parse(text.as_bytes()).is_err(), "{text:?}");
    }
}
