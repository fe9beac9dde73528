//! Another implementation of signed notes and of tiled logs, Go's own, reads what we publish, and we
//! read what it writes.

use std::{fs, path::Path};

use fairplate_tests::{TestCity, go, on_both_databases, stages::places};
use verifier::{
    log::{Checkpoint, InclusionBundle, LogFolder, check_consistency, check_inclusion, leaf_hash},
    note::{Note, NoteError, VerifierKey},
    text::{Digest, Time},
    trust::TrustPolicy,
};

/// More than one tile, and with it a second level.
const ENTRIES: u64 = 300;

fn text(path: impl AsRef<Path>) -> String {
    path.as_ref().display().to_string()
}

/// The arguments with which Go checks a draw's records, and those for the log.
fn checks(city: &TestCity, draw: &str) -> (Vec<String>, Vec<String>) {
    let layout = &city.app.layout;
    let (folder, public) = (layout.draw(draw), layout.public());
    let trust = text(public.join("trust.policy"));
    let draw = vec![
        "draw".to_owned(),
        text(&folder),
        text(public.join("records.vkey")),
        trust.clone(),
    ];
    let mut log = vec!["log".to_owned(), text(layout.log()), trust];
    for record in ["announce", "close", "result"] {
        log.push(text(folder.join(format!("{record}.tlog-proof"))));
    }
    (draw, log)
}

fn borrowed(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

#[test]
fn go_opens_the_records_and_proves_the_log_of_a_published_draw() {
    on_both_databases(async |city| {
        city.finished(5, places(1, 1)).await;
        let (draw, log) = checks(city, fairplate_tests::stages::PERIOD);
        assert_eq!(
            go::interop(&borrowed(&draw)),
            "3 records are signed and logged"
        );
        assert_eq!(
            go::interop(&borrowed(&log)),
            "3 entries and 6 earlier trees are proven"
        );
        for arguments in [draw, log] {
            let mut flips = vec!["flips".to_owned()];
            flips.extend(arguments);
            let told = go::interop(&borrowed(&flips));
            assert!(told.ends_with("flips are refused"), "{told}");
        }
    });
}

#[test]
fn go_believes_no_record_of_another_city_and_no_log_that_was_cut_short() {
    on_both_databases(async |city| {
        city.finished(5, places(1, 1)).await;
        let (mut draw, log) = checks(city, fairplate_tests::stages::PERIOD);
        let example = example();
        draw[2] = text(example.join("records.vkey"));
        let refused = go::refusal(&borrowed(&draw));
        assert!(
            refused.contains("note has no verifiable signatures"),
            "{refused}"
        );
        let tile = city.app.layout.log().join("tile/0/000.p/3");
        let hashes = fs::read(&tile).expect("the hashes");
        fs::write(&tile, &hashes[..64]).expect("cut");
        let refused = go::refusal(&borrowed(&log));
        assert!(refused.contains("bad result slice"), "{refused}");
        fs::write(&tile, &hashes).expect("mended");
        let _told = go::interop(&borrowed(&log));
    });
}

fn example() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../verifier/vectors/accept/example")
}

#[test]
fn go_opens_the_records_of_the_vectors_and_none_with_another_byte() {
    let folder = example();
    let arguments = [
        "flips".to_owned(),
        "draw".to_owned(),
        text(&folder),
        text(folder.join("records.vkey")),
        text(folder.join("trust.policy")),
    ];
    let told = go::interop(&borrowed(&arguments));
    assert!(
        told.starts_with("3 records are signed and logged; "),
        "{told}"
    );
}

/// A log that Go has written into a folder.
struct Written {
    folder: tempfile::TempDir,
    trust: TrustPolicy,
    records: VerifierKey,
}

impl Written {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let told = go::interop(&["write", &text(folder.path()), &ENTRIES.to_string()]);
        assert_eq!(told, format!("a log of {ENTRIES} entries is written"));
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("a file");
        let trust = read("trust.policy").parse().expect("a trust policy");
        let records = read("records.vkey").trim().parse().expect("a key");
        Self {
            folder,
            trust,
            records,
        }
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder.path().join(name)).expect(name)
    }
}

#[test]
fn we_open_the_notes_and_read_the_log_that_go_has_signed() {
    let go = Written::new();
    let log = LogFolder::open(go.folder.path(), go.trust.log()).expect("a good log");
    assert_eq!(log.checkpoint.size, ENTRIES);
    log.check_tiles(go.folder.path()).expect("good tiles");
    let quorum = go.trust.quorum_met_at(&log.note).expect("good lines");
    assert_eq!(quorum, Some(Time(1_782_802_800)));
    for index in [0, 1, 254, 255, 256, 299] {
        let entry = go.read(&format!("entry-{index}.note"));
        let note = Note::parse(&entry).expect("a note");
        note.verify(&go.records).expect("signed");
        let proof = go.read(&format!("entry-{index}.tlog-proof"));
        let proof = InclusionBundle::parse(&proof).expect("a proof");
        assert_eq!(proof.index, index);
        proof.check(&entry, &log.checkpoint).expect("in the log");
        let mut other = entry.clone();
        other[0] ^= 1;
        proof.check(&other, &log.checkpoint).unwrap_err();
        let other = Note::parse(&other).expect("a note").verify(&go.records);
        assert!(
            matches!(other, Err(NoteError::BadSignature { .. })),
            "{other:?}"
        );
    }
}

#[test]
fn we_follow_every_proof_that_go_has_made_and_none_with_another_hash() {
    let go = Written::new();
    let Checkpoint { size, root, .. } =
        Checkpoint::parse(&Note::parse(&go.read("checkpoint")).expect("a note").text)
            .expect("read");
    for index in 0..size {
        let entry = go.read(&format!("entry-{index}.note"));
        let read = InclusionBundle::parse(&go.read(&format!("entry-{index}.tlog-proof")));
        let mut path = read.expect("a proof").proof;
        let leaf = leaf_hash(&entry);
        check_inclusion(leaf, index, size, &path, root).expect("in the log");
        path[0].0[0] ^= 1;
        check_inclusion(leaf, index, size, &path, root).unwrap_err();

        let grown = String::from_utf8(go.read(&format!("grown-from-{}", index + 1))).expect("text");
        let hashes = grown.lines().map(str::parse::<Digest>);
        let mut hashes = hashes.map(|hash| hash.expect("a hash"));
        let old_root = hashes.next().expect("the older root");
        let mut path: Vec<Digest> = hashes.collect();
        check_consistency(index + 1, old_root, size, root, &path).expect("grown");
        let other = Digest::of(b"another root");
        check_consistency(index + 1, other, size, root, &path).unwrap_err();
        if let Some(first) = path.first_mut() {
            first.0[0] ^= 1;
            check_consistency(index + 1, old_root, size, root, &path).unwrap_err();
        }
    }
}
