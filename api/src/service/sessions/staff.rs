//! Sessions of the people of the city.

use ::entity::{
    session::{OpenedBy, Role},
    staff,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use sea_orm::DatabaseTransaction;

use super::{Ending, Opening, StaffOpening, actor, fresh_token, hash, open};
use crate::{
    app::App,
    domain::actor::Actor,
    error::{Error, Result},
    service::trail,
    store,
};

/// How somebody signs in.
#[derive(Clone, Copy)]
pub(in crate::service) struct SigningIn<'a> {
    /// As what.
    pub(in crate::service) role: Role,
    /// With what.
    pub(in crate::service) by: OpenedBy,
    /// The token that the device was given when somebody of the city signed in from it before.
    pub(in crate::service) device_token: Option<&'a str>,
}

/// A session that was opened.
pub(in crate::service) struct OpenedForStaff {
    pub(in crate::service) token: String,
    pub(in crate::service) device_token: String,
    pub(in crate::service) expires_at: DateTime<Utc>,
    pub(in crate::service) actor: Actor,
}

/// Opens a session for somebody of the city who may act as what is asked for.
///
/// A device is known by its token alone, whoever signs in from it: two people at one device are one
/// where two are wanted.
pub(in crate::service) async fn open_for_staff_account(
    app: &App,
    txn: &DatabaseTransaction,
    row: &staff::Model,
    how: SigningIn<'_>,
) -> Result<OpenedForStaff> {
    let known = how.device_token.filter(|token| is_ours(token));
    let device_token = known.map_or_else(fresh_token, str::to_owned);
    let opening = Opening {
        role: how.role,
        subject: row.name.clone(),
        lasts: app.staff.session_time(),
        device_hash: Some(hash(&device_token)),
        staff: Some(StaffOpening {
            id: row.id,
            by: how.by,
            idle_secs: app.staff.idle_secs(),
        }),
    };
    let token = open(app, txn, opening).await?;
    let now = app.clock.now();
    let opened = store::sessions::find_live(txn, app.city, hash(&token), now).await?;
    let opened = opened.ok_or(Error::Unauthenticated)?;
    Ok(OpenedForStaff {
        token,
        device_token,
        expires_at: opened.expires_at,
        actor: actor(app, opened).await?,
    })
}

/// Whether a text looks like a token that we gave.
fn is_ours(token: &str) -> bool {
    let bytes = URL_SAFE_NO_PAD.decode(token);
    bytes.is_ok_and(|bytes| bytes.len() == 32)
}

/// Ends sessions of somebody of the city, whatever they act as; gives how many.
pub(super) async fn end_many(app: &App, actor: &Actor, ending: Ending) -> Result<u64> {
    let own = actor.staff_session()?;
    let name = actor.find_name().ok_or(Error::Unauthenticated)?;
    let txn = store::begin(&app.db).await?;
    let ended = match ending {
        Ending::This => store::sessions::delete(&txn, app.city, &own).await?,
        Ending::Others => store::sessions::delete_of_staff(&txn, app.city, name, Some(own)).await?,
        Ending::All => store::sessions::delete_of_staff(&txn, app.city, name, None).await?,
    };
    let detail = serde_json::json!({ "ended": ended });
    let by = format!("staff:{name}");
    trail::note(app, &txn, by, "sessions.end", name, detail).await?;
    txn.commit().await?;
    Ok(ended)
}
