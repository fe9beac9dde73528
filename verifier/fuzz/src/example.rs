//! The example draw of the vectors, whose keys are pinned and whose secrets nobody has any more.

use std::{collections::BTreeMap, sync::LazyLock};

use fairplate_verifier::{Digest, Trust, log::InclusionBundle};

/// Files by name.
pub type Files = BTreeMap<String, Vec<u8>>;

macro_rules! listed {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_bytes!(concat!("../../vectors/accept/example/", $name)).as_slice())),*]
    };
}

/// Every file that the verdict speaks of, in the order of their names.
pub const FILES: [(&str, &[u8]); 12] = listed![
    "announce.note",
    "announce.tlog-proof",
    "chain.json",
    "close.note",
    "close.tlog-proof",
    "policy.toml",
    "pool-individual.csv",
    "pool-unit.csv",
    "result-individual.csv",
    "result-unit.csv",
    "result.note",
    "result.tlog-proof",
];

/// The trust policy and the record key.
pub const KEYS: [(&str, &[u8]); 2] = listed!["trust.policy", "records.vkey"];

/// What is believed of the example.
pub static TRUST: LazyLock<Trust> =
    LazyLock::new(|| Trust::parse(KEYS[0].1, KEYS[1].1).expect("the example's keys"));

/// One of [`FILES`].
#[must_use]
pub fn file(name: &str) -> &'static [u8] {
    let found = FILES.iter().find(|(known, _)| *known == name);
    found.expect("a file of the example").1
}

/// All of [`FILES`].
#[must_use]
pub fn files() -> Files {
    let owned = |(name, bytes): &(&str, &[u8])| ((*name).to_owned(), bytes.to_vec());
    FILES.iter().map(owned).collect()
}

/// What a proof says by itself. Lines by unknown signers may be added to its checkpoint and mean
/// nothing, and a witness's may be taken away, which the verdict then says.
#[must_use]
pub fn proven(proof: &InclusionBundle) -> (u64, &[Digest], &str) {
    (proof.index, &proof.proof, &proof.checkpoint.text)
}
