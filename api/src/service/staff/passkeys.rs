//! Passkeys: registering one, and signing in with one.

use ::entity::{
    StaffId, passkey,
    passkey_challenge::{self, Purpose},
    session::{OpenedBy, Role},
    staff,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use webauthn_rs::{
    Webauthn, WebauthnBuilder,
    fake::{FakePasskeyDistribution, WebauthnFakeCredentialGenerator},
    prelude::{
        Passkey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential,
        RegisterPublicKeyCredential,
    },
};

use super::{
    Entered,
    challenges::{Asking, ask, read, take},
    entrance::{choose, let_in},
    find_invited, find_signed_in, find_unblocked, note, without_invitation,
};
use crate::{
    app::App,
    domain::actor::Actor,
    error::{Error, Result},
    ids,
    service::sessions::SigningIn,
    store,
};

/// Passkeys that one person can have.
const PASSKEYS_MAX: usize = 10;

/// Purpose of the key under which passkeys are made up for names that have none.
const MADE_UP: &str = "made-up passkeys";

/// What an authenticator is asked.
#[derive(Debug)]
pub struct PasskeyAsked {
    /// The challenge, to be named with the answer.
    pub id: Uuid,
    /// What the browser is to give to the authenticator, as JSON.
    pub options: String,
}

/// What became of asking for a registration.
#[derive(Debug)]
pub enum RegistrationAsked {
    /// The authenticator is asked.
    Asked(PasskeyAsked),
    /// The invitation is wrong, used or over, or not for this name.
    InvitationRefused,
    /// This city has no passkeys.
    Unavailable,
}

/// What became of registering a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyRegistered {
    /// From now on somebody signs in with it; an invitation is used up.
    Done,
    /// The answer is not one to the challenge, from this place and with the user verified; or the
    /// challenge was answered, is over, or not for whoever asks; or the passkey is known already.
    Refused,
    /// This city has no passkeys.
    Unavailable,
}

/// Asks for a passkey to be registered: with an invitation, or by somebody who has signed in.
///
/// # Errors
///
/// Without an invitation, [`Error::Unauthenticated`] and [`Error::Forbidden`] for whoever has not
/// signed in to a staff account; [`Error::InvalidInput`] for one passkey too many.
pub async fn start_registration(
    app: &App,
    actor: &Actor,
    invited: Option<(&str, &str)>,
) -> Result<RegistrationAsked> {
    let row = match invited {
        Some((name, invitation)) => find_invited(app, &app.db, name, invitation).await?,
        None => Some(signed_in(app, &app.db, actor).await?),
    };
    let Some(webauthn) = webauthn(app)? else {
        return Ok(RegistrationAsked::Unavailable);
    };
    let Some(row) = row else {
        return Ok(RegistrationAsked::InvitationRefused);
    };
    let own = list(app, &app.db, row.id).await?;
    if PASSKEYS_MAX <= own.len() {
        let reason =
            format!("expected at most {PASSKEYS_MAX} passkeys; the operator can drop them");
        return Err(Error::invalid("passkey", reason));
    }
    let known = own.iter().map(|(_, kept)| kept.known.cred_id().clone());
    let (options, state) = webauthn
        .start_passkey_registration(row.id.0, &row.name, &row.name, Some(known.collect()))
        .map_err(Error::internal)?;
    let asking = Asking {
        purpose: Purpose::Register,
        staff: Some(row.id),
        invitation: invited.and(row.invitation_hash),
    };
    let id = ask(app, asking, &state).await?;
    let options = serde_json::to_string(&options).map_err(Error::internal)?;
    Ok(RegistrationAsked::Asked(PasskeyAsked { id, options }))
}

/// Registers the passkey that answered.
///
/// # Errors
///
/// Those of [`start_registration`], where it was asked for without an invitation.
pub async fn finish_registration(
    app: &App,
    actor: &Actor,
    challenge: Uuid,
    answer: &str,
) -> Result<PasskeyRegistered> {
    let Some(webauthn) = webauthn(app)? else {
        return Ok(PasskeyRegistered::Unavailable);
    };
    let txn = store::begin(&app.db).await?;
    let Some((asked, state)) = take(app, &txn, Purpose::Register, challenge).await? else {
        return Ok(PasskeyRegistered::Refused);
    };
    let Some(row) = registrant(app, &txn, actor, &asked).await? else {
        return Ok(PasskeyRegistered::Refused);
    };
    let state: PasskeyRegistration = state;
    let answer = read::<RegisterPublicKeyCredential>(answer);
    let known = answer.and_then(|answer| {
        let registered = webauthn.finish_passkey_registration(&answer, &state);
        registered.ok()
    });
    let Some(known) = known else {
        txn.commit().await?;
        return Ok(PasskeyRegistered::Refused);
    };
    let now = app.clock.now();
    let id = ids::uuid_v7(now);
    let registered = passkey::Model {
        city_id: app.city,
        id,
        staff_id: row.id,
        credential_hash: Sha256::digest(known.cred_id()).to_vec(),
        sealed: app.seal(&place(app, id), &Kept { known, counter: 0 })?,
        epoch: 0,
        created_at: now,
    };
    let is_written = store::passkeys::insert(&txn, registered).await?;
    // With an invitation the account changes, so that of two answers to one invitation one counts.
    let row = without_invitation(row);
    if !is_written || !store::staff::update(&txn, &row).await? {
        return Ok(PasskeyRegistered::Refused);
    }
    let detail = serde_json::json!({ "passkey": id });
    note(app, &txn, &row, "staff.register_passkey", detail).await?;
    txn.commit().await?;
    Ok(PasskeyRegistered::Done)
}

/// Asks somebody to sign in with a passkey; none where this city has no passkeys. A name that nobody
/// has, or that has no passkey, is asked for passkeys that are made up, the same each time.
pub async fn start_sign_in(app: &App, name: &str) -> Result<Option<PasskeyAsked>> {
    let Some(webauthn) = webauthn(app)? else {
        return Ok(None);
    };
    let row = find_unblocked(app, &app.db, name).await?;
    let own = match &row {
        Some(row) => list(app, &app.db, row.id).await?,
        None => Vec::new(),
    };
    let known: Vec<_> = own.into_iter().map(|(_, kept)| kept.known).collect();
    let (options, state) = webauthn
        .start_passkey_authentication(&known)
        .map_err(Error::internal)?;
    let mut options = serde_json::to_value(&options).map_err(Error::internal)?;
    let mut names: Vec<Vec<u8>> = known.iter().map(|it| it.cred_id().clone()).collect();
    if names.is_empty() {
        names = made_up(app, &name.to_lowercase())?;
    }
    // How an authenticator was reached is a hint, and would tell the made-up ones from the others.
    let names = names.iter().map(|name| allowed(name));
    options["publicKey"]["allowCredentials"] = names.collect();
    let asking = Asking {
        purpose: Purpose::SignIn,
        staff: row.map(|row| row.id),
        invitation: None,
    };
    let id = ask(app, asking, &state).await?;
    let options = options.to_string();
    Ok(Some(PasskeyAsked { id, options }))
}

/// Signs in with the passkey that answered; none where this city has no passkeys.
pub async fn finish_sign_in(
    app: &App,
    challenge: Uuid,
    answer: &str,
    role: Option<Role>,
    device_token: Option<&str>,
) -> Result<Option<Entered>> {
    let Some(webauthn) = webauthn(app)? else {
        return Ok(None);
    };
    let txn = store::begin(&app.db).await?;
    let Some((asked, state)) = take(app, &txn, Purpose::SignIn, challenge).await? else {
        return Ok(Some(Entered::Refused));
    };
    let Some(row) = proven(app, &txn, &webauthn, &asked, (state, answer)).await? else {
        // The challenge stays used up.
        txn.commit().await?;
        return Ok(Some(Entered::Refused));
    };
    let role = match choose(&row, role) {
        Ok(role) => role,
        // Nothing is kept of it, and the same answer is good once more.
        Err(roles) => return Ok(Some(Entered::RoleToChoose(roles))),
    };
    let how = SigningIn {
        role,
        by: OpenedBy::Passkey,
        device_token,
    };
    let signed_in = let_in(app, &txn, &row, how).await?;
    txn.commit().await?;
    Ok(Some(Entered::Done(signed_in)))
}

/// Whose passkey has answered; the passkey's counter is moved on. None where the answer does not
/// count, also where the counter has gone back since the challenge, as a copied authenticator's does.
async fn proven(
    app: &App,
    txn: &DatabaseTransaction,
    webauthn: &Webauthn,
    asked: &passkey_challenge::Model,
    (state, answer): (PasskeyAuthentication, &str),
) -> Result<Option<staff::Model>> {
    let Some(id) = asked.staff_id else {
        return Ok(None);
    };
    let Some(answer) = read::<PublicKeyCredential>(answer) else {
        return Ok(None);
    };
    let Ok(result) = webauthn.finish_passkey_authentication(&answer, &state) else {
        return Ok(None);
    };
    if !result.user_verified() {
        return Ok(None);
    }
    let own = list(app, txn, id).await?;
    let used = own
        .into_iter()
        .find(|(_, kept)| kept.known.cred_id() == result.cred_id());
    let Some((row, mut kept)) = used else {
        return Ok(None);
    };
    let counter = result.counter();
    if 0 < counter.max(kept.counter) && counter <= kept.counter {
        return Ok(None);
    }
    kept.counter = counter;
    kept.known.update_credential(&result);
    let row = passkey::Model {
        sealed: app.seal(&place(app, row.id), &kept)?,
        ..row
    };
    if !store::passkeys::update(txn, &row).await? {
        return Ok(None);
    }
    let found = store::staff::find(txn, app.city, id).await?;
    Ok(found.filter(|row| row.blocked_at.is_none()))
}

/// Who registers a passkey: whoever the challenge was for, while their invitation is open, or the
/// same person still signed in.
async fn registrant(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    asked: &passkey_challenge::Model,
) -> Result<Option<staff::Model>> {
    let now = app.clock.now();
    let row = match (asked.staff_id, &asked.invitation_hash) {
        (Some(id), Some(_)) => store::staff::find(txn, app.city, id).await?.filter(|row| {
            row.invitation_hash == asked.invitation_hash
                && row.invitation_until.is_some_and(|until| now < until)
        }),
        (Some(id), None) => Some(signed_in(app, txn, actor).await?).filter(|row| row.id == id),
        (None, _) => None,
    };
    Ok(row.filter(|row| row.blocked_at.is_none()))
}

/// The account of whoever asks.
async fn signed_in(app: &App, db: &impl ConnectionTrait, actor: &Actor) -> Result<staff::Model> {
    let found = find_signed_in(app, db, actor).await?;
    found.ok_or(Error::Forbidden {
        role: "somebody who has signed in to a staff account",
    })
}

/// What is sealed of a passkey.
#[derive(Serialize, Deserialize)]
struct Kept {
    known: Passkey,
    /// The counter of the last sign-in, which is newer than what a challenge asked for earlier knows; 0
    /// before the first.
    counter: u32,
}

/// The passkeys of somebody, with their rows.
async fn list(
    app: &App,
    db: &impl ConnectionTrait,
    staff: StaffId,
) -> Result<Vec<(passkey::Model, Kept)>> {
    let rows = store::passkeys::list_of_staff(db, app.city, staff).await?;
    let unsealed = rows.into_iter().map(|row| {
        let kept = app.unseal(&place(app, row.id), &row.sealed)?;
        Ok((row, kept))
    });
    unsealed.collect()
}

/// Names of passkeys that a name could have.
fn made_up(app: &App, name: &str) -> Result<Vec<Vec<u8>>> {
    let key = app.data_key.blind_index(MADE_UP, "key");
    let maker = WebauthnFakeCredentialGenerator::<FakePasskeyDistribution>::new(&key);
    let made = maker.and_then(|maker| maker.generate(name.as_bytes()));
    made.map_err(Error::internal)
}

/// A passkey that may answer, as browsers read it.
fn allowed(name: &[u8]) -> Value {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    serde_json::json!({ "type": "public-key", "id": URL_SAFE_NO_PAD.encode(name) })
}

/// What checks answers for the place of the settings; none where they name none.
fn webauthn(app: &App) -> Result<Option<Webauthn>> {
    let Some(place) = &app.staff.passkeys else {
        return Ok(None);
    };
    let builder = WebauthnBuilder::new(&place.domain, &place.origin);
    let built = builder.and_then(|builder| {
        let name = app.policy.city.key.as_str();
        builder.rp_name(name).build()
    });
    built.map(Some).map_err(Error::internal)
}

fn place(app: &App, id: Uuid) -> String {
    format!("passkey/{}/{id}", app.city)
}
