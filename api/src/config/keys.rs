//! Where the keys that sign are, and where new ones are made.

use std::path::PathBuf;

use serde::Deserialize;

/// Where the keys that sign are. What is in the folder of keys says where a key that was made before
/// is; this says where a new one is made, and how the token is found.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeysConfig {
    /// Where a new record key is made.
    pub record: KeyPlace,
    /// Where the log key is made.
    pub log: KeyPlace,
    /// The token, where keys are in one.
    pub token: Option<TokenConfig>,
}

/// Where a new key is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyPlace {
    /// In a file of the folder of keys, sealed with the passphrase.
    #[default]
    File,
    /// In the token, which never gives it away.
    Token,
}

/// A token behind its vendor's PKCS#11 module. The PIN is in the environment variable
/// `FAIRPLATE_TOKEN_PIN`, or in a file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenConfig {
    /// The vendor's module, a shared library.
    pub module: PathBuf,
    /// The token's label.
    pub label: String,
    /// File whose first line is the PIN.
    pub pin_file: Option<PathBuf>,
}
