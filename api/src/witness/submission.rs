//! A checkpoint as it is shown to a witness: the body of `add-checkpoint` (C2SP tlog-witness).

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use verifier::{
    note::{self, Note},
    text::Digest,
};

/// A checkpoint as it is shown to a witness.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The size of the log when this witness last cosigned it; 0 when it never did.
    pub old_size: u64,
    /// RFC 6962 consistency proof from that size to the checkpoint's; empty when they are equal or
    /// the old one is 0. At most 63 hashes.
    pub proof: Vec<Digest>,
    /// The checkpoint, signed by the log.
    pub checkpoint: Note,
}

/// The most hashes of a consistency proof.
const MAX_HASHES: usize = 63;

/// The largest body: the size, the proof, and a note.
pub(crate) const MAX_BYTES: usize = 32 + MAX_HASHES * 45 + note::MAX_BYTES;

impl Submission {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// A sentence that says which line is not what it should be.
    pub fn parse(body: &[u8]) -> Result<Self, String> {
        let refuse = |line: usize, expected: &str| Err(format!("line {line}: expected {expected}"));
        let parting = body
            .windows(2)
            .position(|pair| pair == b"\n\n")
            .ok_or("expected `old <size>`, the proof's hashes, an empty line and a checkpoint")?;
        let head = std::str::from_utf8(&body[..parting])
            .map_err(|_| "expected text in UTF-8 above the empty line")?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old "));
        let Some(old_size) = old.and_then(decimal) else {
            return refuse(1, "`old <size>` with a whole number without leading zeros");
        };
        let mut proof = Vec::new();
        for (number, line) in (2..).zip(lines) {
            if proof.len() == MAX_HASHES {
                return refuse(number, "an empty line behind at most 63 hashes");
            }
            let Some(hash) = STANDARD.decode(line).ok().and_then(|it| it.try_into().ok()) else {
                return refuse(number, "32 bytes in base64");
            };
            proof.push(Digest(hash));
        }
        let checkpoint = Note::parse(&body[parting + 2..])
            .map_err(|error| format!("behind the empty line: {error}"))?;
        Ok(Self {
            old_size,
            proof,
            checkpoint,
        })
    }
}

/// The body.
impl fmt::Display for Submission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old_size)?;
        for hash in &self.proof {
            writeln!(f, "{}", STANDARD.encode(hash.0))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

/// A whole number in its one spelling.
fn decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECKPOINT: &str = "log.example\n2\n9BmPAfp2mvNLNvuTKwXfPTrVfkw/jbk2Xc2knnxRJXM=\n\n— log.example AAAAAA==AAAA\n";

    fn checkpoint() -> String {
        CHECKPOINT.replace("AAAAAA==AAAA", &STANDARD.encode([7; 68]))
    }

    #[test]
    fn a_body_is_written_as_it_was_read() {
        let hash = STANDARD.encode([9; 32]);
        for head in [
            "old 0\n".to_owned(),
            format!("old 1\n{hash}\n"),
            format!(
                "old 18446744073709551615\n{}",
                format!("{hash}\n").repeat(63)
            ),
        ] {
            let body = format!("{head}\n{}", checkpoint());
            let read = Submission::parse(body.as_bytes()).expect("a body");
            assert_eq!(read.to_string(), body);
            assert!(body.len() <= MAX_BYTES);
        }
    }

    #[test]
    fn a_body_of_another_shape_is_refused_at_its_line() {
        let hash = STANDARD.encode([9; 32]);
        for (head, said) in [
            ("old 01\n".to_owned(), "line 1"),
            ("old +1\n".to_owned(), "line 1"),
            ("old\n".to_owned(), "line 1"),
            ("old 18446744073709551616\n".to_owned(), "line 1"),
            (format!("{hash}\nold 1\n"), "line 1"),
            (format!("old 1\n{}\n", STANDARD.encode([9; 31])), "line 2"),
            (format!("old 1\n{hash}\n{hash} \n"), "line 3"),
            (format!("old 1\r\n{hash}\n"), "line 1"),
            (
                format!("old 1\n{}", format!("{hash}\n").repeat(64)),
                "line 65",
            ),
        ] {
            let body = format!("{head}\n{}", checkpoint());
            let error = Submission::parse(body.as_bytes()).expect_err("refused");
            assert!(error.starts_with(said), "{head}: {error}");
        }
        for body in ["", "old 1\n", "old 1\n\n", "old 1\n\nlog.example\n"] {
            assert!(Submission::parse(body.as_bytes()).is_err(), "{body}");
        }
        assert!(Submission::parse(b"old 1\n\n\xff").is_err());
    }
}
