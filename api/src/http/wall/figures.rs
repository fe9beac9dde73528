//! What a wall shows, as JSON: the page's own, and that of `fairplate draw present --json`.
//!
//! Times are as records write them, digests hex digits. A name that the draw has not come to yet is
//! missing or null.

use ::entity::draw;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use verifier::text::Time;

use crate::{
    domain::{
        Locale,
        phase::{draw_phase_name, record_kind_name},
    },
    policy::Text,
    service::wall::{Contributed, Seen, Wall},
};

/// Winners of a category that are told; its file has them all.
const WINNERS_MAX: u64 = 1_000;

/// What is public of a draw; with the time of the server, for whoever counts down.
pub(crate) fn write(wall: &Wall, now: Option<DateTime<Utc>>) -> Value {
    let mut all = json!({
        "draw": wall.draw,
        "period": wall.period,
        "purpose": match wall.purpose {
            draw::Purpose::Allocation => "ALLOCATION",
            draw::Purpose::Representatives => "REPRESENTATIVES",
        },
        "origin": wall.origin,
        "isRehearsal": wall.is_rehearsal,
        "city": both(&wall.city),
        "programme": both(&wall.programme),
        "phase": draw_phase_name(wall.phase()),
        "frozenAt": wall.frozen_at.to_string(),
        "records": records(wall),
        "pools": pools(wall),
        "contributions": contributions(wall),
        "openValues": open_values(wall),
        "beacon": beacon(wall),
        "outcomes": outcomes(wall),
        "checkpoint": checkpoint(wall),
    });
    if let Some(announced) = &wall.announced {
        all["closesAt"] = announced.record.closes.to_string().into();
        all["policy"] = announced.record.policy.to_string().into();
    }
    if let Some(drawn) = &wall.drawn {
        all["seed"] = drawn.record.seed.to_string().into();
    }
    if let Some(voided) = &wall.voided {
        all["void"] = json!({ "reason": voided.record.reason });
    }
    if let Some(now) = now {
        all["now"] = now.to_rfc3339_opts(SecondsFormat::Millis, true).into();
    }
    all
}

fn both(text: &Text) -> Value {
    label(|locale| text.get(locale))
}

fn label<'a>(get: impl Fn(Locale) -> &'a str) -> Value {
    Locale::ALL
        .into_iter()
        .map(|locale| (locale.tag().to_owned(), Value::from(get(locale))))
        .collect()
}

fn category(wall: &Wall, category: &str) -> Value {
    label(|locale| wall.label(category, locale))
}

fn time(time: Option<Time>) -> Option<String> {
    time.map(|time| time.to_string())
}

fn records(wall: &Wall) -> Value {
    wall.steps()
        .into_iter()
        .map(|(kind, seen)| {
            let cosigned = seen.cosigned.iter();
            let cosigned =
                cosigned.map(|it| json!({ "witness": it.witness.name(), "at": it.at.to_string() }));
            json!({
                "kind": record_kind_name(kind),
                "hash": seen.hash.to_string(),
                "logIndex": seen.index,
                "signedBy": seen.signed_by,
                "cosignatures": cosigned.collect::<Vec<_>>(),
                "cosignedAt": time(seen.witnessed_at),
            })
        })
        .collect()
}

fn pools(wall: &Wall) -> Value {
    let announced = wall.announced.as_ref();
    let pools = announced.map_or(&[][..], |announced| &announced.record.pools);
    pools
        .iter()
        .map(|pool| {
            json!({
                "category": pool.category,
                "label": category(wall, &pool.category),
                "method": pool.method.to_string(),
                "quota": pool.quota,
                "reserve": pool.reserve,
                "applicants": pool.file.rows,
                "tickets": pool.file.tickets,
                "bytes": pool.file.bytes,
                "root": pool.file.root.to_string(),
                "sha256": pool.file.sha256.to_string(),
            })
        })
        .collect()
}

fn contributions(wall: &Wall) -> Value {
    let contributors = wall.contributors();
    contributors
        .iter()
        .map(|it| {
            let (state, secret) = match it.state {
                Contributed::Sealed => ("SEALED", None),
                Contributed::Revealed(secret) => ("REVEALED", Some(secret.to_string())),
                Contributed::Missing => ("MISSING", None),
            };
            json!({
                "name": it.sealed.name,
                "commitment": it.sealed.commitment.to_string(),
                "state": state,
                "secret": secret,
            })
        })
        .collect()
}

fn open_values(wall: &Wall) -> Value {
    let values = wall.open_values().into_iter();
    values
        .map(|(label, value)| json!({ "label": label, "value": value }))
        .collect()
}

fn beacon(wall: &Wall) -> Option<Value> {
    let announced = wall.announced.as_ref()?;
    Some(json!({
        "chain": announced.record.chain.to_string(),
        "round": announced.record.round,
        "at": time(wall.round_at),
        "signature": wall.signature(),
        "randomness": wall.randomness().map(|digest| digest.to_string()),
    }))
}

fn outcomes(wall: &Wall) -> Value {
    let drawn = wall.drawn.as_ref();
    let outcomes = drawn.map_or(&[][..], |drawn| &drawn.record.outcomes);
    let outcomes = outcomes.iter().zip(&wall.places);
    outcomes
        .map(|(outcome, places)| {
            let told = outcome.winners.min(WINNERS_MAX);
            let winners = places.iter().take_while(|place| place.rank <= told);
            let winners = winners.map(|place| json!({ "rank": place.rank, "code": place.code }));
            json!({
                "category": outcome.category,
                "label": category(wall, &outcome.category),
                "winners": outcome.winners,
                "reserves": outcome.reserves,
                "cutOff": outcome.cut_off.map(|cut| json!({
                    "serial": cut.serial,
                    "score": format!("{:016x}", cut.score),
                })),
                "root": outcome.file.root.to_string(),
                "sha256": outcome.file.sha256.to_string(),
                "winnerPlaces": winners.collect::<Vec<_>>(),
            })
        })
        .collect()
}

fn checkpoint(wall: &Wall) -> Option<Value> {
    let Seen {
        note, checkpoint, ..
    } = wall.last()?;
    Some(json!({
        "size": checkpoint.size,
        "root": checkpoint.root.to_string(),
        "note": note.to_string(),
    }))
}
