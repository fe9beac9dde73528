//! Reading a receipt line by line, and file by file.

use super::{NOTHING, ReceiptError};
use crate::{
    beacon::Chain,
    text::{Digest, Time, decimal, excerpt, unbase64},
};

/// The most hashes of a path, as in a proof of the log.
const MAX_HASHES: usize = 64;

/// What is still to be read.
pub(super) struct Lines<'a> {
    rest: &'a str,
    /// The line that was read last, from 1.
    line: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            line: 0,
        }
    }

    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    /// The next line, without its newline.
    pub(super) fn take(&mut self) -> &'a str {
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.line += 1;
        self.rest = rest;
        line
    }

    pub(super) fn value<T>(
        &mut self,
        key: &str,
        expected: &'static str,
        read: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<T, ReceiptError> {
        let line = self.take();
        let value = line.strip_prefix(key).and_then(read);
        value.ok_or_else(|| self.refuse(expected, line))
    }

    /// A path's hashes in one line.
    pub(super) fn path(&mut self, key: &str) -> Result<Vec<Digest>, ReceiptError> {
        let expected = "the base64 of 1 to 64 hashes, or -";
        self.value(key, expected, |text| {
            let bytes = unspelled(text)?;
            let (hashes, rest) = bytes.as_chunks::<32>();
            let whole = rest.is_empty() && hashes.len() <= MAX_HASHES;
            whole.then(|| hashes.iter().copied().map(Digest).collect())
        })
    }

    /// The beacon's chain in one line.
    pub(super) fn chain(&mut self) -> Result<Chain, ReceiptError> {
        let expected = "`chain <period> <genesis time> <public key> <genesis seed> <beacon id>`";
        self.value("chain ", expected, |text| {
            let words: Vec<&str> = text.split(' ').collect();
            let &[period, genesis, public_key, genesis_seed, beacon_id] = words.as_slice() else {
                return None;
            };
            let period_secs = u32::try_from(decimal(period)?).ok()?;
            let genesis_secs: i64 = genesis.parse().ok()?;
            let public_key = unbase64(public_key)?.try_into().ok()?;
            let genesis_seed = unspelled(genesis_seed)?;
            let genesis_time = Time(genesis_secs);
            let chain = Chain::new(
                public_key,
                period_secs,
                genesis_time,
                genesis_seed,
                beacon_id,
            );
            let spelled_once = genesis_secs.to_string() == genesis;
            // The rules of the chain's own file hold here too.
            let chain = Chain::parse(chain.to_string().as_bytes()).ok()?;
            spelled_once.then_some(chain)
        })
    }

    pub(super) fn file(&mut self, name: &str) -> Result<Vec<u8>, ReceiptError> {
        let length = self.value("file ", "`file <name> <bytes>`", |text| {
            let (found, length) = text.split_once(' ')?;
            decimal(length).filter(|_| found == name)
        })?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let Some((bytes, rest)) = self.rest.split_at_checked(length) else {
            return Err(self.refuse("as many bytes as the line above says", self.rest));
        };
        self.line += bytes.matches('\n').count();
        self.rest = rest;
        Ok(bytes.as_bytes().to_vec())
    }

    pub(super) fn refuse(&self, expected: &'static str, found: &str) -> ReceiptError {
        let found = found.lines().next().unwrap_or_default();
        ReceiptError::Line {
            line: self.line,
            expected,
            found: excerpt(found),
        }
    }
}

fn unspelled(text: &str) -> Option<Vec<u8>> {
    match text {
        NOTHING => Some(Vec::new()),
        text => unbase64(text).filter(|bytes| !bytes.is_empty()),
    }
}
