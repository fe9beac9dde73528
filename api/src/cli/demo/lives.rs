//! Three citizens whose whole lives the demo shows: somebody new, somebody who has waited long, and
//! a winner who let the certificate lapse.
//!
//! What they do in June goes through the same use cases as everything else; what the screen tells of
//! them is asked of the city each time.

mod screen;

use ::entity::application;
use chrono::TimeDelta;

use super::{newcomers, people};
use crate::{
    App,
    app::ID_NUMBER,
    clock::StoppedClock,
    domain::{
        actor::{AccountHolder, Applicant, Operator, Worker},
        draft::DraftForm,
        one_time_code,
    },
    error::{Error, Result},
    service::{
        accounts,
        applications::{self, Form, Submitted},
        certificates,
        drafts::{self, Acknowledged, Asked, Confirmed, Shown, Started},
        messages,
        one_time_codes::Typed,
    },
    store,
};

pub(super) use screen::print;

/// The winner who let the certificate lapse; comes from the old system.
pub(super) const LAPSED: u64 = 0;

/// Somebody who has waited long; comes from the old system.
pub(super) const VETERAN: u64 = 1;

/// Somebody new, above the numbers of all others, so that it is the same person however many there
/// are.
pub(super) const NEWCOMER: u64 = 14_569_998;

/// Somebody new applies in the four steps; gives whether the application is in. Done before, it is
/// not done again.
pub(super) async fn apply(app: &App, clock: &StoppedClock) -> Result<bool> {
    let person = people::invent(&app.policy, NEWCOMER);
    let phone = person.phone.clone();
    let holder = accounts::open_for_phone(app, &Operator, &phone)
        .await?
        .holder;
    let form = newcomers::form(app, NEWCOMER, person);
    let Some(draft) = fill_in(app, &holder, form).await? else {
        return Ok(true);
    };
    let request = loop {
        match drafts::request_confirmation(app, &holder, draft.id).await? {
            Asked::Sent { request, .. } => break request,
            // Interrupted after the last code was asked for.
            Asked::Wait(until) => clock.set(until + TimeDelta::seconds(1)),
            Asked::Incomplete(_) => return Ok(false),
        }
    };
    while messages::deliver(app, &Worker).await?.has_more {}
    let code = read_code(app, &phone)?;
    let typed = Typed {
        request: request.id,
        code: &code,
    };
    let confirmed = drafts::confirm(app, &holder, draft.id, typed).await?;
    Ok(matches!(
        confirmed,
        Confirmed::Submitted(Submitted::Accepted(_))
    ))
}

/// The draft of somebody who has read the instructions and filled in the form; none where the person
/// has applied already.
async fn fill_in(app: &App, holder: &AccountHolder, form: Form) -> Result<Option<Shown>> {
    let started = drafts::start(app, holder, &form.category, &form.identity_type).await?;
    let Started::Draft(draft) = started else {
        return Ok(None);
    };
    let read = app.policy.instructions_digest(&form.identity_type);
    let acknowledged = drafts::acknowledge(app, holder, draft.id, read).await?;
    let (Acknowledged::Done(draft) | Acknowledged::Changed(draft)) = acknowledged;
    let filled = DraftForm {
        name: Some(form.name),
        id_number: Some(form.id_number),
        email: form.email,
        address: Some(form.address),
        postcode: Some(form.postcode),
        licence_issued_on: form.licence_issued_on,
        licence_classes: form.licence_classes,
        owns_local_car: Some(form.owns_local_car),
        joins_tier: Some(form.joins_tier),
    };
    let saved = drafts::save(app, holder, draft.id, |empty| *empty = filled).await?;
    Ok(Some(saved))
}

/// The code that a phone was sent last, as it stands in the spool: the demo has no other phone.
fn read_code(app: &App, phone: &str) -> Result<String> {
    let folder = app.layout.spool().join("sms");
    let read = || -> anyhow::Result<String> {
        let mut letters = Vec::new();
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|end| end == "json") {
                letters.push(path);
            }
        }
        // A letter is named by its id, and ids ascend with time.
        letters.sort();
        for path in letters.iter().rev() {
            let letter: serde_json::Value = serde_json::from_slice(&std::fs::read(path)?)?;
            let text = letter["text"].as_str().unwrap_or_default();
            let mut words = text.split(|letter: char| !letter.is_ascii_digit());
            let code = words.find(|digits| digits.len() == one_time_code::DIGITS);
            if let Some(code) = code.filter(|_| letter["to"] == phone) {
                return Ok(code.to_owned());
            }
        }
        Err(anyhow::anyhow!("no code was sent to the newcomer's phone"))
    };
    read().map_err(Error::internal)
}

/// Somebody who has waited long joins the tier, where the city has one; again, it changes nothing.
pub(super) async fn join_tier(app: &App) -> Result<()> {
    if let Some((me, row)) = find(app, VETERAN).await? {
        applications::join_tier(app, &me, row.id).await?;
    }
    Ok(())
}

/// The worker ends what ran out; gives how many certificates that were.
pub(super) async fn forfeit(app: &App) -> Result<u64> {
    certificates::forfeit_all(app, &Worker).await
}

/// Whether an application is the newcomer's.
pub(super) async fn is_newcomer(app: &App, row: &application::Model) -> Result<bool> {
    let found = find(app, NEWCOMER).await?;
    Ok(found.is_some_and(|(me, _)| me.id() == row.applicant_id))
}

/// One of the three as the city knows them, with their newest application; none where the city was
/// made without them.
async fn find(app: &App, number: u64) -> Result<Option<(Applicant, application::Model)>> {
    let person = people::invent(&app.policy, number);
    let index = app.data_key.blind_index(ID_NUMBER, &person.id_number);
    let found = store::applicants::find_by_id_number(&app.db, app.city, &index).await?;
    let Some(known) = found else {
        return Ok(None);
    };
    let me = Applicant::new(known.id);
    let newest = applications::list(app, &me).await?.into_iter().next();
    Ok(newest.map(|row| (me, row)))
}

/// The winner tries to apply today, up to where the city says what stands in the way.
async fn try_to_apply(app: &App) -> Result<Option<Shown>> {
    let person = people::invent(&app.policy, LAPSED);
    let signed_in = accounts::open_for_phone(app, &Operator, &person.phone).await?;
    let form = newcomers::form(app, LAPSED, person);
    let form = Form {
        owns_local_car: false,
        ..form
    };
    fill_in(app, &signed_in.holder, form).await
}
