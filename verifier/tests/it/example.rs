//! The worked example of the specification: a whole draw on a real beacon round. Every value of
//! `vectors.json` is computed again.

use std::{
    fs,
    path::{Path, PathBuf},
};

use fairplate_verifier::{
    Digest, Options, Report, Trust, Verdict,
    beacon::Chain,
    draw::draw_scored,
    log::{Checkpoint, InclusionBundle, leaf_hash, root_hash},
    note::{Note, VerifierKey},
    pool::PoolReader,
    record::{Announce, Close, Record, ResultRecord},
    report::Status,
    root::group_leaf,
    score::{category_key, score, seed},
    steps::Step,
    verify_folder,
};
use serde_json::Value;

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/accept/example")
}

fn read(name: &str) -> Vec<u8> {
    fs::read(example().join(name)).expect(name)
}

fn trust() -> Trust {
    Trust::parse(&read("trust.policy"), &read("records.vkey")).expect("the example's keys")
}

fn vectors() -> Value {
    serde_json::from_slice(&read("vectors.json")).expect("vectors.json")
}

fn note(name: &str) -> Note {
    Note::parse(&read(name)).expect(name)
}

fn verify(folder: &Path) -> Report {
    verify_folder(folder, &trust(), &Options::default(), &mut |_| {})
}

#[test]
fn the_example_is_verified() {
    let report = verify(&example());
    assert_eq!(report.verdict, Verdict::Verified, "{report}");
    for answer in &report.steps {
        let expected = match answer.step {
            Step::Uniqueness => Status::NotChecked,
            _ => Status::Passed,
        };
        assert_eq!(answer.status, expected, "{report}");
    }
    let [individual, unit] = report.categories.as_slice() else {
        panic!("expected two categories: {report}");
    };
    assert_eq!((individual.applicants, individual.tickets), (5, 44));
    assert_eq!((unit.winners, unit.reserves), (25, 5));
    let beacon = report.timeline.beacon.map(|time| time.to_string());
    assert_eq!(beacon.as_deref(), Some("2026-06-30T07:09:24Z"));
}

#[test]
fn hashes_and_seed_are_those_of_the_vectors() {
    let vectors = vectors();
    let announce = Record::hash(&note("announce.note").text);
    let close = Record::hash(&note("close.note").text);
    let result = ResultRecord::parse(&note("result.note").text).expect("the result");
    assert_eq!(vectors["announce_hash"], announce.to_string());
    assert_eq!(vectors["close_hash"], close.to_string());
    let randomness = Digest::of(&result.signature);
    assert_eq!(vectors["beacon_randomness"], randomness.to_string());
    let seed = seed(announce, close, &result.signature);
    assert_eq!(vectors["seed"], seed.to_string());
    assert_eq!(seed, result.seed);
    let trust = trust();
    assert_eq!(vectors["record_vkey"], trust.records.to_string());
    assert_eq!(vectors["log_vkey"], trust.policy.log().to_string());
    let witnesses: Vec<&VerifierKey> = trust.policy.witnesses().map(|(_, key)| key).collect();
    assert_eq!(vectors["witness_vkey"], witnesses[0].to_string());
}

#[test]
fn keys_scores_leaves_and_receipts_are_those_of_the_vectors() {
    let vectors = vectors();
    let seed: Digest = vectors["seed"]
        .as_str()
        .expect("a seed")
        .parse()
        .expect("a seed");
    let categories = vectors["categories"].as_object().expect("categories");
    assert_eq!(categories.len(), 2);
    for (category, expected) in categories {
        let key = category_key(seed, category);
        assert_eq!(expected["key"], key.to_string());
        let mut keystream = Vec::new();
        for (ticket, text) in (0..).zip(expected["first_scores"].as_array().expect("scores")) {
            assert_eq!(*text, format!("{:016x}", score(key, ticket)));
            keystream.extend(score(key, ticket).to_le_bytes());
        }
        let keystream: [u8; 32] = keystream.try_into().expect("four scores");
        assert_eq!(expected["keystream_32"], Digest(keystream).to_string());
        check_receipt(category, key, expected);
    }
}

fn check_receipt(category: &str, key: Digest, expected: &Value) {
    let bytes = read(&format!("pool-{category}.csv"));
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let mut rows = Vec::new();
    let mut pool = PoolReader::new(bytes.as_slice());
    while let Some(row) = pool.next_row().expect("the example's pool") {
        rows.push(row);
    }
    let leaves: Vec<Digest> = (0..)
        .zip(lines.chunks(256))
        .map(|(group, lines): (usize, &[&[u8]])| {
            let first = group * 256;
            group_leaf(first as u64, rows[first].first_ticket, &lines.concat())
        })
        .collect();
    let shown: Vec<String> = leaves.iter().map(Digest::to_string).collect();
    assert_eq!(expected["chunk_leaves"], serde_json::json!(shown));
    assert_eq!(root_hash(&leaves), pool.finish().root);

    let receipt = &expected["receipt"];
    let row = usize::try_from(receipt["row"].as_u64().expect("a row")).expect("a row");
    assert_eq!(receipt["code"], rows[row].code.as_ref());
    let first = rows[row].first_ticket;
    let weight = u64::from(rows[row].weight);
    assert_eq!(
        receipt["serials"],
        serde_json::json!([first + 1, first + weight])
    );
    let best = (first..first + weight)
        .map(|ticket| score(key, ticket))
        .min();
    assert_eq!(
        receipt["best_score"],
        format!("{:016x}", best.expect("a ticket"))
    );
    let group = row / 256;
    assert_eq!(receipt["chunk"], group);
    assert_eq!(receipt["first_ticket"], rows[group * 256].first_ticket);
    let path = fairplate_verifier::log::inclusion_proof(&leaves, group as u64);
    let path: Vec<String> = path.iter().map(Digest::to_string).collect();
    assert_eq!(receipt["path"], serde_json::json!(path));
}

#[test]
fn every_file_is_written_as_it_was_read() {
    let announce = note("announce.note");
    let close = note("close.note");
    let result = note("result.note");
    let parsed = Announce::parse(&announce.text).expect("the announce");
    assert_eq!(parsed.to_string(), announce.text);
    assert_eq!(
        Close::parse(&close.text).expect("the close").to_string(),
        close.text
    );
    let text = ResultRecord::parse(&result.text)
        .expect("the result")
        .to_string();
    assert_eq!(text, result.text);
    for name in ["announce", "close", "result"] {
        let bytes = read(&format!("{name}.tlog-proof"));
        let bundle = InclusionBundle::parse(&bytes).expect(name);
        assert_eq!(bundle.to_string().as_bytes(), bytes);
        let checkpoint = Checkpoint::parse(&bundle.checkpoint.text).expect(name);
        assert_eq!(checkpoint.to_string(), bundle.checkpoint.text);
    }
    let chain = read("chain.json");
    assert_eq!(
        Chain::parse(&chain)
            .expect("the chain")
            .to_string()
            .as_bytes(),
        chain
    );
    let policy = read("trust.policy");
    assert_eq!(trust().policy.to_string().as_bytes(), policy);
    let vkey = read("records.vkey");
    assert_eq!(format!("{}\n", trust().records).as_bytes(), vkey);
}

#[test]
fn the_logs_roots_are_those_of_its_three_entries() {
    let entries = ["announce.note", "close.note", "result.note"].map(read);
    let leaves: Vec<Digest> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    for (size, name) in [(1, "announce"), (2, "close"), (3, "result")] {
        let bundle = InclusionBundle::parse(&read(&format!("{name}.tlog-proof"))).expect(name);
        let checkpoint = Checkpoint::parse(&bundle.checkpoint.text).expect(name);
        assert_eq!(
            (checkpoint.size, checkpoint.root),
            (size as u64, root_hash(&leaves[..size]))
        );
    }
}

#[test]
fn the_result_files_are_written_again_byte_for_byte() {
    let announce = Announce::parse(&note("announce.note").text).expect("the announce");
    let result = ResultRecord::parse(&note("result.note").text).expect("the result");
    for (pool, published) in announce.pools.iter().zip(&result.outcomes) {
        let key = category_key(result.seed, &pool.category);
        let bytes = read(&format!("pool-{}.csv", pool.category));
        let drawn = draw_scored(bytes.as_slice(), key, pool.quota, pool.reserve);
        let (outcome, summary) = drawn.expect("the example's pool");
        assert_eq!(summary, pool.file);
        let mut file = Vec::new();
        let written = outcome.write(&mut file).expect("memory does not fail");
        assert_eq!(file, read(&format!("result-{}.csv", pool.category)));
        assert_eq!(outcome.line(&pool.category, written), *published);
    }
}

#[test]
fn a_missing_file_is_incomplete_and_a_changed_one_false() {
    let names = [
        "announce.note",
        "close.note",
        "result.note",
        "announce.tlog-proof",
        "close.tlog-proof",
        "result.tlog-proof",
        "chain.json",
        "policy.toml",
        "pool-individual.csv",
        "pool-unit.csv",
        "result-individual.csv",
        "result-unit.csv",
    ];
    for changed in names {
        let folder = tempfile::tempdir().expect("a folder");
        for name in names {
            fs::write(folder.path().join(name), read(name)).expect("a file");
        }
        let path = folder.path().join(changed);
        let mut bytes = read(changed);
        let middle = bytes.len() / 3;
        bytes[middle] ^= 1;
        fs::write(&path, &bytes).expect("a file");
        let report = verify(folder.path());
        assert_eq!(
            report.verdict,
            Verdict::False,
            "{changed} changed: {report}"
        );
        let failure = report
            .first_failure()
            .and_then(|answer| answer.failure.as_ref());
        assert_eq!(failure.expect("a failure").file, changed, "{report}");

        fs::remove_file(&path).expect("a file");
        let report = verify(folder.path());
        assert_eq!(
            report.verdict,
            Verdict::Incomplete,
            "{changed} missing: {report}"
        );
        let failure = report
            .first_failure()
            .and_then(|answer| answer.failure.as_ref());
        assert_eq!(failure.expect("a failure").file, changed, "{report}");
    }
}
