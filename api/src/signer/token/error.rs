//! Why a token does not sign; each sentence says what to do.

use std::path::PathBuf;

/// Why a token gives no signature, or none that is used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The vendor's module cannot be loaded.
    #[error(
        "expected a PKCS#11 module at {}, found none that can be loaded ({cause}); install the vendor's module, or mend [keys.token] module",
        module.display()
    )]
    Module {
        /// Where it should be.
        module: PathBuf,
        /// What came back.
        cause: String,
    },
    /// No token of this label is there.
    #[error("the token {token} is away; put it back or start its service, and do the same again")]
    Away {
        /// The token's label.
        token: String,
    },
    /// More than one token has this label.
    #[error("{count} tokens are called {token}; give each a label of its own")]
    Ambiguous {
        /// The label.
        token: String,
        /// How many.
        count: usize,
    },
    /// The PIN does not open it.
    #[error(
        "the PIN does not open the token {token}; mend the file of [keys.token] pin_file or FAIRPLATE_TOKEN_PIN before you try again: a token locks itself after some wrong ones"
    )]
    WrongPin {
        /// The token's label.
        token: String,
    },
    /// It takes no PIN any more.
    #[error("the token {token} is locked; unlock it with the vendor's tool and its second PIN")]
    Locked {
        /// The token's label.
        token: String,
    },
    /// The key is not in it.
    #[error(
        "expected one key {object} in the token {token}, found {count}; restore the token from its back-up, or correct the .token file in the folder of keys"
    )]
    NoKey {
        /// The token's label.
        token: String,
        /// Label and id of the key.
        object: String,
        /// How many were found.
        count: usize,
    },
    /// There is a key of this name already; it is left as it is.
    #[error(
        "the token {token} has a key {key} already; take it with --label, or remove it with the vendor's tool where nobody uses it"
    )]
    Exists {
        /// The token's label.
        token: String,
        /// The key's label.
        key: String,
    },
    /// It makes or uses no such keys.
    #[error(
        "the token {token} cannot do what is needed ({cause}); a token has to make Ed25519 keys (CKM_EC_EDWARDS_KEY_PAIR_GEN) and sign with them (CKM_EDDSA)"
    )]
    Unable {
        /// The token's label.
        token: String,
        /// What came back.
        cause: String,
    },
    /// What it gave is no signature of the key that it should hold.
    #[error(
        "the token {token} gave no signature of {key}, and what it gave is not used; another key lies under {object}, or the token is broken"
    )]
    NotASignature {
        /// The token's label.
        token: String,
        /// The public half that everybody knows.
        key: String,
        /// Label and id of the key.
        object: String,
    },
    /// Anything else that passes, or that its vendor has to explain.
    #[error("the token {token} does not work now ({cause}); look at it, and do the same again")]
    Failed {
        /// The token's label.
        token: String,
        /// What came back.
        cause: String,
    },
}

impl TokenError {
    /// Whether asking again helps, without anything being set up anew.
    pub(in crate::signer) fn is_passing(&self) -> bool {
        matches!(self, Self::Away { .. } | Self::Failed { .. })
    }
}
