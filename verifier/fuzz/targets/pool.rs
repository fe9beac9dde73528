//! Pools of both methods: the fast reader and a plain one read the same lines, refuse the same one,
//! and draw the same people.
#![no_main]

use std::io::Read;

use fairplate_verifier::{
    Digest,
    draw::{draw_ranked, draw_scored},
    pool::{PoolError, PoolReader, PoolWriter},
    rank::{RankReader, RankWriter},
    root::FileSummary,
};
use fairplate_verifier_fuzz::{edit::Script, slow};
use libfuzzer_sys::fuzz_target;

/// With more tickets the plain draw takes too long.
const MANY: u64 = 1 << 17;

/// Hands out a few bytes at a time, so that lines are cut everywhere.
struct Drip<'a> {
    rest: &'a [u8],
    most: usize,
}

impl Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.most.min(self.rest.len()).min(buffer.len());
        buffer[..length].copy_from_slice(&self.rest[..length]);
        self.rest = &self.rest[length..];
        Ok(length)
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut script = Script::new(bytes);
    let mode = script.byte();
    let most = match script.byte() {
        255 => usize::MAX,
        most => usize::from(most) + 1,
    };
    let (quota, reserve) = (u64::from(script.byte()), u64::from(script.byte() % 8));
    let file = script.rest();
    let drip = Drip { rest: file, most };
    if mode % 4 == 3 {
        check_queue(file, drip, quota, reserve);
    } else {
        check_pool(file, drip, mode % 4 == 2, quota, reserve);
    }
});

/// The line at which a reader stopped.
fn refused(error: &PoolError) -> u64 {
    match error {
        PoolError::Line { line, .. } => *line,
        other => panic!("memory does not fail: {other}"),
    }
}

fn check_pool(file: &[u8], drip: Drip<'_>, apart: bool, quota: u64, reserve: u64) {
    let plain = slow::read_pool(file);
    let mut reader = if apart {
        PoolReader::new_apart(drip)
    } else {
        PoolReader::new(drip)
    };
    let mut writer = PoolWriter::new(Vec::new());
    let mut found: Vec<(String, u64, u64)> = Vec::new();
    let stopped = loop {
        match reader.next_row() {
            Ok(None) => break None,
            Err(error) => break Some(refused(&error)),
            Ok(Some(row)) => {
                writer
                    .push(row.code.as_ref(), row.weight)
                    .expect("what was read");
                found.push((row.code.to_string(), row.weight.into(), row.first_ticket));
            }
        }
    };
    let key = Digest::of(&quota.to_be_bytes());
    let drawn = draw_scored(file, key, quota, reserve);
    let rows = match plain {
        Ok(rows) => rows,
        Err(line) => {
            assert_eq!((stopped, found.len() as u64 + 1), (Some(line), line));
            assert_eq!(refused(&drawn.expect_err("a bad line")), line);
            return;
        }
    };
    assert_eq!(stopped, None);
    let same = rows
        .iter()
        .map(|(code, weight, first)| ((*code).to_owned(), *weight, *first));
    assert!(same.eq(found.iter().cloned()));
    let (written, summary) = writer.finish().expect("memory does not fail");
    assert_eq!(written, file);
    assert_eq!(summary, reader.finish());
    let tickets = rows.last().map_or(0, |(_, weight, first)| first + weight);
    check_summary(summary, file, tickets, slow::root(file, |row| rows[row].2));
    let (outcome, drawn) = drawn.expect("a pool");
    assert_eq!(drawn, summary);
    if tickets > MANY {
        return;
    }
    let mut result = Vec::new();
    let line = outcome.line(
        "c",
        outcome.write(&mut result).expect("memory does not fail"),
    );
    let expected = slow::draw(&rows, key, quota + reserve);
    assert_eq!(String::from_utf8_lossy(&result), expected);
    assert_eq!(line.winners, quota.min(rows.len() as u64));
    assert_eq!(line.file.root, slow::root(&result, |_| 0));
}

fn check_queue(file: &[u8], drip: Drip<'_>, quota: u64, reserve: u64) {
    let plain = slow::read_queue(file);
    let mut reader = RankReader::new(drip);
    let mut writer = RankWriter::new(Vec::new());
    let mut found = 0_u64;
    let stopped = loop {
        match reader.next_row() {
            Ok(None) => break None,
            Err(error) => break Some(refused(&error)),
            Ok(Some(row)) => {
                let pushed = writer.push(row.code.as_ref(), row.points.0, row.time_millis);
                pushed.expect("what was read");
                found += 1;
            }
        }
    };
    let ranked = draw_ranked(file, quota, reserve);
    let rows = match plain {
        Ok(rows) => rows,
        Err(line) => {
            assert_eq!((stopped, found + 1), (Some(line), line));
            assert_eq!(refused(&ranked.expect_err("a bad line")), line);
            return;
        }
    };
    assert_eq!((stopped, found), (None, rows.len() as u64));
    let (written, summary) = writer.finish().expect("memory does not fail");
    assert_eq!(written, file);
    assert_eq!(summary, reader.finish());
    check_summary(summary, file, 0, slow::root(file, |_| 0));
    let (outcome, ranked) = ranked.expect("a queue");
    assert_eq!(ranked, summary);
    let mut result = Vec::new();
    outcome.write(&mut result).expect("memory does not fail");
    let expected = slow::serve(&rows, quota + reserve);
    assert_eq!(String::from_utf8_lossy(&result), expected);
}

fn check_summary(summary: FileSummary, file: &[u8], tickets: u64, root: Digest) {
    let expected = FileSummary {
        rows: file.split_inclusive(|byte| *byte == b'\n').count() as u64,
        tickets,
        bytes: file.len() as u64,
        root,
        sha256: Digest::of(file),
    };
    assert_eq!(summary, expected);
}
