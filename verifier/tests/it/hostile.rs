//! Files written by somebody who wants the verifier to fail: whatever the bytes, a reader answers,
//! and what it accepts it would have written itself.

use std::{fs, path::Path};

use fairplate_verifier::{
    Trust,
    beacon::Chain,
    bundle::Bundle,
    draw::{draw_ranked, draw_scored},
    log::{Checkpoint, InclusionBundle},
    note::{Note, VerifierKey},
    pool::{PoolReader, PoolWriter},
    receipt::{Receipt, make},
    record::Record,
    trust::TrustPolicy,
};

const ROUNDS: u32 = 4_000;

/// A small generator, so that a failure comes again.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit.max(1)).expect("a size")).expect("a size")
    }

    /// One to three changes of the kinds that find mistakes in readers.
    fn disturb(&mut self, bytes: &[u8]) -> Vec<u8> {
        const LIKELY: &[u8] = b"\n\n 0019+-,=AZaz.\r\t\0\x80\xff";
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len() + 1);
            let until = (at + self.below(40)).min(bytes.len());
            let byte = LIKELY[self.below(LIKELY.len())];
            match self.below(6) {
                0 => bytes.insert(at, byte),
                1 if at < bytes.len() => bytes[at] = byte,
                2 => drop(bytes.drain(at..until)),
                3 => {
                    let piece = bytes[at..until].to_vec();
                    let to = self.below(bytes.len() + 1);
                    drop(bytes.splice(to..to, piece));
                }
                4 => bytes.truncate(at),
                _ if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                _ => {}
            }
        }
        bytes
    }
}

fn example(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/accept/example");
    fs::read(folder.join(name)).expect(name)
}

/// Disturbs the bytes many times; `read` gives back what the reader would write of them.
fn disturb(bytes: &[u8], read: impl Fn(&[u8]) -> Option<Vec<u8>>) {
    assert_eq!(read(bytes).as_deref(), Some(bytes));
    let mut chance = Chance(88_172_645_463_325_252);
    for _ in 0..ROUNDS {
        let disturbed = chance.disturb(bytes);
        if let Some(written) = read(&disturbed) {
            assert_eq!(
                written,
                disturbed,
                "{:?}",
                String::from_utf8_lossy(&disturbed)
            );
        }
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

#[test]
fn notes_proofs_and_checkpoints_have_one_spelling() {
    for name in ["announce.note", "close.note", "result.note"] {
        disturb(&example(name), |bytes| {
            Some(Note::parse(bytes).ok()?.to_string().into_bytes())
        });
    }
    disturb(&example("result.tlog-proof"), |bytes| {
        Some(InclusionBundle::parse(bytes).ok()?.to_string().into_bytes())
    });
    let proof = InclusionBundle::parse(&example("result.tlog-proof")).expect("a proof");
    disturb(proof.checkpoint.text.as_bytes(), |bytes| {
        Some(
            Checkpoint::parse(text(bytes)?)
                .ok()?
                .to_string()
                .into_bytes(),
        )
    });
}

#[test]
fn records_have_one_spelling() {
    let mut texts: Vec<String> = ["announce.note", "close.note", "result.note"]
        .map(|name| Note::parse(&example(name)).expect(name).text)
        .into();
    let zeros = "0".repeat(64);
    let head = "origin a.example\n";
    texts.push(format!(
        "fairplate/v1 void\n{head}draw 1\nannounce {zeros}\nissued 2026-01-01T00:00:00Z\n\
         reason no power\n"
    ));
    texts.push(format!(
        "fairplate/v1 amend\n{head}draw 1\nresult {zeros}\nissued 2026-01-01T00:00:00Z\n\
         drop c 1 A1 came too late\npromote c 3 B2\n"
    ));
    let key = String::from_utf8(example("records.vkey")).expect("a key");
    texts.push(format!(
        "fairplate/v1 keys\n{head}epoch 2\nissued 2026-01-01T00:00:00Z\nvkey {key}"
    ));
    for record in texts {
        disturb(record.as_bytes(), |bytes| {
            Some(Record::parse(text(bytes)?).ok()?.to_string().into_bytes())
        });
    }
}

#[test]
fn keys_and_chains_have_one_spelling() {
    let key = example("records.vkey");
    disturb(key.trim_ascii_end(), |bytes| {
        Some(
            text(bytes)?
                .parse::<VerifierKey>()
                .ok()?
                .to_string()
                .into_bytes(),
        )
    });
    disturb(&example("chain.json"), |bytes| {
        Some(Chain::parse(bytes).ok()?.to_string().into_bytes())
    });
    let records = example("records.vkey");
    let mut chance = Chance(7);
    for _ in 0..ROUNDS {
        let policy = chance.disturb(&example("trust.policy"));
        if let Ok(trust) = Trust::parse(&policy, &records) {
            let written = trust.policy.to_string();
            assert_eq!(
                written.parse::<TrustPolicy>(),
                Ok(trust.policy),
                "{written}"
            );
        }
    }
}

#[test]
fn pools_have_one_spelling() {
    let queue = b"A1,5,1700000000000\nB2,0,1\nC3,4294967295,9223372036854775807\n";
    disturb(b"0486106556966,12\n1204107889120,1\nA,65535\n", |bytes| {
        let mut reader = PoolReader::new(bytes);
        let mut writer = PoolWriter::new(Vec::new());
        while let Some(row) = reader.next_row().ok()? {
            writer
                .push(row.code.as_ref(), row.weight)
                .expect("what was read");
        }
        let (written, summary) = writer.finish().expect("memory does not fail");
        assert_eq!(summary, reader.finish());
        let drawn = draw_scored(bytes, summary.root, 2, 1).expect("what was read");
        assert_eq!(drawn.1, summary);
        Some(written)
    });
    let mut chance = Chance(11);
    for _ in 0..ROUNDS {
        let disturbed = chance.disturb(queue);
        if let Ok((outcome, summary)) = draw_ranked(disturbed.as_slice(), 2, 5) {
            assert_eq!(outcome.places.len() as u64, summary.rows.min(7));
        }
    }
}

#[test]
fn receipts_have_one_spelling() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/accept/example");
    let bundle = Bundle::open_folder(&folder).expect("the example");
    let receipt = make(&bundle, "5422103493799".parse().expect("a code")).expect("a receipt");
    disturb(receipt.to_string().as_bytes(), |bytes| {
        Some(Receipt::parse(text(bytes)?).ok()?.to_string().into_bytes())
    });
}

#[test]
fn an_archive_of_any_bytes_is_opened_or_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("draw.tar");
    let archive = super::command::tar(&[
        ("202606/policy.toml", example("policy.toml")),
        ("202606/chain.json", example("chain.json")),
    ]);
    let mut chance = Chance(5);
    for _ in 0..ROUNDS / 4 {
        fs::write(&path, chance.disturb(&archive)).expect("a file");
        if let Ok(bundle) = Bundle::open_tar(&path) {
            for name in bundle.names() {
                let length = bundle.find_length(name).expect("a file");
                let bytes = bundle.find(name).expect("a small file").expect("a file");
                assert_eq!(bytes.len() as u64, length);
            }
        }
    }
}
