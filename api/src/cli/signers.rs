//! The keys that sign: from the folder of keys, and from the token.

use std::path::Path;

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

/// Opens the record keys of a folder.
pub(super) fn open_records(
    layout: &Layout,
    config: &Config,
    passphrase: &Passphrase,
    folder: &Path,
) -> Result<RecordKeys> {
    let token = find_token(layout, config)?;
    let token = token.as_ref();
    let access = Access { passphrase, token };
    RecordKeys::open(folder, access).map_err(key_error)
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

/// Where a record key comes from that is new here.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'a> {
    /// It is made where the settings want it.
    Made,
    /// It is in the token under this label.
    Label(&'a str),
    /// It is on a machine without network; this is its public half.
    OffLine(&'a VerifierKey),
}

impl<'a> Source<'a> {
    /// What was asked for.
    pub(super) fn of(label: Option<&'a str>, off_line: Option<&'a VerifierKey>) -> Self {
        match (off_line, label) {
            (Some(key), _) => Self::OffLine(key),
            (None, Some(label)) => Self::Label(label),
            (None, None) => Self::Made,
        }
    }

    fn label(self) -> Option<&'a str> {
        match self {
            Self::Label(label) => Some(label),
            Self::Made | Self::OffLine(_) => None,
        }
    }
}

/// Makes or takes the first record key.
pub(super) fn create_record(
    layout: &Layout,
    config: &Config,
    passphrase: &Passphrase,
    name: &str,
    source: Source<'_>,
) -> Result<VerifierKey> {
    let (keys, label) = (layout.keys(), source.label());
    let made = if let Source::OffLine(key) = source {
        RecordKeys::take_off_line(&keys, key)
    } else if let Some(token) = token_for(layout, config, config.keys.record, label)? {
        RecordKeys::create_in_token(&keys, name, &token, wanted(label))
    } else {
        RecordKeys::create(&keys, name, passphrase)
    };
    Ok(made.map_err(key_error)?.first().clone())
}

/// Makes or takes the first record key, and the log key; gives the public halves.
pub(super) fn create(
    layout: &Layout,
    config: &Config,
    passphrase: &Passphrase,
    names: [&str; 2],
    from: (Source<'_>, Option<&str>),
) -> Result<(VerifierKey, VerifierKey)> {
    let ([records, origin], keys) = (names, layout.keys());
    let (source, log_label) = from;
    let record = create_record(layout, config, passphrase, records, source)?;
    let log = match token_for(layout, config, config.keys.log, log_label)? {
        Some(token) => LogSigner::create_in_token(&keys, origin, &token, wanted(log_label)),
        None => LogSigner::create(&keys, origin, passphrase),
    };
    let log = log.map_err(key_error)?;
    Ok((record, log.key().clone()))
}

/// Makes or takes the next log key; gives its public half.
pub(super) fn add_log_key(
    layout: &Layout,
    config: &Config,
    passphrase: &Passphrase,
    label: Option<&str>,
) -> Result<VerifierKey> {
    let log = open(layout, config, passphrase)?.log;
    let keys = layout.keys();
    let added = match token_for(layout, config, config.keys.log, label)? {
        Some(token) => log.add_in_token(&keys, &token, wanted(label)),
        None => log.add(&keys, passphrase),
    };
    Ok(added.map_err(key_error)?.key().clone())
}

/// Makes or takes the next record key.
pub(super) fn add_record_key(
    layout: &Layout,
    config: &Config,
    passphrase: &Passphrase,
    source: Source<'_>,
) -> Result<Signers> {
    let mut signers = open(layout, config, passphrase)?;
    let (records, keys) = (&mut signers.records, layout.keys());
    let label = source.label();
    let added = if let Source::OffLine(key) = source {
        records.add_off_line(&keys, key)
    } else if let Some(token) = token_for(layout, config, config.keys.record, label)? {
        records.add_in_token(&keys, &token, wanted(label))
    } else {
        records.add(&keys, passphrase)
    };
    added.map_err(key_error)?;
    Ok(signers)
}
