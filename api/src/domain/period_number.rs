//! Period numbers (期号) such as `201405` and `2026J1`.

use std::{fmt, str::FromStr};

use ::entity::period;

use crate::policy::Cadence;

/// Which lottery a period is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PeriodKind {
    /// The regular lottery: `YYYYnn`.
    Normal,
    /// The separate lottery of those who have waited long (阶梯摇号): `YYYYJn`.
    Tier,
}

impl From<period::Kind> for PeriodKind {
    fn from(kind: period::Kind) -> Self {
        match kind {
            period::Kind::Normal => Self::Normal,
            period::Kind::Tier => Self::Tier,
        }
    }
}

impl From<PeriodKind> for period::Kind {
    fn from(kind: PeriodKind) -> Self {
        match kind {
            PeriodKind::Normal => Self::Normal,
            PeriodKind::Tier => Self::Tier,
        }
    }
}

/// The number of one period: a year, and its place within the year.
///
/// In a city with a draw a month the place is the month; in one with six draws a year it counts from
/// 01 to 06. Numbers are ordered by year, and within a year the regular periods come before the
/// tier's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeriodNumber {
    year: u16,
    kind: PeriodKind,
    ordinal: u8,
}

/// Why something is not a period number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeriodNumberError {
    /// The text is neither `YYYYnn` nor `YYYYJn`.
    #[error(
        "`{0}` is not a period number: write YYYYnn with nn from 01 to 12, or YYYYJn with n from 1 to 9"
    )]
    Shape(String),
    /// The city has no such place in a year.
    #[error("{number} is not a period of this city: it has {periods_per_year} a year")]
    Cadence {
        /// What was given.
        number: PeriodNumber,
        /// How many periods of this kind there are in a year.
        periods_per_year: u8,
    },
}

/// The years that four digits and common sense allow.
const YEARS: std::ops::RangeInclusive<u16> = 2000..=2999;

impl PeriodNumber {
    /// The period of a kind at a place within a year; refused outside the years 2000 to 2999, and
    /// outside 1 to 12 (1 to 9 for the tier).
    pub fn new(kind: PeriodKind, year: u16, ordinal: u8) -> Result<Self, PeriodNumberError> {
        let number = Self {
            year,
            kind,
            ordinal,
        };
        let last = match kind {
            PeriodKind::Normal => 12,
            PeriodKind::Tier => 9,
        };
        if YEARS.contains(&year) && (1..=last).contains(&ordinal) {
            Ok(number)
        } else {
            Err(PeriodNumberError::Shape(number.to_string()))
        }
    }

    /// The year, 2000 to 2999.
    #[must_use]
    pub fn year(self) -> u16 {
        self.year
    }

    /// Which lottery the period is of.
    #[must_use]
    pub fn kind(self) -> PeriodKind {
        self.kind
    }

    /// The place within the year, from 1.
    #[must_use]
    pub fn ordinal(self) -> u8 {
        self.ordinal
    }

    /// Refuses a number that a city of this cadence never gives.
    pub fn require(self, cadence: Cadence) -> Result<(), PeriodNumberError> {
        if self.ordinal <= cadence.periods_per_year() {
            return Ok(());
        }
        Err(PeriodNumberError::Cadence {
            number: self,
            periods_per_year: cadence.periods_per_year(),
        })
    }

    /// The period after this one. Refused when this one is not of the cadence, or the last there is.
    pub fn next(self, cadence: Cadence) -> Result<Self, PeriodNumberError> {
        self.require(cadence)?;
        if self.ordinal < cadence.periods_per_year() {
            Self::new(self.kind, self.year, self.ordinal + 1)
        } else {
            Self::new(self.kind, self.year + 1, 1)
        }
    }
}

impl fmt::Display for PeriodNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            PeriodKind::Normal => write!(f, "{:04}{:02}", self.year, self.ordinal),
            PeriodKind::Tier => write!(f, "{:04}J{}", self.year, self.ordinal),
        }
    }
}

impl FromStr for PeriodNumber {
    type Err = PeriodNumberError;

    fn from_str(text: &str) -> Result<Self, PeriodNumberError> {
        let shape = || PeriodNumberError::Shape(text.to_owned());
        let (year, place) = text.split_at_checked(4).ok_or_else(shape)?;
        let (kind, ordinal) = match place.strip_prefix('J') {
            Some(ordinal) => (PeriodKind::Tier, ordinal),
            None => (PeriodKind::Normal, place),
        };
        let number = Self::new(
            kind,
            year.parse().map_err(|_| shape())?,
            ordinal.parse().map_err(|_| shape())?,
        )
        .map_err(|_| shape())?;
        // `+` signs and missing or extra zeros parse as numbers too; there is one way to write one.
        if number.to_string() == text {
            Ok(number)
        } else {
            Err(shape())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> PeriodNumber {
        text.parse().expect("a period number")
    }

    #[test]
    fn a_number_reads_back_as_itself() {
        for text in ["201405", "201612", "2026J1", "2019J9", "200001", "299912"] {
            assert_eq!(number(text).to_string(), text);
        }
        assert_eq!(number("2026J1").kind(), PeriodKind::Tier);
        assert_eq!(number("201405").kind(), PeriodKind::Normal);
        assert_eq!(
            (number("201405").year(), number("201405").ordinal()),
            (2014, 5)
        );
    }

    #[test]
    fn what_is_not_a_number_is_refused_with_the_two_ways_to_write_one() {
        for text in [
            "",
            "2014",
            "20145",
            "201400",
            "201413",
            "2014J0",
            "2014J10",
            "2014j1",
            "2014J",
            "1999J1",
            "199912",
            "300001",
            "+20140",
            "2014+5",
            "2014 5",
            "201405 ",
            "二〇一四〇五",
            "2014-5",
        ] {
            let error = text.parse::<PeriodNumber>().expect_err(text);
            assert_eq!(error, PeriodNumberError::Shape(text.to_owned()));
        }
        assert_eq!(
            PeriodNumberError::Shape("2014-5".to_owned()).to_string(),
            "`2014-5` is not a period number: write YYYYnn with nn from 01 to 12, or YYYYJn with n from 1 to 9"
        );
    }

    #[test]
    fn numbers_are_ordered_by_year_and_then_by_period() {
        let mut numbers = ["2018J1", "201901", "201705", "201712", "201812", "201801"].map(number);
        numbers.sort_unstable();
        assert_eq!(
            numbers.map(|number| number.to_string()),
            ["201705", "201712", "201801", "201812", "2018J1", "201901"]
        );
    }

    #[test]
    fn the_next_period_follows_the_citys_cadence() {
        let twice = Cadence::new(2).expect("a cadence");
        for (from, cadence, next) in [
            ("201811", Cadence::MONTHLY, "201812"),
            ("201812", Cadence::MONTHLY, "201901"),
            ("201606", Cadence::EVERY_TWO_MONTHS, "201701"),
            ("201601", Cadence::EVERY_TWO_MONTHS, "201602"),
            ("2018J1", twice, "2018J2"),
            ("2018J2", twice, "2019J1"),
        ] {
            assert_eq!(number(from).next(cadence), Ok(number(next)), "{from}");
        }
    }

    #[test]
    fn a_period_that_the_city_does_not_have_has_no_next() {
        let error = number("201607")
            .next(Cadence::EVERY_TWO_MONTHS)
            .expect_err("a seventh");
        assert_eq!(
            error.to_string(),
            "201607 is not a period of this city: it has 6 a year"
        );
        assert!(number("299912").next(Cadence::MONTHLY).is_err());
    }
}
