//! Where periods and draws stand, and what may happen next. A phase only moves forward.

use ::entity::{draw, period, record};

use chrono::NaiveDate;

use crate::error::{Error, Result};

/// How a period's phase is called in sentences and in the API.
#[must_use]
pub fn period_phase_name(phase: period::Phase) -> &'static str {
    match phase {
        period::Phase::Planned => "PLANNED",
        period::Phase::Open => "OPEN",
        period::Phase::Closed => "CLOSED",
        period::Phase::ReviewPublished => "REVIEW_PUBLISHED",
        period::Phase::Frozen => "FROZEN",
        period::Phase::Published => "PUBLISHED",
    }
}

/// How a draw's phase is called in sentences and in the API.
#[must_use]
pub fn draw_phase_name(phase: draw::Phase) -> &'static str {
    match phase {
        draw::Phase::Frozen => "FROZEN",
        draw::Phase::Announced => "ANNOUNCED",
        draw::Phase::Closed => "CLOSED",
        draw::Phase::Finished => "FINISHED",
        draw::Phase::Voided => "VOIDED",
    }
}

/// How a kind of record is called: the word of its first line.
#[must_use]
pub fn record_kind_name(kind: record::Kind) -> &'static str {
    match kind {
        record::Kind::Announce => "announce",
        record::Kind::Close => "close",
        record::Kind::Result => "result",
        record::Kind::Void => "void",
        record::Kind::Amend => "amend",
        record::Kind::Keys => "keys",
    }
}

/// Refuses unless the period stands where a step needs it.
pub fn require_period(row: &period::Model, needed: period::Phase) -> Result<()> {
    if row.phase == needed {
        return Ok(());
    }
    Err(wrong_period(row, period_phase_name(needed)))
}

/// Refuses unless the draw stands where a step needs it.
pub fn require_draw(row: &draw::Model, needed: draw::Phase) -> Result<()> {
    if row.phase == needed {
        return Ok(());
    }
    Err(wrong_draw(row, draw_phase_name(needed)))
}

/// A period is frozen once its review results are public; and once more, as a new draw, after the
/// latest of its draws was voided. `draws` are the period's, newest first.
pub fn may_freeze(row: &period::Model, draws: &[draw::Model]) -> Result<()> {
    let is_redo = row.phase == period::Phase::Frozen
        && draws
            .first()
            .is_some_and(|draw| draw.phase == draw::Phase::Voided);
    if is_redo {
        Ok(())
    } else {
        require_period(row, period::Phase::ReviewPublished)
    }
}

/// Representatives are drawn once the review results of their period are public and before its pool
/// is frozen; and once more, as a new draw, after the latest such draw was voided. `draws` are those
/// of the period's representatives, newest first.
pub fn may_freeze_representatives(row: &period::Model, draws: &[draw::Model]) -> Result<()> {
    require_period(row, period::Phase::ReviewPublished)?;
    match draws.first() {
        Some(latest) if latest.phase != draw::Phase::Voided => Err(wrong_draw(latest, "VOIDED")),
        _ => Ok(()),
    }
}

/// A draw can be given up between its announcement and its result.
pub fn may_void(row: &draw::Model) -> Result<()> {
    match row.phase {
        draw::Phase::Announced | draw::Phase::Closed => Ok(()),
        _ => Err(wrong_draw(row, "ANNOUNCED or CLOSED")),
    }
}

/// The phase that the calendar brings a period into next, and the day from which it may: opening
/// on the first day of applications, closing after the last one, publishing the review results on
/// their day. What comes after that is done by officers.
#[must_use]
pub fn next_by_calendar(row: &period::Model) -> Option<(period::Phase, NaiveDate)> {
    match row.phase {
        period::Phase::Planned => Some((period::Phase::Open, row.applies_from)),
        period::Phase::Open => {
            let after = row.applies_until.succ_opt().unwrap_or(row.applies_until);
            Some((period::Phase::Closed, after))
        }
        period::Phase::Closed => Some((period::Phase::ReviewPublished, row.review_publish_on)),
        period::Phase::ReviewPublished | period::Phase::Frozen | period::Phase::Published => None,
    }
}

/// Whether a period was to take applications on days that are all over, and never did. Opening it
/// now would end in the same moment; an officer gives it other days.
#[must_use]
pub fn has_missed_its_window(row: &period::Model, today: NaiveDate) -> bool {
    row.phase == period::Phase::Planned && row.applies_until < today
}

/// Review results are nobody's business until they are published, all at once.
#[must_use]
pub fn shows_review(phase: period::Phase) -> bool {
    period::Phase::ReviewPublished <= phase
}

fn wrong_period(row: &period::Model, needed: &'static str) -> Error {
    Error::WrongPhase {
        what: format!("period {}", row.number),
        needed,
        actual: period_phase_name(row.phase),
    }
}

fn wrong_draw(row: &draw::Model, needed: &'static str) -> Error {
    Error::WrongPhase {
        what: format!("draw {}", row.id),
        needed,
        actual: draw_phase_name(row.phase),
    }
}
