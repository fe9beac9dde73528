//! How often a person has taken part, as of any day.
//!
//! The ledger is append-only and keyed by the person: a mistake is taken back by another line, and
//! a lapse, a cancellation or a new code touches nothing.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::{PeriodKind, PeriodNumber};

/// What a line of the ledger does to the count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParticipationKind {
    /// The person's code was in the frozen pool of this period's published draw.
    Participated,
    /// Takes one `Participated` of the same period back.
    Correction,
    /// What was published until that day no longer counts for the tier (the total is not touched).
    Reset,
}

/// One line of a person's ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParticipationEntry {
    /// The period it is about.
    pub period: PeriodNumber,
    /// What it does.
    pub kind: ParticipationKind,
    /// From this day on it is public and counts.
    pub published_on: NaiveDate,
}

/// Which lines count, in a city.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counting {
    /// The year of the programme's first period; empty years are shown from here on.
    pub first_year: u16,
    /// Whether taking part in a tier period counts too.
    pub tier_periods_count: bool,
}

/// What the ledger says as of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participation {
    /// The day.
    pub as_of: NaiveDate,
    /// All participations; the number that applicants are shown.
    pub count_total: u32,
    /// Those since the last reset; the number that the tier looks at.
    pub count_for_tier: u32,
    /// Every year from the programme's first to that of the day, ascending, empty ones included.
    pub years: Vec<ParticipationYear>,
}

/// One year of a person's participation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParticipationYear {
    /// The year.
    pub year: u16,
    /// The periods taken part in, ascending.
    pub periods: Vec<PeriodNumber>,
}

/// Counts a person's lines, given in any order, as of the end of a day.
///
/// A period counts once, however often it is in the ledger. A person without lines has a count of 0
/// and empty years; before the programme's first year there are no years at all.
#[must_use]
pub fn participation_as_of(
    entries: &[ParticipationEntry],
    counting: Counting,
    as_of: NaiveDate,
) -> Participation {
    let known = || entries.iter().filter(|entry| entry.published_on <= as_of);
    let last_reset = known()
        .filter(|entry| entry.kind == ParticipationKind::Reset)
        .map(|entry| entry.published_on)
        .max();

    let mut periods = BTreeMap::<PeriodNumber, Net>::new();
    for entry in known() {
        if entry.period.kind() == PeriodKind::Tier && !counting.tier_periods_count {
            continue;
        }
        match entry.kind {
            ParticipationKind::Participated => {
                let net = periods.entry(entry.period).or_default();
                net.times += 1;
                net.published_on = net.published_on.max(Some(entry.published_on));
            }
            ParticipationKind::Correction => periods.entry(entry.period).or_default().times -= 1,
            ParticipationKind::Reset => {}
        }
    }
    periods.retain(|_, net| net.times > 0);

    let since_reset = periods
        .values()
        .filter(|net| net.published_on > last_reset)
        .count();
    Participation {
        as_of,
        count_total: saturated(periods.len()),
        count_for_tier: saturated(since_reset),
        years: years(periods.into_keys(), counting.first_year, as_of),
    }
}

#[derive(Default)]
struct Net {
    times: i64,
    published_on: Option<NaiveDate>,
}

/// The periods by year. A period outside the years that are shown anyway brings its year with it,
/// so that the years always add up to the count.
fn years(
    periods: impl Iterator<Item = PeriodNumber>,
    first_year: u16,
    as_of: NaiveDate,
) -> Vec<ParticipationYear> {
    let last_year = u16::try_from(as_of.year()).unwrap_or_default();
    let mut years: BTreeMap<u16, Vec<PeriodNumber>> = (first_year..=last_year)
        .map(|year| (year, Vec::new()))
        .collect();
    for period in periods {
        years.entry(period.year()).or_default().push(period);
    }
    years
        .into_iter()
        .map(|(year, periods)| ParticipationYear { year, periods })
        .collect()
}

fn saturated(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{
        ParticipationKind::{Correction, Participated, Reset},
        *,
    };

    const HANGZHOU: Counting = Counting {
        first_year: 2014,
        tier_periods_count: false,
    };

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a date")
    }

    /// A line of a regular period, published on the 26th of its month.
    fn line(kind: ParticipationKind, period: &str) -> ParticipationEntry {
        let period: PeriodNumber = period.parse().expect("a period number");
        let month = u32::from(period.ordinal());
        ParticipationEntry {
            period,
            kind,
            published_on: day(i32::from(period.year()), month, 26),
        }
    }

    fn participated(periods: &[&str]) -> Vec<ParticipationEntry> {
        let line = |period: &&str| line(Participated, period);
        periods.iter().map(line).collect()
    }

    /// The example printed in the city's guide; here out of order, as a database may give it.
    fn guide() -> Vec<ParticipationEntry> {
        let mut lines = participated(&[
            "201509", "201510", "201511", "201601", "201602", "201603", "201709", "201710",
            "201711", "201712", "201801", "201802", "201803", "201804", "201805",
        ]);
        lines.reverse();
        lines.swap(2, 11);
        lines
    }

    #[test]
    fn the_guides_example_counts_fifteen_in_five_years_of_which_the_first_is_empty() {
        let seen = participation_as_of(&guide(), HANGZHOU, day(2018, 11, 10));

        assert_eq!((seen.count_total, seen.count_for_tier), (15, 15));
        let shown: Vec<String> = seen
            .years
            .iter()
            .map(|year| {
                let periods: Vec<String> = year.periods.iter().map(ToString::to_string).collect();
                format!("{}: {}", year.year, periods.join(" "))
            })
            .collect();
        assert_eq!(
            shown,
            [
                "2014: ",
                "2015: 201509 201510 201511",
                "2016: 201601 201602 201603",
                "2017: 201709 201710 201711 201712",
                "2018: 201801 201802 201803 201804 201805",
            ]
        );
    }

    #[test]
    fn a_new_applicant_has_a_count_of_zero_and_empty_years() {
        let seen = participation_as_of(&[], HANGZHOU, day(2018, 11, 10));

        assert_eq!((seen.count_total, seen.count_for_tier), (0, 0));
        let years: Vec<u16> = seen.years.iter().map(|year| year.year).collect();
        assert_eq!(years, [2014, 2015, 2016, 2017, 2018]);
        assert!(seen.years.iter().all(|year| year.periods.is_empty()));
    }

    #[test]
    fn a_line_counts_from_the_day_on_which_it_was_published() {
        let count = |as_of| participation_as_of(&guide(), HANGZHOU, as_of).count_total;

        assert_eq!(count(day(2018, 5, 25)), 14);
        assert_eq!(count(day(2018, 5, 26)), 15);
        assert_eq!(count(day(2015, 9, 25)), 0);
        assert!(
            participation_as_of(&guide(), HANGZHOU, day(2013, 12, 31))
                .years
                .is_empty()
        );
    }

    #[test]
    fn a_correction_takes_back_its_own_period_from_its_own_day_on() {
        let mut lines = guide();
        lines.push(ParticipationEntry {
            published_on: day(2018, 7, 1),
            ..line(Correction, "201602")
        });

        let before = participation_as_of(&lines, HANGZHOU, day(2018, 6, 30));
        let after = participation_as_of(&lines, HANGZHOU, day(2018, 7, 1));

        assert_eq!((before.count_total, after.count_total), (15, 14));
        let year_2016 = &after.years[2].periods;
        assert_eq!(
            year_2016
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>(),
            ["201601", "201603"]
        );
    }

    #[test]
    fn a_correction_of_what_never_was_takes_nothing() {
        let mut lines = guide();
        lines.push(line(Correction, "201605"));

        assert_eq!(
            participation_as_of(&lines, HANGZHOU, day(2018, 11, 10)).count_total,
            15
        );
    }

    #[test]
    fn a_period_counts_once() {
        let mut lines = guide();
        lines.push(line(Participated, "201509"));

        assert_eq!(
            participation_as_of(&lines, HANGZHOU, day(2018, 11, 10)).count_total,
            15
        );
    }

    #[test]
    fn a_reset_begins_the_tiers_count_again_and_leaves_the_total() {
        let mut lines = guide();
        lines.push(line(Reset, "201712"));

        let before = participation_as_of(&lines, HANGZHOU, day(2017, 12, 25));
        let on_the_day = participation_as_of(&lines, HANGZHOU, day(2017, 12, 26));
        let after = participation_as_of(&lines, HANGZHOU, day(2018, 11, 10));

        assert_eq!((before.count_total, before.count_for_tier), (9, 9));
        assert_eq!((on_the_day.count_total, on_the_day.count_for_tier), (10, 0));
        assert_eq!((after.count_total, after.count_for_tier), (15, 5));
    }

    #[test]
    fn tier_periods_count_only_where_the_city_says_so() {
        let mut lines = guide();
        lines.push(ParticipationEntry {
            period: "2018J1".parse().expect("a number"),
            kind: Participated,
            published_on: day(2018, 6, 30),
        });
        let counting = Counting {
            tier_periods_count: true,
            ..HANGZHOU
        };

        let apart = participation_as_of(&lines, HANGZHOU, day(2018, 11, 10));
        let together = participation_as_of(&lines, counting, day(2018, 11, 10));

        assert_eq!((apart.count_total, together.count_total), (15, 16));
        assert_eq!(apart.years[4].periods.len(), 5);
        assert_eq!(together.years[4].periods.len(), 6);
    }

    /// What must hold for any ledger, over ledgers drawn from every combination of three periods.
    #[test]
    fn counts_only_grow_without_corrections_and_years_always_add_up() {
        let choices = [None, Some(Participated), Some(Reset), Some(Correction)];
        let periods = ["201405", "201512", "201601"];
        for pick in 0..choices.len().pow(3) {
            let lines: Vec<ParticipationEntry> = periods
                .iter()
                .enumerate()
                .filter_map(|(place, period)| {
                    let kind = choices[pick / choices.len().pow(u32::try_from(place).ok()?) % 4]?;
                    Some(line(kind, period))
                })
                .collect();
            let mut last = 0;
            for month in 0..48 {
                let as_of = day(
                    2013 + month / 12,
                    u32::try_from(month % 12 + 1).unwrap_or(1),
                    26,
                );
                let seen = participation_as_of(&lines, HANGZHOU, as_of);
                let shown: usize = seen.years.iter().map(|year| year.periods.len()).sum();
                assert_eq!(shown, seen.count_total as usize);
                assert!(seen.count_for_tier <= seen.count_total);
                if lines.iter().all(|line| line.kind != Correction) {
                    assert!(seen.count_total >= last);
                }
                last = seen.count_total;
            }
        }
    }

    /// Databases refuse the second line; should one come in all the same, the order must not matter.
    #[test]
    fn a_period_published_twice_counts_from_the_later_day_in_either_order() {
        let early = line(Participated, "201709");
        let late = ParticipationEntry {
            published_on: day(2018, 3, 1),
            ..early
        };
        let reset = line(Reset, "201712");
        for lines in [[early, late, reset], [late, reset, early]] {
            let seen = participation_as_of(&lines, HANGZHOU, day(2018, 11, 10));
            assert_eq!((seen.count_total, seen.count_for_tier), (1, 1));
        }
    }
}
