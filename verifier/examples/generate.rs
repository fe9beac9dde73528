//! Writes a draw of any size with keys made for tests, to be measured and tried:
//! `cargo run --release -p fairplate-verifier --example generate -- <folder> <applicants>`.

use std::{env, fs, path::PathBuf, process::ExitCode};

use fairplate_verifier::{Digest, pool::PoolWriter};

#[path = "../tests/it/city/mod.rs"]
mod city;

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let folder = arguments.next().map(PathBuf::from);
    let applicants = arguments.next().and_then(|text| text.parse().ok());
    let (Some(folder), Some(applicants)) = (folder, applicants) else {
        eprintln!("expected a folder and a number of applicants");
        return ExitCode::from(2);
    };
    let mut scenario = city::Scenario::new();
    scenario.pools.truncate(1);
    let pool = &mut scenario.pools[0];
    pool.bytes = pool_of(applicants);
    // 20,000 winners and 2,000 reserves of three million.
    pool.quota = u64::from(applicants) / 150;
    pool.reserve = u64::from(applicants) / 1_500;
    let trust = scenario.trust();
    let mut files = scenario.files();
    files.insert(
        "trust.policy".to_owned(),
        trust.policy.to_string().into_bytes(),
    );
    files.insert(
        "records.vkey".to_owned(),
        format!("{}\n", trust.records).into_bytes(),
    );
    fs::create_dir_all(&folder).expect("a folder that can be made");
    city::write_files(&files, &folder);
    ExitCode::SUCCESS
}

/// Codes of thirteen digits with gaps, and weights from 1 to 20 that are 10⅓ on average.
fn pool_of(applicants: u32) -> Vec<u8> {
    let mut writer = PoolWriter::new(Vec::new());
    for row in 0..applicants {
        let Digest([first, second, third, ..]) = Digest::of(&row.to_le_bytes());
        let code = 1_204_100_000_000_u64 + u64::from(row) * 997 + u64::from(first);
        let weight = if third < 22 {
            15
        } else {
            u16::from(second) % 20 + 1
        };
        writer
            .push(&format!("{code:013}"), weight)
            .expect("an ascending pool");
    }
    writer.finish().expect("memory does not fail").0
}
