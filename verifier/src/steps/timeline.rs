//! Step 11, `timeline` (V11): by the witnesses' clocks the announce stood for the window before
//! contributions closed, and the close stood for the margin before the beacon's round. Of a draw that
//! was called off only the void has to be in time, before the round, because afterwards the outcome
//! could have been known.

use super::{Case, Step};
use crate::{
    report::{Failure, Status, StepAnswer},
    text::Time,
};

/// Something that must come so many seconds before a deadline.
struct Rule {
    /// The record whose witnesses give the time.
    stem: &'static str,
    what: &'static str,
    secs: u64,
    deadline: &'static str,
    limit: Time,
}

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Timeline);
    let (Some(announce), Some(chain)) = (&case.announce, &case.chain) else {
        return StepAnswer::not_checked(Step::Timeline);
    };
    let Some(beacon) = chain.time_of(announce.round) else {
        let failure = Failure::new("announce.note", "a round with a time", announce.round);
        answer.check(Err(failure));
        return answer;
    };
    let closes = announce.closes;
    case.timeline.closes = Some(closes);
    case.timeline.beacon = Some(beacon);
    let rule = |stem, what, secs, (deadline, limit)| Rule {
        stem,
        what,
        secs,
        deadline,
        limit,
    };
    let (window, margin) = (announce.window_secs, announce.margin_secs);
    let round = ("the beacon's round", beacon);
    let closing = rule("announce", "closes", margin, round);
    answer.check(in_time("announce.note", &closing, closes));
    let rules = if case.find_record("void").is_some() {
        // Nothing was drawn, so nobody lost the time to look and to object.
        vec![rule("void", "the witnessed void", 1, round)]
    } else {
        let closes = ("closes", closes);
        vec![
            rule("announce", "the witnessed announce", window, closes),
            rule("close", "the witnessed close", margin, round),
        ]
    };
    for rule in rules {
        let Some(record) = case.find_record(rule.stem) else {
            continue;
        };
        let file = record.proof_name();
        if let Some(time) = record.witnessed {
            answer.check(in_time(&file, &rule, time));
        } else if record.logged.is_some() {
            let failure = Failure::new(&file, "a time by the quorum of witnesses", "none");
            answer.lack(Status::Unwitnessed, failure);
        } else if answer.status == Status::Passed {
            // A record that is missing or wrong is another step's finding.
            answer.status = Status::NotChecked;
        }
    }
    answer
}

fn in_time(file: &str, rule: &Rule, time: Time) -> Result<(), Failure> {
    if time.plus(rule.secs) <= rule.limit {
        return Ok(());
    }
    let Rule {
        what,
        secs,
        deadline,
        limit,
        ..
    } = rule;
    let expected = format!("{what} at least {secs} seconds before {deadline} at {limit}");
    Err(Failure::new(file, expected, time))
}
