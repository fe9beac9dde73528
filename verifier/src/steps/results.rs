//! Step 14, `results` (V14): every result file, and what the result record says of it, is what the seed
//! makes of its pool.

use std::io::{self, BufReader, Read, Write};

use super::{Case, Step, case::Drawn};
use crate::{
    record::OutcomeLine,
    report::{Failure, StepAnswer},
};

const RESULT: &str = "result.note";

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Results);
    for drawn in &case.drawn {
        let name = format!("result-{}.csv", drawn.category);
        let file = case.bundle.as_ref().ok().map(|bundle| bundle.open(&name));
        let file = match file {
            Some(Ok(Some(file))) => file,
            Some(Err(error)) => {
                answer.unreadable(&name, &error);
                continue;
            }
            Some(Ok(None)) | None => continue,
        };
        let outcomes = case.result.iter().flat_map(|result| &result.outcomes);
        let mut outcomes = outcomes.filter(|outcome| outcome.category == drawn.category);
        if let Err(error) = compare(&mut answer, &name, drawn, file, outcomes.next()) {
            answer.unreadable(&name, &error);
        }
    }
    if answer.checked == 0 && answer.failure.is_none() {
        return StepAnswer::not_checked(Step::Results);
    }
    answer
}

fn compare(
    answer: &mut StepAnswer,
    name: &str,
    drawn: &Drawn,
    file: impl Read,
    published: Option<&OutcomeLine>,
) -> io::Result<()> {
    let mut comparison = Comparison::new(BufReader::new(file));
    let summary = drawn.outcome.write(&mut comparison)?;
    answer.checked += summary.rows;
    let difference = comparison.finish()?;
    answer.check(match difference {
        None => Ok(()),
        Some((line, expected, found)) => Err(Failure::new(name, expected, found).at(line)),
    });
    if let Some(published) = published {
        let computed = drawn.outcome.line(&drawn.category, summary);
        answer.equal(RESULT, "the line", &computed, published);
    }
    Ok(())
}

/// Compares what is written with a file, and keeps the first line that differs.
struct Comparison<R> {
    file: R,
    lines: u64,
    difference: Option<(u64, String, String)>,
}

impl<R: Read> Comparison<R> {
    fn new(file: R) -> Self {
        Self {
            file,
            lines: 0,
            difference: None,
        }
    }

    /// The first difference: line, what should be there, what is there.
    fn finish(mut self) -> io::Result<Option<(u64, String, String)>> {
        if self.difference.is_none() {
            let mut rest = Vec::new();
            self.file.take(128).read_to_end(&mut rest)?;
            if !rest.is_empty() {
                let expected = "the end of the file".to_owned();
                let found = first_line(&rest);
                self.difference = Some((self.lines + 1, expected, found));
            }
        }
        Ok(self.difference)
    }
}

impl<R: Read> Write for Comparison<R> {
    /// Takes whole lines only.
    fn write(&mut self, computed: &[u8]) -> io::Result<usize> {
        if self.difference.is_some() {
            return Ok(computed.len());
        }
        let mut found = Vec::new();
        let length = computed.len() as u64;
        self.file.by_ref().take(length).read_to_end(&mut found)?;
        let same = computed.iter().zip(&found);
        let same = same.take_while(|(one, other)| one == other).count();
        if same == computed.len() {
            self.lines += count_lines(computed);
        } else {
            let start = computed[..same].iter().rposition(|byte| *byte == b'\n');
            let start = start.map_or(0, |at| at + 1);

            let line = self.lines + count_lines(&computed[..start]) + 1;
            let found = first_line(&found[start..]);
            self.difference = Some((line, first_line(&computed[start..]), found));
        }
        Ok(computed.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn count_lines(bytes: &[u8]) -> u64 {
    bytes.split_inclusive(|byte| *byte == b'\n').count() as u64
}

fn first_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    match text.split_once('\n') {
        Some((line, _)) => line.to_owned(),
        None if text.is_empty() => "the end of the file".to_owned(),
        None => text.into_owned(),
    }
}
