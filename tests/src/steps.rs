//! The steps of a ceremony by their names: how a city is led to where one is taken, and taking it, in
//! this process or in another one.

use std::fs;

use entity::ban;
use fairplate::{
    App, Result,
    domain::{
        PeriodKind,
        actor::{Operator, Worker},
    },
    service::{
        approvals::Action,
        ceremony::{drop_unsigned, recover},
        certificates, rules,
    },
};
use sea_orm::EntityTrait as _;

use crate::{
    TestCity, air_gap, ceremony,
    database::Kind,
    keys,
    stages::{
        ANNOUNCE_AT, CLOSE_AT, FINISH_AT, FREEZE_AT, PERIOD, officer, places, reveals, terms,
    },
};

/// Who takes part.
const PEOPLE: u32 = 9;

/// Why it is voided.
const FLOODED: &str = "the hall was flooded";

/// Why a ban is lifted.
const MISTAKE: &str = "the certificate was used in time";

/// When most stories amend a result.
pub const AMEND_AT: &str = "2026-07-03T02:00:00Z";

/// When the certificates of a result have run out.
const LIFT_AT: &str = "2027-07-01T01:00:00Z";

/// The steps of a ceremony, with when each is taken. `resume` publishes an announcement that waits for
/// its witness; `import` brings back a result, and `drop` gives up a close, of a city whose record key
/// is off line; `rotate` has another record key sign within a draw, and `vouch` another witness vouch.
pub const STEPS: &[(&str, &str)] = &[
    ("freeze", FREEZE_AT),
    ("announce", ANNOUNCE_AT),
    ("close", CLOSE_AT),
    ("finish", FINISH_AT),
    ("void", CLOSE_AT),
    ("resume", ANNOUNCE_AT),
    ("amend", AMEND_AT),
    ("import", FINISH_AT),
    ("drop", CLOSE_AT),
    ("rotate", CLOSE_AT),
    ("vouch", CLOSE_AT),
    ("confirm", FREEZE_AT),
    ("adopt", FREEZE_AT),
    ("lift", LIFT_AT),
];

/// Whether this is what is said to whoever takes a step that may be taken already.
#[must_use]
pub fn is_taken(step: &str, answer: &str) -> bool {
    let of_step = match step {
        "drop" => "NOT_FOUND",
        // The newest key signs already, and the other witness vouches.
        "rotate" | "vouch" => "NOT_SET_UP",
        // The ban counts no more.
        "lift" => "INVALID_INPUT",
        _ => "CONFLICT",
    };
    ["done", "WRONG_PHASE", "CONFLICT", of_step].contains(&answer)
}

/// The name of a signed record in the folder of a city that can import it.
const CARRIED: &str = "carried.note";

/// A city in which a step is what comes next, at the step's moment.
pub async fn led_to(kind: &Kind, step: &str, at: &str) -> TestCity {
    let mut city = match step {
        "import" | "drop" => TestCity::with_its_key_off_line(kind).await,
        "rotate" => TestCity::with_a_new_key(kind).await,
        _ => TestCity::create("hangzhou-2018", kind).await,
    };
    let places = places(3, 2);
    match step {
        "confirm" => {}
        "freeze" | "adopt" => drop(city.reviewed(PEOPLE, places).await),
        "announce" | "resume" => drop(city.frozen(PEOPLE, places).await),
        "close" | "void" | "rotate" | "vouch" => drop(city.announced(PEOPLE, places).await),
        "finish" => drop(city.closed(PEOPLE, places).await),
        "amend" | "lift" => drop(city.finished(PEOPLE, places).await),
        "import" | "drop" => {
            drop(city.frozen(PEOPLE, places).await);
            city.announce(PERIOD).await;
            city.carry(PERIOD).await;
        }
        other => panic!("no such step: {other}"),
    }
    city.at(at);
    if step == "vouch" {
        keys::with_another_witness(&city.app.layout.keys());
        city.app = city.another_node(None).await;
    }
    prepare(&city, step).await;
    city
}

/// Does what two takings of a step have in common. A record says where the audit trail ended, a proposal
/// is in it, and its id is random: it is made once for all who are compared.
async fn prepare(city: &TestCity, step: &str) {
    let draw = PERIOD.to_owned();
    let action = match step {
        "announce" => Action::AnnounceDraw {
            draw,
            terms: terms(PERIOD),
        },
        "void" => Action::VoidDraw {
            draw,
            reason: FLOODED.to_owned(),
        },
        "amend" => {
            let drops = vec![ceremony::first_of(&city.app, PERIOD).await];
            Action::AmendResult { draw, drops }
        }
        "rotate" => Action::ChangeRecordKey,
        "vouch" => Action::ChangeTrust,
        "resume" => {
            let app = city.without_its_witness();
            let waiting = ceremony::announce(&app, &officer(), PERIOD, terms(PERIOD)).await;
            return drop(waiting.expect_err("a record that waits"));
        }
        "drop" => return take(&city.app, "close").await.expect("a close that waits"),
        "import" => return leave_a_result(city).await,
        "lift" => {
            let ended = certificates::forfeit_all(&city.app, &Worker).await;
            return assert_eq!(ended.expect("run out"), 3);
        }
        _ => return,
    };
    let proposed = ceremony::propose(&city.app, &officer(), action).await;
    proposed.expect("proposed");
}

/// Leaves the result of a draw to be signed, and has it signed.
async fn leave_a_result(city: &TestCity) {
    city.at(CLOSE_AT);
    take(&city.app, "close").await.expect("a close that waits");
    city.carry(PERIOD).await;
    city.at(FINISH_AT);
    take(&city.app, "finish")
        .await
        .expect("a result that waits");
    let signed = air_gap::sign(&city.export(PERIOD).await);
    fs::write(city.folder().join(CARRIED), signed).expect("written");
}

/// Takes a step.
///
/// # Errors
///
/// What the step refuses.
pub async fn take(app: &App, step: &str) -> Result<()> {
    let officer = officer();
    let draw = match step {
        "freeze" => ceremony::freeze(app, &officer, PERIOD).await,
        "announce" => ceremony::announce(app, &officer, PERIOD, terms(PERIOD)).await,
        "close" => ceremony::close(app, &officer, PERIOD, reveals()).await,
        "finish" => ceremony::finish(app, &officer, PERIOD).await,
        "amend" => ceremony::amend(app, &officer, PERIOD).await,
        "void" => ceremony::void(app, &officer, PERIOD, FLOODED).await,
        "resume" => return recover(app).await,
        "rotate" => return ceremony::change_record_key(app, &officer).await.map(drop),
        "vouch" => return ceremony::change_trust(app, &officer).await,
        "confirm" => return confirm(app).await,
        "adopt" => return adopt(app).await,
        "lift" => return lift(app).await,
        "drop" => return drop_unsigned(app, &Operator, PERIOD).await.map(drop),
        "import" => {
            let file = fs::read(app.layout.root().join(CARRIED)).expect("a signed record");
            return air_gap::import(app, &file).await.map(drop);
        }
        other => panic!("no such step: {other}"),
    };
    draw.map(drop)
}

/// Rules can be confirmed again by others: whoever is not sure whether they are looks first.
async fn confirm(app: &App) -> Result<()> {
    match rules::require_confirmed(app, PeriodKind::Normal).await {
        Ok(()) => Ok(()),
        Err(_) => ceremony::confirm_rules(app, &officer()).await,
    }
}

async fn lift(app: &App) -> Result<()> {
    let bans = ban::Entity::find().all(&app.db).await.expect("read");
    let numbers = bans.into_iter().map(|ban| ban.certificate_number);
    let certificate = numbers.min().expect("a ban");
    ceremony::lift_ban(app, &officer(), &certificate, MISTAKE).await
}

/// Adopts the text in force, but for the length of bans; the same text is nothing to adopt.
async fn adopt(app: &App) -> Result<()> {
    let (from, to) = ("\nban_months = 24\n", "\nban_months = 36\n");
    let text = app.policy.text().replace(from, to);
    if text == app.policy.text() {
        return Ok(());
    }
    ceremony::change_rules(app, &officer(), text).await
}
