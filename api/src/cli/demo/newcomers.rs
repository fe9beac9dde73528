//! New people who come in by the front door: they submit the form, and an officer reviews it.

use chrono::Days;

use super::{
    lives, officer,
    people::{Invented, invent},
};
use crate::{
    App,
    cli::{playing::Stages, progress::Progress},
    domain::{actor::Operator, licence::LicenceClass},
    error::Result,
    service::{
        accounts,
        applications::{self, Form, Submitted},
        reviews::{self, Reviewed, Verdict},
    },
};

/// One newcomer in so many says something on the form that the rules do not admit.
const NOT_ELIGIBLE_EVERY: u64 = 25;

/// One reviewed application in so many is refused.
const REFUSED_EVERY: u64 = 12;

/// Applications that are fetched for review at once.
const REVIEWED_AT_ONCE: u64 = 200;

/// Lets newcomers with these numbers apply.
pub(super) async fn apply(
    app: &App,
    numbers: std::ops::Range<u64>,
    stages: &mut Stages,
) -> Result<()> {
    let mut bar = Progress::start("applying", numbers.end - numbers.start);
    let (mut accepted, mut not_eligible) = (0_u64, 0_u64);
    for (done, number) in (1..).zip(numbers) {
        let person = invent(&app.policy, number);
        let signed_in = accounts::open_for_phone(app, &Operator, &person.phone).await?;
        let form = form(app, number, person);
        match applications::submit(app, &signed_in.holder, &form).await? {
            Submitted::Accepted(_) | Submitted::AlreadyApplied => accepted += 1,
            Submitted::NotEligible(_) | Submitted::NoOpenPeriod | Submitted::CounterNeeded => {
                not_eligible += 1;
            }
        }
        bar.at(done);
    }
    drop(bar);
    stages.done(&format!(
        "{accepted} newcomers applied; {not_eligible} were told why they cannot"
    ));
    Ok(())
}

/// What somebody with a number fills in.
pub(super) fn form(app: &App, number: u64, person: Invented) -> Form {
    let is_not_eligible = number.is_multiple_of(NOT_ELIGIBLE_EVERY);
    let street = u64::from(person.dice[7]) + 1;
    Form {
        category: app.policy.categories[0].key.clone(),
        identity_type: app.policy.identity_types[0].key.clone(),
        name: person.name,
        id_number: person.id_number,
        email: Some(format!("citizen{number}@mail.example")),
        address: format!("{}示例路{street}号", app.policy.city.name.zh),
        postcode: format!("{:06}", app.policy.city.id),
        licence_issued_on: app.today().checked_sub_days(Days::new(400 + street)),
        licence_classes: vec![if person.dice[6] < 3 {
            LicenceClass::C5
        } else {
            LicenceClass::C1
        }],
        owns_local_car: is_not_eligible,
        joins_tier: !person.dice[5].is_multiple_of(3),
    }
}

/// Reviews everything that waits in a period.
pub(super) async fn review(app: &App, period: &str, stages: &mut Stages) -> Result<()> {
    let reviewer = officer().reviewer();
    let (mut approved, mut refused) = (0_u64, 0_u64);
    loop {
        let waiting = reviews::list_waiting(app, &reviewer, period, REVIEWED_AT_ONCE).await?;
        if waiting.is_empty() {
            break;
        }
        for row in waiting {
            let verdict = if lives::is_newcomer(app, &row).await? {
                Verdict::Approve
            } else {
                judge(app, &row.code)
            };
            let decided = reviews::decide(app, &reviewer, &row.code, &verdict, None).await?;
            match (decided, verdict) {
                (Reviewed::Decided(_), Verdict::Approve) => approved += 1,
                (Reviewed::Decided(_), Verdict::Refuse(_)) => refused += 1,
                (_, _) => {}
            }
        }
    }
    stages.done(&format!(
        "{approved} applications approved, {refused} refused, each with a reason"
    ));
    Ok(())
}

/// The demo's reviewer looks at the code's digits, and takes the reasons in turn.
fn judge(app: &App, code: &str) -> Verdict {
    let number: u64 = code.parse().unwrap_or_default();
    if !number.is_multiple_of(REFUSED_EVERY) {
        return Verdict::Approve;
    }
    let reasons = &app.policy.review_reasons;
    let turn = usize::try_from(number / REFUSED_EVERY).unwrap_or_default() % reasons.len();
    Verdict::Refuse(vec![reasons[turn].code.clone()])
}
