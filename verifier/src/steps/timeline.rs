//! Step 11, `timeline`: by the witnesses' clocks the announce stood for the window before
//! contributions closed, and the close stood for the margin before the beacon's round.

use super::{Case, Step};
use crate::{
    report::{Failure, Status, StepAnswer},
    text::Time,
};

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
    case.timeline.closes = Some(announce.closes);
    case.timeline.beacon = Some(beacon);
    let (window, margin) = (announce.window_secs, announce.margin_secs);
    answer.check(in_time(
        "announce.note",
        ("closes", announce.closes),
        margin,
        ("the beacon's round", beacon),
    ));
    for (file, what, seen, secs, deadline) in [
        (
            "announce.tlog-proof",
            "the witnessed announce",
            case.timeline.announced,
            window,
            ("closes", announce.closes),
        ),
        (
            "close.tlog-proof",
            "the witnessed close",
            case.timeline.closed,
            margin,
            ("the beacon's round", beacon),
        ),
    ] {
        if let Some(time) = seen {
            answer.check(in_time(file, (what, time), secs, deadline));
        } else {
            let failure = Failure::new(file, "a time by the quorum of witnesses", "none");
            answer.lack(Status::Unwitnessed, failure);
        }
    }
    // A record that is missing or wrong is another step's finding.
    if answer.status == Status::Unwitnessed && case.logged[..2].iter().any(Option::is_none) {
        return StepAnswer::not_checked(Step::Timeline);
    }
    answer
}

fn in_time(
    file: &str,
    (what, time): (&str, Time),
    secs: u64,
    (deadline, limit): (&str, Time),
) -> Result<(), Failure> {
    let reached = time.plus(secs);
    if reached <= limit {
        return Ok(());
    }
    let expected = format!("{what} at least {secs} seconds before {deadline} at {limit}");
    Err(Failure::new(file, expected, time))
}
