//! `fairplate key rotate-record`.

use std::sync::Arc;

use super::super::{Global, start};
use crate::{
    App,
    app::Signers,
    config::Config,
    domain::actor::Operator,
    error::{Error, Result},
    service::record_keys,
    signer::{LogSigner, RecordKeys},
};

/// Makes the next record key where none waits, and puts it in the place of the one that signs.
pub(super) async fn rotate(global: &Global, is_only_prepared: bool) -> Result<()> {
    let mut app = start::open(global).await?;
    if !record_keys::is_one_waiting(&app).await? {
        make(global, &mut app)?;
    }
    let newest = app.signers()?.records.newest();
    let newest = newest.map(|newest| newest.key().to_string());
    let newest = newest.ok_or_else(|| {
        Error::NotSetUp(
            "the private half of the newest record key is not here; restore it from its backup"
                .to_owned(),
        )
    })?;
    if is_only_prepared {
        println!(
            "the record key {newest} is made and signs nothing yet: back the folder of keys up, copy \
             it to every machine that serves the city, start each process again, and then run this \
             command without --prepare"
        );
        return Ok(());
    }
    let rotated = record_keys::rotate(&app, &Operator).await?;
    println!(
        "records are signed by {} from now on, as change {} of keys in the city's log says; keep \
         every public half for ever, and destroy the private half of the key before it when its \
         back-ups are not needed any more",
        rotated.key, rotated.epoch
    );
    Ok(())
}

/// Makes the next key and holds it beside the others.
fn make(global: &Global, app: &mut App) -> Result<()> {
    let folder = global.layout().keys();
    let passphrase = start::passphrase(global, &Config::load(&global.layout())?)?;
    let mut records = RecordKeys::open(&folder, &passphrase).map_err(start::key_error)?;
    records
        .add(&folder, &passphrase)
        .map_err(start::key_error)?;
    let log = LogSigner::open(&folder, &passphrase).map_err(start::key_error)?;
    app.signers = Some(Arc::new(Signers { records, log }));
    Ok(())
}
