//! What officers see of messages on their way: where they stand and why, never what they say or the
//! whole address.

use std::collections::HashMap;

use ::entity::{
    ApplicantId,
    message::{Channel, Model, State},
};
use uuid::Uuid;

use super::{
    contact::{self, Contact},
    unseal,
};
use crate::{
    app::App,
    domain::{actor::Officer, masking, span::Span},
    error::{Error, Result},
    service::{
        once::{Again, keep},
        trail,
    },
    store,
};

/// A message on its way, as an officer sees it.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Its row.
    pub row: Model,
    /// The address, masked; none where it is no longer kept, or there is none.
    pub masked_address: Option<String>,
}

/// A part of the messages that stand at a place, newest first.
pub async fn list_outgoing(
    app: &App,
    _: &Officer,
    state: State,
    span: Span<Uuid>,
) -> Result<Vec<Outgoing>> {
    let rows = store::messages::list_outgoing(&app.db, app.city, state, span).await?;
    show_all(app, rows).await
}

/// One message that leaves the application, if there is one.
pub async fn find_outgoing(app: &App, _: &Officer, id: Uuid) -> Result<Option<Outgoing>> {
    let row = store::messages::find(&app.db, app.city, id).await?;
    match row.filter(|row| row.channel != Channel::Inbox) {
        Some(row) => Ok(Some(show(app, row).await?)),
        None => Ok(None),
    }
}

/// How many messages stand at a place.
pub async fn count_outgoing(app: &App, _: &Officer, state: State) -> Result<u64> {
    store::messages::count(&app.db, app.city, state).await
}

/// What became of sending again.
#[derive(Debug)]
pub enum Resent {
    /// It waits again.
    Waiting(Outgoing),
    /// It is not dead: it waits, or was handed over.
    NotDead(Outgoing),
    /// What it said is no longer kept, because it would have come too late. Whoever asked for it asks
    /// again.
    Expired(Outgoing),
}

impl Again for Resent {
    async fn again(app: &App, subject: &str) -> Result<Self> {
        let id = Uuid::parse_str(subject).map_err(Error::internal)?;
        let row = store::messages::get(&app.db, app.city, id).await?;
        show(app, row).await.map(Self::Waiting)
    }
}

/// Lets a dead message be tried again from the beginning.
pub async fn resend(app: &App, officer: &Officer, id: Uuid) -> Result<Resent> {
    let txn = store::begin(&app.db).await?;
    let row = store::messages::get(&txn, app.city, id).await?;
    if row.channel == Channel::Inbox {
        return Err(Error::not_found("outgoing message", id));
    }
    let now = app.clock.now();
    if row.state == State::Dead && row.sealed.is_none() {
        return Ok(Resent::Expired(show(app, row).await?));
    }
    if !store::messages::revive(&txn, &row, now).await? {
        return Ok(Resent::NotDead(show(app, row).await?));
    }
    trail::note(
        app,
        &txn,
        officer.actor(),
        "messages.resend",
        &row.subject,
        serde_json::json!({ "message": id, "purpose": row.purpose }),
    )
    .await?;
    let revived = store::messages::get(&txn, app.city, id).await?;
    keep(app, &txn, id).await?;
    txn.commit().await?;
    Ok(Resent::Waiting(show(app, revived).await?))
}

async fn show(app: &App, row: Model) -> Result<Outgoing> {
    let mut shown = show_all(app, vec![row]).await?;
    let none = || Error::internal(anyhow::anyhow!("a message was shown as none"));
    shown.pop().ok_or_else(none)
}

async fn show_all(app: &App, rows: Vec<Model>) -> Result<Vec<Outgoing>> {
    let people = rows.iter().filter(|row| masking_of(row).is_some());
    let people = people.filter_map(|row| row.recipient_id.map(ApplicantId));
    let contacts = contact::list(app, &people.collect::<Vec<_>>()).await?;
    let shown = rows.into_iter().map(|row| -> Result<Outgoing> {
        let masked_address = masked(app, &row, &contacts)?;
        Ok(Outgoing {
            row,
            masked_address,
        })
    });
    shown.collect()
}

fn masking_of(row: &Model) -> Option<fn(&str) -> String> {
    match row.channel {
        Channel::Sms => Some(masking::phone),
        Channel::Email => Some(masking::email),
        Channel::Inbox | Channel::Webhook => None,
    }
}

fn masked(
    app: &App,
    row: &Model,
    contacts: &HashMap<ApplicantId, Contact>,
) -> Result<Option<String>> {
    let (Some(mask), Some(sealed)) = (masking_of(row), row.sealed.as_deref()) else {
        return Ok(None);
    };
    let address = match (unseal(app, row.id, sealed)?.to, row.recipient_id) {
        (Some(to), _) => Some(to),
        (None, None) => None,
        (None, Some(person)) => {
            let contact = contacts.get(&ApplicantId(person));
            let contact = contact.ok_or_else(|| Error::not_found("applicant", person))?;
            match row.channel {
                Channel::Email => contact.email.clone(),
                _ => Some(contact.phone.clone()),
            }
        }
    };
    Ok(address.as_deref().map(mask))
}
