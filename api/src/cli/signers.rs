//! The keys that sign: from the folder of keys, and from the token.

use verifier::note::VerifierKey;

use super::start::key_error;
use crate::{
    app::Signers,
    config::{self, Config, KeyPlace},
    error::{Error, Result},
    layout::Layout,
    signer::{Access, KeyError, LogSigner, Passphrase, Pin, RecordKeys, Token, Wanted},
};

/// Opens the keys that sign.
pub(super) fn open(layout: &Layout, config: &Config, passphrase: &Passphrase) -> Result<Signers> {
    let token = find_token(layout, config)?;
    let token = token.as_ref();
    let access = Access { passphrase, token };
    Ok(Signers {
        records: RecordKeys::open(&layout.keys(), access).map_err(key_error)?,
        log: LogSigner::open(&layout.keys(), access).map_err(key_error)?,
    })
}

/// The token of the settings, if they name one. It is not asked for anything yet.
fn find_token(layout: &Layout, config: &Config) -> Result<Option<Token>> {
    let Some(token) = &config.keys.token else {
        return Ok(None);
    };
    let pin = match (
        config::from_environment("FAIRPLATE_TOKEN_PIN"),
        &token.pin_file,
    ) {
        (Some(pin), _) => Pin::new(pin),
        (None, Some(file)) => Pin::from_file(&layout.root().join(file)),
        (None, None) => Err(KeyError::EmptyPin),
    };
    let module = layout.root().join(&token.module);
    let pin = pin.map_err(key_error)?;
    Ok(Some(Token::new(module, token.label.clone(), pin)))
}

/// The token, where the settings want a new key in it, or where a key that is in it is to be taken.
fn token_for(
    layout: &Layout,
    config: &Config,
    place: KeyPlace,
    label: Option<&str>,
) -> Result<Option<Token>> {
    if place == KeyPlace::File && label.is_none() {
        return Ok(None);
    }
    let token = find_token(layout, config)?;
    token.map(Some).ok_or_else(|| {
        Error::NotSetUp(
            "the key is to be in a token, and the settings name none; add [keys.token] with its module, label and pin_file"
                .to_owned(),
        )
    })
}

/// A new key pair, or the one of a label.
fn wanted(label: Option<&str>) -> Wanted<'_> {
    label.map_or(Wanted::Fresh, Wanted::There)
}

/// Makes the first record key and the log key where the settings want them, or takes those of a token
/// under these labels; gives the public halves.
pub(super) fn create(
    layout: &Layout,
    config: &Config,
    passphrase: &Passphrase,
    names: [&str; 2],
    labels: [Option<&str>; 2],
) -> Result<(VerifierKey, VerifierKey)> {
    let ([records, origin], keys) = (names, layout.keys());
    let record = match token_for(layout, config, config.keys.record, labels[0])? {
        Some(token) => RecordKeys::create_in_token(&keys, records, &token, wanted(labels[0])),
        None => RecordKeys::create(&keys, records, passphrase),
    };
    let record = record.map_err(key_error)?;
    let log = match token_for(layout, config, config.keys.log, labels[1])? {
        Some(token) => LogSigner::create_in_token(&keys, origin, &token, wanted(labels[1])),
        None => LogSigner::create(&keys, origin, passphrase),
    };
    let log = log.map_err(key_error)?;
    Ok((record.first().clone(), log.key().clone()))
}

/// Makes the next record key where the settings want it, or takes that of a token under this label.
pub(super) fn add_record_key(
    layout: &Layout,
    config: &Config,
    passphrase: &Passphrase,
    label: Option<&str>,
) -> Result<Signers> {
    let mut signers = open(layout, config, passphrase)?;
    let (records, keys) = (&mut signers.records, layout.keys());
    let added = match token_for(layout, config, config.keys.record, label)? {
        Some(token) => records.add_in_token(&keys, &token, wanted(label)),
        None => records.add(&keys, passphrase),
    };
    added.map_err(key_error)?;
    Ok(signers)
}
