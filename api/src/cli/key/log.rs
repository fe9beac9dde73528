//! `fairplate key rotate-log`.

use std::process::ExitCode;

use super::super::{Global, approval::SignedIn, signers, start};
use crate::{
    config::Config,
    error::Result,
    service::{approvals::Action, trust},
};

/// Makes the next log key where none waits, and proposes to put it in the place of the one that signs.
pub(super) async fn propose(
    global: &Global,
    label: Option<&str>,
    signed_in: &SignedIn,
) -> Result<ExitCode> {
    let mut app = start::open(global).await?;
    // Whoever may not propose makes no key either.
    signed_in.officer(&app).await?;
    if !trust::is_another_log_key(&app).await? {
        let (layout, config) = (global.layout(), Config::load(&global.layout())?);
        let passphrase = start::passphrase(global, &config)?;
        let made = signers::add_log_key(&layout, &config, &passphrase, label)?;
        println!(
            "the log key {made} is made: give it to the witnesses, and back the folder of keys up"
        );
        app = start::open(global).await?;
    }
    signed_in
        .propose(&app, global.lang, Action::ChangeTrust)
        .await
}
