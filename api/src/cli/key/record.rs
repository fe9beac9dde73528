//! `fairplate key rotate-record`.

use std::{process::ExitCode, sync::Arc};

use super::super::{
    Global,
    approval::SignedIn,
    signers::{self, Source},
    start,
};
use crate::{
    App,
    config::Config,
    error::{Error, Result},
    service::{approvals::Action, record_keys},
};

/// Makes the next record key where none waits, and leaves the old one signing.
pub(super) async fn prepare(global: &Global, source: Source<'_>) -> Result<ExitCode> {
    let mut app = start::open(global).await?;
    make_where_none_waits(global, &mut app, source).await?;
    let newest = app.signers()?.records.newest();
    let newest = newest.map(|newest| newest.key().to_string());
    let newest = newest.ok_or_else(|| {
        Error::NotSetUp(
            "the private half of the newest record key is not here; restore it from its backup"
                .to_owned(),
        )
    })?;
    println!(
        "the record key {newest} is made and signs nothing yet: back the folder of keys up, copy \
         it to every machine that serves the city, start each process again, and then run this \
         command without --prepare, which takes two officers"
    );
    Ok(ExitCode::SUCCESS)
}

/// The same, and proposes to put it in the place of the one that signs.
pub(super) async fn propose(
    global: &Global,
    source: Source<'_>,
    signed_in: &SignedIn,
) -> Result<ExitCode> {
    let mut app = start::open(global).await?;
    // Whoever may not propose makes no key either.
    signed_in.officer(&app).await?;
    make_where_none_waits(global, &mut app, source).await?;
    let action = Action::ChangeRecordKey;
    signed_in.propose(&app, global.lang, action).await
}

async fn make_where_none_waits(global: &Global, app: &mut App, source: Source<'_>) -> Result<()> {
    if record_keys::is_one_waiting(app).await? {
        return Ok(());
    }
    let (layout, config) = (global.layout(), Config::load(&global.layout())?);
    let passphrase = start::passphrase(global, &config)?;
    let signers = signers::add_record_key(&layout, &config, &passphrase, source)?;
    app.signers = Some(Arc::new(signers));
    Ok(())
}
