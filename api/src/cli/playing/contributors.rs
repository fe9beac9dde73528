//! Three contributors, and a value from a ball machine in the hall.

use ::entity::draw;
use sha2::{Digest as _, Sha256};
use verifier::record::commitment;

use crate::{
    App,
    error::Result,
    service::ceremony::{Reveals, Sealing},
    service::draws,
};

/// Who seals a contribution.
pub(in crate::cli) const CONTRIBUTORS: [&str; 3] =
    ["notary.example/c1", "rep-a.example/c1", "rep-b.example/c1"];

/// Label of the value that is made in public.
pub(in crate::cli) const BALL_MACHINE: &str = "ball-machine";

/// The contributors' secrets. Real contributors make theirs at home and show them to nobody; here one
/// process plays all of them, and says so.
fn secret(app: &App, draw: &str, name: &str) -> [u8; 32] {
    let key = app
        .data_key
        .blind_index("demo contribution", &format!("{draw} {name}"));
    Sha256::digest(key).into()
}

/// The commitments that `announce` lists.
pub(in crate::cli) fn sealings(app: &App, draw: &str) -> Vec<Sealing> {
    CONTRIBUTORS
        .iter()
        .map(|name| Sealing {
            name: (*name).to_owned(),
            commitment: commitment(&app.origin, draw, name, &secret(app, draw, name)),
        })
        .collect()
}

/// What the first `present` contributors bring, and the ball machine's six digits.
pub(in crate::cli) fn reveals(app: &App, draw: &str, present: usize) -> Reveals {
    let sealed = CONTRIBUTORS[..present]
        .iter()
        .map(|name| ((*name).to_owned(), secret(app, draw, name)))
        .collect();
    let balls = secret(app, draw, BALL_MACHINE);
    let digits: String = balls[..6]
        .iter()
        .map(|ball| char::from(b'0' + ball % 10))
        .collect();
    Reveals {
        sealed,
        open: vec![(BALL_MACHINE.to_owned(), digits)],
    }
}

/// The draw of a period that is under way or finished, if it was frozen.
pub(in crate::cli) async fn find_draw(app: &App, period: &str) -> Result<Option<draw::Model>> {
    let draws = draws::list_of_period(app, period, draw::Purpose::Allocation).await?;
    Ok(draws
        .into_iter()
        .find(|draw| draw.phase != draw::Phase::Voided))
}
