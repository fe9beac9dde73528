//! The old periods: which there were, and when each was published.

use std::{collections::HashMap, path::Path};

use chrono::NaiveDate;

use super::{Report, line};
use crate::{
    domain::PeriodNumber,
    error::{Error, Result},
};

/// One old period.
pub(super) struct Past {
    /// Its number.
    pub(super) number: String,
    /// When its result was published.
    pub(super) published_on: NaiveDate,
}

/// All old periods, ascending.
pub(super) struct History {
    periods: Vec<Past>,
    places: HashMap<String, usize>,
}

impl History {
    /// Reads `periods.csv`; lines that cannot be used are in the report.
    pub(super) fn read(path: &Path, report: &mut Report) -> Result<Self> {
        let mut reader = line::open_with(path, &["period", "published_on"])?;
        let mut history = Self {
            periods: Vec::new(),
            places: HashMap::new(),
        };
        while let Some((number, raw)) = line::next(&mut reader, path)? {
            if let Err((field, reason)) = history.push(
                raw.get(0).unwrap_or_default(),
                raw.get(1).unwrap_or_default(),
            ) {
                report.refuse(line::refusal(path, number, field, reason));
            }
        }
        if history.periods.is_empty() && report.refused == 0 {
            return Err(Error::invalid(
                path.display().to_string(),
                "names no period; list at least the one published last",
            ));
        }
        Ok(history)
    }

    fn push(
        &mut self,
        number: &str,
        published_on: &str,
    ) -> std::result::Result<(), (&'static str, String)> {
        number
            .parse::<PeriodNumber>()
            .map_err(|cause| ("period", cause.to_string()))?;
        let published_on = line::day(published_on).map_err(|reason| ("published_on", reason))?;
        if let Some(last) = self.periods.last()
            && (number <= last.number.as_str() || published_on < last.published_on)
        {
            let reason = format!(
                "expected a later period than {}, published no earlier; sort the file",
                last.number
            );
            return Err(("period", reason));
        }
        self.places.insert(number.to_owned(), self.periods.len());
        self.periods.push(Past {
            number: number.to_owned(),
            published_on,
        });
        Ok(())
    }

    /// The period at a place.
    pub(super) fn get(&self, place: usize) -> &Past {
        &self.periods[place]
    }

    /// The number of the last period; empty before anything was read.
    pub(super) fn last(&self) -> &str {
        self.periods.last().map_or("", |past| past.number.as_str())
    }

    /// The places that a list of periods and runs names, ascending.
    pub(super) fn places(&self, list: &str) -> std::result::Result<Vec<usize>, String> {
        let find = |number: &str| {
            self.places
                .get(number)
                .copied()
                .ok_or_else(|| format!("{number} is not in the file of periods"))
        };
        let mut places: Vec<usize> = Vec::new();
        for word in list.split(' ').filter(|word| !word.is_empty()) {
            let (start, end) = match word.split_once('-') {
                Some((from, until)) => (find(from)?, find(until)?),
                None => (find(word)?, find(word)?),
            };
            if end < start || places.last().is_some_and(|before| start <= *before) {
                return Err(format!(
                    "{word} goes back in time; list the periods in order, each once"
                ));
            }
            places.extend(start..=end);
        }
        Ok(places)
    }
}
