//! What waits for an officer: everything that the calendar cannot do by itself.

use ::entity::{approval, draw, message::State, period};
use chrono::{Datelike as _, Days, NaiveDate};

use super::{ceremony, periods, rules};
use crate::{
    app::App,
    domain::{
        CalendarError, PeriodKind, PeriodNumber,
        actor::Officer,
        duty::{Duty, DutyKind},
        phase,
        span::Span,
        validity,
    },
    error::{Error, Result},
    policy::DrawShift,
    store,
};

/// How many proposals are listed.
const PROPOSALS: u64 = 100;

/// Everything that waits for an officer, what is due first before the rest.
pub async fn list(app: &App, _: &Officer) -> Result<Vec<Duty>> {
    let unfinished = store::periods::list_unfinished(&app.db, app.city).await?;
    let mut duties = Vec::new();
    for row in &unfinished {
        of_period(app, row, &mut duties).await?;
    }
    of_draws(app, &unfinished, &mut duties).await?;
    of_rules(app, &unfinished, &mut duties).await?;
    of_plans(app, &mut duties).await?;
    of_approvals(app, &mut duties).await?;
    let dead = store::messages::count(&app.db, app.city, State::Dead).await?;
    if 0 < dead {
        duties.push(duty(
            app,
            DutyKind::DeadLetters,
            "",
            Some(dead),
            app.today(),
        ));
    }
    duties.sort_by(|one, other| {
        (one.due_at, one.kind, &one.subject).cmp(&(other.due_at, other.kind, &other.subject))
    });
    Ok(duties)
}

fn duty(app: &App, kind: DutyKind, subject: &str, count: Option<u64>, on: NaiveDate) -> Duty {
    Duty {
        kind,
        subject: subject.to_owned(),
        count,
        due_at: app.start_of(on),
        due_on: on,
    }
}

/// What a period needs before its pool can be frozen.
async fn of_period(app: &App, row: &period::Model, duties: &mut Vec<Duty>) -> Result<()> {
    let number = &row.number;
    match row.phase {
        period::Phase::Planned => {
            if phase::has_missed_its_window(row, app.today()) {
                let day = row.applies_until;
                duties.push(duty(app, DutyKind::GiveNewDays, number, None, day));
            }
            if periods::lacks_quotas(app, &app.db, row).await? {
                let day = row.applies_from;
                duties.push(duty(app, DutyKind::SetQuotas, number, None, day));
            }
        }
        period::Phase::Open | period::Phase::Closed => {
            let count = store::applications::count_unreviewed(&app.db, app.city, number).await?;
            if 0 < count {
                let day = row.review_publish_on;
                duties.push(duty(app, DutyKind::DecideReviews, number, Some(count), day));
            }
        }
        period::Phase::ReviewPublished => {
            let waiting = [
                (
                    DutyKind::DecideSecondLooks,
                    store::applications::count_second_looks(&app.db, app.city, number).await?,
                ),
                (
                    DutyKind::ResolveDuplicates,
                    store::duplicates::count_touching(&app.db, app.city, number).await?,
                ),
            ];
            for (kind, count) in waiting.into_iter().filter(|(_, count)| 0 < *count) {
                duties.push(duty(app, kind, number, Some(count), freeze_by(row)));
            }
            if let Some(day) = find_representatives_day(app, row).await? {
                let kind = DutyKind::DrawRepresentatives;
                duties.push(duty(app, kind, number, None, day));
            }
            duties.push(duty(app, DutyKind::Freeze, number, None, freeze_by(row)));
        }
        period::Phase::Frozen | period::Phase::Published => {}
    }
    let moves_draws = app.policy.schedule.draw_shift == DrawShift::NextWorkingDay;
    let is_day_off = app.working_days.is_working_day(row.draw_on) == Ok(false);
    if row.phase < period::Phase::Frozen && moves_draws && is_day_off {
        duties.push(duty(app, DutyKind::MoveDraw, number, None, row.draw_on));
    }
    Ok(())
}

/// The pool is frozen a day before the draw, so that it can be announced and looked at, and after
/// the representatives are drawn, so that they can still bring contributions.
fn freeze_by(row: &period::Model) -> NaiveDate {
    validity::days_before(row.draw_on, 1)
}

/// The day on which a period's representatives are to be drawn, while nobody has begun to.
async fn find_representatives_day(app: &App, row: &period::Model) -> Result<Option<NaiveDate>> {
    let policy = rules::get(app, &row.policy_digest).await?;
    if policy.representatives.is_none() || row.draw_on <= app.today() {
        return Ok(None);
    }
    let purpose = draw::Purpose::Representatives;
    let draws = store::draws::list_of_period(&app.db, app.city, &row.number, purpose).await?;
    let has_begun = draws.iter().any(|draw| draw.phase != draw::Phase::Voided);
    Ok(row.representatives_on.filter(|_| !has_begun))
}

/// What draws under way need, and frozen periods whose draw was given up.
async fn of_draws(app: &App, unfinished: &[period::Model], duties: &mut Vec<Duty>) -> Result<()> {
    let draws = store::draws::list_unfinished(&app.db, app.city).await?;
    for row in &draws {
        let period = unfinished
            .iter()
            .find(|period| period.number == row.period_number);
        let draw_on = period.and_then(|period| match row.purpose {
            draw::Purpose::Allocation => Some(period.draw_on),
            draw::Purpose::Representatives => period.representatives_on,
        });
        let draw_on = draw_on.unwrap_or_else(|| app.today());
        let (kind, due_at) = match row.phase {
            draw::Phase::Frozen => (DutyKind::Announce, None),
            draw::Phase::Announced => (DutyKind::CloseContributions, row.closes_at),
            _ => (DutyKind::Finish, ceremony::find_beacon_time(row)?),
        };
        let mut waiting = duty(app, kind, &row.id, None, draw_on);
        waiting.due_at = due_at.unwrap_or(waiting.due_at);
        duties.push(waiting);
    }
    let is_given_up = |period: &&period::Model| {
        period.phase == period::Phase::Frozen
            && !draws.iter().any(|draw| {
                draw.period_number == period.number && draw.purpose == draw::Purpose::Allocation
            })
    };
    for period in unfinished.iter().filter(is_given_up) {
        let day = freeze_by(period);
        duties.push(duty(app, DutyKind::Freeze, &period.number, None, day));
    }
    Ok(())
}

/// Proposals that wait for another officer, while they do.
async fn of_approvals(app: &App, duties: &mut Vec<Duty>) -> Result<()> {
    let waiting = Some((approval::State::Waiting, app.clock.now()));
    let span = Span::first(PROPOSALS);
    for row in store::approvals::list(&app.db, app.city, waiting, span).await? {
        let day = app.day_of(row.expires_at);
        let mut waiting = duty(app, DutyKind::Approve, &row.subject, None, day);
        waiting.due_at = row.expires_at;
        duties.push(waiting);
    }
    Ok(())
}

/// Rules of weak sources, by the day on which the first period waits for them.
async fn of_rules(app: &App, unfinished: &[period::Model], duties: &mut Vec<Duty>) -> Result<()> {
    let planned = || {
        unfinished
            .iter()
            .filter(|row| row.phase == period::Phase::Planned)
    };
    let has_tier = planned().any(|row| row.kind == period::Kind::Tier);
    let kind = if has_tier {
        PeriodKind::Tier
    } else {
        PeriodKind::Normal
    };
    let weak = rules::list_unconfirmed(app, &app.db, kind).await?;
    if !weak.is_empty() {
        let day = planned().map(|row| row.applies_from).min();
        let day = day.unwrap_or_else(|| app.today());
        let count = Some(weak.len() as u64);
        let key = &app.policy.key;
        duties.push(duty(app, DutyKind::ConfirmRules, key, count, day));
    }
    Ok(())
}

/// Periods that cannot be planned without a person.
async fn of_plans(app: &App, duties: &mut Vec<Duty>) -> Result<()> {
    let today = app.today();
    let ahead = app.policy.schedule.plan_ahead_days;
    let years = periods::years_around(today)?;
    for unplanned in periods::list_unplanned(app, &app.db, years).await? {
        let is_near = validity::days_before(unplanned.applies_from, ahead) <= today;
        if let (true, Err(CalendarError::MissingYear { year })) =
            (is_near, periods::dates_of(app, unplanned.number))
        {
            let (subject, day) = (year.to_string(), unplanned.applies_from);
            duties.push(duty(app, DutyKind::AddCalendarYear, &subject, None, day));
            break;
        }
    }
    if let Some((number, day)) = find_unplanned_tier(app).await? {
        let subject = number.to_string();
        duties.push(duty(app, DutyKind::PlanTierPeriod, &subject, None, day));
    }
    Ok(())
}

/// The tier period of the part of the year that today lies in, if nobody has given it days, and the
/// day on which that part ends: which days it has is the city's choice, that there is one is not.
async fn find_unplanned_tier(app: &App) -> Result<Option<(PeriodNumber, NaiveDate)>> {
    let Some(cadence) = app.policy.find_cadence(PeriodKind::Tier) else {
        return Ok(None);
    };
    let today = app.today();
    let months = u32::from(cadence.months_per_period());
    let ordinal = today.month0() / months + 1;
    let year = u16::try_from(today.year()).map_err(Error::internal)?;
    let ordinal8 = u8::try_from(ordinal).map_err(Error::internal)?;
    let number = PeriodNumber::new(PeriodKind::Tier, year, ordinal8).map_err(Error::internal)?;
    let is_there = store::periods::find(&app.db, app.city, &number.to_string()).await?;
    if is_there.is_some() {
        return Ok(None);
    }
    let last_month = ordinal * months;
    let next_part = if last_month == 12 {
        NaiveDate::from_ymd_opt(today.year() + 1, 1, 1)
    } else {
        NaiveDate::from_ymd_opt(today.year(), last_month + 1, 1)
    };
    let ends_on = next_part.and_then(|day| day.checked_sub_days(Days::new(1)));
    Ok(Some((number, ends_on.unwrap_or(today))))
}
