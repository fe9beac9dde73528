//! How long applications and certificates live.

use super::{reader::Section, rule};

/// How long an application stays in the pools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApplicationTerms {
    /// Months from approval until the code lapses, 1 to 120.
    pub validity_months: u32,
    /// Whether a lapsed code may be renewed.
    pub is_renewable: bool,
    /// From how many days before its last day an application can be renewed, 1 to 366.
    pub renewal_days_before: u32,
    /// How many days before the last day its applicant is reminded first, 1 to 366.
    pub first_reminder_days_before: u32,
    /// The same for the last time; fewer days than the first.
    pub last_reminder_days_before: u32,
}

/// What becomes of a won quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificateTerms {
    /// Months from issue until the certificate runs out, 1 to 120.
    pub validity_months: u32,
    /// Months without applying after a lottery-won certificate ran out unused, 0 for none.
    pub ban_months: u32,
    /// Days before the last one on which the holder is reminded first, 1 to 365.
    pub first_reminder_days: u32,
    /// Days before the last one on which the holder is reminded once more, fewer than the first.
    pub last_reminder_days: u32,
}

/// What makes the count that the tier looks at begin again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResetEvent {
    /// The person won.
    Win,
    /// The person won and let the certificate run out.
    Forfeit,
}

pub(super) fn read_application(section: &Section<'_>) -> Option<ApplicationTerms> {
    let validity_months = section.number("validity_months", 1..=120);
    let is_renewable = section.flag("is_renewable");
    let renewal_days_before = section.section("renewal").and_then(|section| {
        let days_before = section.number("days_before", 1..=366);
        rule::read(&section);
        section.refuse_unknown_keys();
        days_before
    });
    let reminders = section
        .section("reminder")
        .and_then(|section| read_reminders(&section));
    rule::read(section);
    section.refuse_unknown_keys();
    let (first_reminder_days_before, last_reminder_days_before) = reminders?;
    Some(ApplicationTerms {
        validity_months: validity_months?,
        is_renewable: is_renewable?,
        renewal_days_before: renewal_days_before?,
        first_reminder_days_before,
        last_reminder_days_before,
    })
}

fn read_reminders(section: &Section<'_>) -> Option<(u32, u32)> {
    let first = section.number("first_days_before", 1..=366);
    let last = section.number("last_days_before", 0..=365);
    rule::read(section);
    section.refuse_unknown_keys();
    let (first, last) = (first?, last?);
    if first <= last {
        section.fault(
            "last_days_before",
            format!("expected fewer days than the {first} of `first_days_before`, found {last}"),
        );
        return None;
    }
    Some((first, last))
}

pub(super) fn read_certificate(section: &Section<'_>) -> Option<CertificateTerms> {
    let validity_months = section.number("validity_months", 1..=120);
    let ban_months = section.section("forfeit").and_then(|section| {
        let ban_months = section.number("ban_months", 0..=240);
        rule::read(&section);
        section.refuse_unknown_keys();
        ban_months
    });
    let reminders = section
        .section("reminder")
        .and_then(|section| read_reminders(&section));
    rule::read(section);
    section.refuse_unknown_keys();
    let (first_reminder_days, last_reminder_days) = reminders?;
    Some(CertificateTerms {
        validity_months: validity_months?,
        ban_months: ban_months?,
        first_reminder_days,
        last_reminder_days,
    })
}

pub(super) fn read_reset(section: &Section<'_>) -> Option<Vec<ResetEvent>> {
    let reset = section.section("reset")?;
    let words = reset.texts("on");
    rule::read(&reset);
    reset.refuse_unknown_keys();
    section.refuse_unknown_keys();
    words?
        .iter()
        .map(|word| match word.as_str() {
            "win" => Some(ResetEvent::Win),
            "forfeit" => Some(ResetEvent::Forfeit),
            other => {
                reset.fault("on", format!("expected win or forfeit, found `{other}`"));
                None
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::policy::refusals::refused;

    #[test]
    fn a_last_reminder_before_the_first_is_refused() {
        refused(
            "hangzhou-2018",
            "last_days_before = 3",
            "last_days_before = 14",
            0,
            "application.reminder.last_days_before: expected fewer days than the 14 of `first_days_before`, found 14",
        );
    }
}
