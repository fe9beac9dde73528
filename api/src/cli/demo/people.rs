//! Invented people, taken over from an invented old system: the two files of an import.
//!
//! Everybody follows from their number alone, so that a demo can be interrupted and gone on with.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use chrono::{Datelike as _, Days, NaiveDate};
use sha2::{Digest as _, Sha256};

use super::lives;
use crate::{
    domain::{
        PeriodNumber, calendar, certificate::expires_on, code::ApplicationCode, identity_number,
    },
    error::{Error, Result},
    policy::{self, Policy},
};

/// Nobody in the demo has taken part more often.
const PARTICIPATIONS_MAX: u64 = 60;

/// The columns of certificates.
const WON: &str = "certificate_number,certificate_period,certificate_origin,certificate_issued_on,\
    certificate_expires_on,certificate_state,certificate_ended_on,ban_begins_on,ban_ends_on";

/// How often the one whose life is shown has taken part at least, for the tier.
const WAITED_LONG: u64 = 30;

const FAMILY_NAMES: [&str; 20] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林",
    "何", "郭", "马", "罗",
];
const GIVEN_NAMES: [&str; 20] = [
    "小明", "雨桐", "浩然", "子涵", "欣怡", "建国", "秀英", "志强", "丽华", "文博", "思远", "佳宁",
    "晓东", "梦洁", "俊杰", "海燕", "国庆", "静", "磊", "婷",
];

/// One invented person.
pub(super) struct Invented {
    pub(super) name: String,
    pub(super) id_number: String,
    pub(super) phone: String,
    pub(super) dice: [u8; 32],
}

/// The person with a number. Numbers up to ten million give different identity numbers.
pub(super) fn invent(policy: &Policy, number: u64) -> Invented {
    let dice: [u8; 32] = Sha256::new()
        .chain_update("demo")
        .chain_update(number.to_be_bytes())
        .finalize()
        .into();
    let pick = |names: [&'static str; 20], die: u8| names[usize::from(die) % names.len()];
    // A birthday out of forty years, and within it a sequence number.
    let (days, sequence) = (number % 14_600, number / 14_600 + 1);
    let born = NaiveDate::from_ymd_opt(1960, 1, 1).unwrap_or_default() + Days::new(days);
    let digits = format!("{}{}{sequence:03}", policy.city.id, born.format("%Y%m%d"));
    Invented {
        name: format!(
            "{}{}",
            pick(FAMILY_NAMES, dice[0]),
            pick(GIVEN_NAMES, dice[1])
        ),
        id_number: identity_number::complete(&digits).unwrap_or_default(),
        phone: format!("139{:08}", number % 100_000_000),
        dice,
    }
}

/// Writes both files into a folder; gives their paths.
pub(super) fn write_files(
    policy: &Policy,
    folder: &Path,
    before: PeriodNumber,
    people: u64,
) -> Result<(PathBuf, PathBuf)> {
    let write = || -> anyhow::Result<(PathBuf, PathBuf)> {
        std::fs::create_dir_all(folder)?;
        let history = history(policy, before)?;
        let (periods, applicants) = (folder.join("periods.csv"), folder.join("applicants.csv"));
        let mut file = BufWriter::new(File::create(&periods)?);
        writeln!(file, "period,published_on")?;
        for (number, published_on) in &history {
            writeln!(file, "{number},{published_on}")?;
        }
        file.flush()?;
        let mut file = BufWriter::new(File::create(&applicants)?);
        writeln!(
            file,
            "id_number,name,phone,code,category,identity_type,licence_classes,submitted_on,tier_joined_on,periods,{WON}"
        )?;
        let codes = distinct_codes(people);
        for (number, code) in (0..people).zip(codes) {
            write_line(&mut file, policy, &history, number, &code)?;
        }
        file.flush()?;
        Ok((periods, applicants))
    };
    write()
        .context("writing the demo's import files")
        .map_err(Error::internal)
}

/// The periods before one, each with the day of its draw.
fn history(
    policy: &Policy,
    before: PeriodNumber,
) -> anyhow::Result<Vec<(PeriodNumber, NaiveDate)>> {
    let working_days = policy::working_days().map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
    let mut periods = Vec::new();
    let mut number = policy.first_period;
    while number < before {
        // Where the calendar of a year is not known, the demo's old system did not move the day.
        let scheduled = calendar::dates_of(number, policy.cadence, &policy.schedule, &working_days);
        let month = u32::from(number.ordinal() * policy.cadence.months_per_period());
        let day = match scheduled {
            Ok(dates) => dates.draw_on,
            Err(_) => {
                NaiveDate::from_ymd_opt(i32::from(number.year()), month, 26).context("a day")?
            }
        };
        periods.push((number, day));
        number = number.next(policy.cadence)?;
    }
    Ok(periods)
}

/// Codes in no order, no two alike: the numbers of a permutation of the twelve digits in front of
/// the check digit.
fn distinct_codes(people: u64) -> impl Iterator<Item = ApplicationCode> {
    // Odd and not divisible by 5, so that multiplying permutes the numbers below 10¹².
    const STRIDE: u128 = 618_033_988_749;
    const SPACE: u128 = 1_000_000_000_000;
    (0..people).map(|number| {
        let place = (u128::from(number) * STRIDE + 271_828_182_845) % SPACE;
        ApplicationCode::from_number(u64::try_from(place).unwrap_or_default())
    })
}

fn write_line(
    file: &mut impl std::io::Write,
    policy: &Policy,
    history: &[(PeriodNumber, NaiveDate)],
    number: u64,
    code: &ApplicationCode,
) -> anyhow::Result<()> {
    let person = invent(policy, number);
    let mut count =
        u64::from(u16::from_be_bytes([person.dice[2], person.dice[3]])) % (PARTICIPATIONS_MAX + 1);
    if number == lives::VETERAN {
        count = count.max(WAITED_LONG);
    }
    let gap = usize::from(person.dice[4] % 4);
    let won = (number == lives::LAPSED).then(|| last_lapsed(policy, history));
    let won = won.flatten();
    // Whoever has won took part up to then.
    let history = won.as_ref().map_or(history, |won| &history[..=won.place]);
    let count = usize::try_from(count)?.min(history.len());
    let periods = runs(history, count, gap);
    let first = history.len().saturating_sub(count + gap + 1);
    let submitted_on = history
        .get(first)
        .map_or(NaiveDate::default(), |(_, day)| *day);
    // The one whose life is shown joins when the city is there.
    let has_joined = 24 <= count && !person.dice[5].is_multiple_of(3) && number != lives::VETERAN;
    let joined_on = if has_joined {
        history[history.len() - 1]
            .1
            .with_day(1)
            .map(|day| day.to_string())
    } else {
        None
    };
    writeln!(
        file,
        "{},{},{},{code},{},{},{},{submitted_on},{},{periods},{}",
        person.id_number,
        person.name,
        person.phone,
        policy.categories[0].key,
        policy.identity_types[0].key,
        if person.dice[6] < 3 { "C5" } else { "C1" },
        joined_on.unwrap_or_default(),
        won.map_or_else(|| ",".repeat(8), |won| won.fields),
    )?;
    Ok(())
}

/// A certificate of the old system.
struct Certificate {
    /// Place of its period in the history.
    place: usize,
    /// What stands in the columns of certificates.
    fields: String,
}

/// The newest certificate that has run out before the demo's June begins, as the old system left it:
/// nobody has ended it.
fn last_lapsed(policy: &Policy, history: &[(PeriodNumber, NaiveDate)]) -> Option<Certificate> {
    let (_, last) = history.last()?;
    let months = policy.certificate.validity_months;
    let place = history
        .iter()
        .rposition(|(_, day)| expires_on(*day, months) <= *last)?;
    let (period, day) = history[place];
    let until = expires_on(day, months);
    Some(Certificate {
        place,
        fields: format!(",{period},LOTTERY,{day},{until},LIVE,,,"),
    })
}

/// The last `count` periods with a gap in the middle, as an import writes them.
fn runs(history: &[(PeriodNumber, NaiveDate)], count: usize, gap: usize) -> String {
    let run = |places: std::ops::Range<usize>| match (history.get(places.start), places.len()) {
        (None, _) | (_, 0) => None,
        (Some((only, _)), 1) => Some(only.to_string()),
        (Some((first, _)), _) => Some(format!("{first}-{}", history[places.end - 1].0)),
    };
    let (late, early) = (count / 2, count - count / 2);
    let end = history.len();
    let late_run = run(end - late..end);
    let early_end = (end - late).saturating_sub(gap);
    let early_run = run(early_end.saturating_sub(early)..early_end);
    [early_run, late_run]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
}
