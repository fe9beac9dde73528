//! How long a program takes from its start to its end: the median and the least of many runs, in
//! microseconds, one after the other.
//!
//! `cargo run --release -p fairplate-verifier --example stopwatch -- <runs> <program> [argument…]`

use std::{
    env,
    error::Error,
    process::{Command, Stdio},
    time::Instant,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = env::args_os().skip(1);
    let runs = words.next().and_then(|runs| runs.to_str()?.parse().ok());
    let runs: usize = runs
        .filter(|runs| *runs > 0)
        .ok_or("expected how many runs")?;
    let program = words.next().ok_or("expected a program to run")?;
    let mut command = Command::new(program);
    command
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let mut took = Vec::with_capacity(runs);
    for _ in 0..runs {
        let begun = Instant::now();
        let status = command.status()?;
        took.push(begun.elapsed().as_micros());
        if !status.success() {
            return Err(format!("expected success, found {status}").into());
        }
    }
    took.sort_unstable();
    println!("{} {}", took[runs / 2], took[0]);
    Ok(())
}
