//! Receipts of the example draw, edited: one spelling, and a good verdict only for what the example
//! says of the person.
#![no_main]

use std::{collections::BTreeMap, sync::LazyLock};

use fairplate_verifier::{
    Options, Verdict,
    bundle::Bundle,
    log::InclusionBundle,
    pool::Code,
    receipt::{Receipt, check, make},
};
use fairplate_verifier_fuzz::{
    edit::Script,
    example::{TRUST, file, files, proven},
    shown, slow,
};
use libfuzzer_sys::fuzz_target;

/// The receipt of everybody in the example, category by category, and their ranks.
static RECEIPTS: LazyLock<Vec<(String, Receipt)>> = LazyLock::new(|| {
    let bundle = Bundle::of_files(files());
    let mut receipts = Vec::new();
    for pool in ["pool-individual.csv", "pool-unit.csv"] {
        for (code, _, _) in slow::read_pool(file(pool)).expect("a pool") {
            let receipt = make(&bundle, code.parse().expect("a code")).expect("a receipt");
            receipts.push((receipt.to_string(), receipt));
        }
    }
    receipts
});

/// Ranks and winners of the example, by category and code.
static RANKS: LazyLock<BTreeMap<(&str, Code), (u64, u64)>> = LazyLock::new(|| {
    let mut ranks = BTreeMap::new();
    for (category, name, winners) in [
        ("individual", "result-individual.csv", 2),
        ("unit", "result-unit.csv", 25),
    ] {
        let text = std::str::from_utf8(file(name)).expect("text");
        for (rank, line) in (1..).zip(text.lines()) {
            let code = line.split(',').nth(1).expect("a code");
            ranks.insert((category, code.parse().expect("a code")), (rank, winners));
        }
    }
    ranks
});

fuzz_target!(|bytes: &[u8]| {
    let mut script = Script::new(bytes);
    let chosen = script.below(RECEIPTS.len());
    let other = &RECEIPTS[script.below(RECEIPTS.len())].0;
    let mut text = RECEIPTS[chosen].0.clone().into_bytes();
    for _ in 0..6 {
        if script.is_empty() {
            break;
        }
        script.edit(&mut text, other.as_bytes());
    }
    let mend = script.byte() % 2 == 0;
    let Ok(text) = String::from_utf8(text) else {
        return;
    };
    let text = if mend { mended(&text) } else { text };
    let Ok(receipt) = Receipt::parse(&text) else {
        return;
    };
    assert_eq!(receipt.to_string(), text);
    let (report, standing) = check(&receipt, &TRUST, &Options::default());
    shown::check(&report);
    if !matches!(
        report.verdict,
        Verdict::Verified | Verdict::VerifiedUnwitnessed
    ) {
        return;
    }
    let made = RECEIPTS.iter().map(|(_, made)| made);
    let mut made = made.filter(|made| made.category == receipt.category);
    let made = made.find(|made| made.code == receipt.code);
    assert_same(&receipt, made.expect("somebody of the example"));
    let standing = standing.expect("a standing");
    let rank = RANKS.get(&(receipt.category.as_str(), receipt.code));
    assert_eq!(
        standing.has_won(),
        rank.is_some_and(|(rank, winners)| rank <= winners)
    );
});

/// A receipt whose lengths say again how long its files are, so that an edit within a file is read.
fn mended(text: &str) -> String {
    let mut parts = text.split("\nfile ");
    let mut mended = parts.next().unwrap_or_default().to_owned();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let (line, file) = part.split_once('\n').unwrap_or((part, ""));
        let name = line.split(' ').next().unwrap_or_default();
        let end = if parts.peek().is_some() { "\n" } else { "" };
        let length = file.len() + end.len();
        mended += &format!("\nfile {name} {length}\n{file}");
    }
    mended
}

/// Everything but what only a witness says, and but a rank that was left away.
fn assert_same(receipt: &Receipt, made: &Receipt) {
    assert_eq!(
        (
            receipt.row,
            receipt.first_ticket,
            &receipt.pool_path,
            &receipt.chain
        ),
        (made.row, made.first_ticket, &made.pool_path, &made.chain)
    );
    assert!(receipt.listed.is_none() || receipt.listed == made.listed);
    for (name, bytes) in &receipt.files {
        if name.ends_with(".tlog-proof") {
            let read = |bytes: &[u8]| InclusionBundle::parse(bytes).expect("a proof");
            let (found, known) = (read(bytes), read(&made.files[name]));
            assert_eq!(proven(&found), proven(&known), "{name}");
        } else {
            assert_eq!(bytes, &made.files[name], "{name}");
        }
    }
}
