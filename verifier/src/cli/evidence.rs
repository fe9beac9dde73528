//! What to keep when a draw is refuted: the artefacts that contradict each other, the keys that were
//! believed, and the report.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use fairplate_verifier::{Report, Trust, bundle::Bundle, steps::Step};

use super::Refusal;

/// Writes the evidence into a folder, which is made if it is not there.
pub(super) fn write(
    folder: &Path,
    bundle: &Bundle,
    trust: &Trust,
    report: &Report,
) -> Result<(), Refusal> {
    let write = || -> io::Result<()> {
        fs::create_dir_all(folder)?;
        fs::write(
            folder.join("report.json"),
            format!("{:#}\n", report.to_json()),
        )?;
        for (place, policy) in trust.policies().enumerate() {
            let name = match place {
                0 => "trust.policy".to_owned(),
                later => format!("trust-{later}.policy"),
            };
            fs::write(folder.join(name), policy.to_string())?;
        }
        fs::write(folder.join("records.vkey"), format!("{}\n", trust.records))?;
        for evidence in &report.evidence {
            fs::write(
                folder.join(format!("{}.note", evidence.name)),
                &evidence.bytes,
            )?;
        }
        for name in artefacts(report) {
            if let Some(mut file) = bundle.open(&name)? {
                io::copy(&mut file, &mut File::create(folder.join(&name))?)?;
            }
        }
        Ok(())
    };
    write().map_err(|error| {
        let expected = format!(
            "to keep the evidence in {} (or --no-evidence)",
            folder.display()
        );
        Refusal::new(expected, error)
    })
}

/// The failing file and the signed ones that it contradicts.
fn artefacts(report: &Report) -> Vec<String> {
    let Some(answer) = report.first_failure() else {
        return Vec::new();
    };
    let failing = answer.failure.iter().map(|failure| failure.file.as_str());
    let against: &[&str] = match answer.step {
        Step::Files | Step::Signatures => &[],
        Step::Policy => &["announce.note"],
        Step::Contributions | Step::Pools => &["announce.note", "announce.tlog-proof"],
        Step::Chain | Step::Beacon => &["announce.note", "result.note", "chain.json"],
        Step::Timeline => &[
            "announce.note",
            "announce.tlog-proof",
            "close.note",
            "close.tlog-proof",
            "void.note",
            "chain.json",
        ],
        Step::Amends => &["result.note", "announce.note"],
        Step::Records
        | Step::Inclusion
        | Step::Witnesses
        | Step::Uniqueness
        | Step::Seed
        | Step::Results => &["announce.note", "close.note", "result.note"],
    };
    let mut names: Vec<String> = failing
        .chain(against.iter().copied())
        .map(str::to_owned)
        .collect();
    // A proof says nothing without the note it is for, and the other way round.
    for name in names.clone() {
        if let Some(stem) = name.strip_suffix(".tlog-proof") {
            names.push(format!("{stem}.note"));
        } else if let Some(stem) = name.strip_suffix(".note") {
            names.push(format!("{stem}.tlog-proof"));
        } else if let Some(category) = name.strip_prefix("result-") {
            names.push(format!("pool-{category}"));
        }
    }
    names.sort();
    names.dedup();
    names
}
