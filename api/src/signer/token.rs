//! Keys that live in a token: a device, or a service, that signs and does not give the key away.
//!
//! The token is spoken to by its vendor's PKCS#11 module, which is loaded when it is needed. Beside
//! the public half, `<kind>.token` in the folder of keys says which object it is; it is no secret:
//! ```text
//! Fairplate record key in a token
//! hangzhou.example/records+d8882638+ARto…
//! label hangzhou.example/records
//! id 5f0c2e8a9b771d43
//! ```
//! Each use begins from nothing: load, find the token by its label, sign in, find the key by label and
//! id, and leave again. A token that was pulled out and is back works at once, and a signature is
//! needed some ten times a draw.

mod error;
mod module;
mod pin;
mod place;

use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::block_in_place,
};

pub use error::TokenError;
pub use pin::Pin;
pub(super) use place::{Object, Place};

/// How long a module may take. One that hangs keeps its thread, and nothing else.
const PATIENCE: Duration = Duration::from_secs(20);

/// A token, and what lets us in.
#[derive(Clone)]
pub struct Token {
    inner: Arc<Inner>,
}

struct Inner {
    module: PathBuf,
    label: String,
    pin: Pin,
}

/// The key pair in a token that is to be a key of the city.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'a> {
    /// A new one, made in the token and never outside of it, under the key's name.
    Fresh,
    /// The one that is there under a label, brought in with the vendor's tools.
    There(&'a str),
}

impl Token {
    /// The token of a label behind a module, signed in to with a PIN. Nothing is loaded yet.
    #[must_use]
    pub fn new(module: PathBuf, label: String, pin: Pin) -> Self {
        let inner = Arc::new(Inner { module, label, pin });
        Self { inner }
    }

    /// The token's label.
    pub(super) fn label(&self) -> &str {
        &self.inner.label
    }

    /// Makes a key pair, which cannot be taken out; gives its public half.
    pub(super) fn generate(&self, object: &Object) -> Result<[u8; 32], TokenError> {
        let object = object.clone();
        self.within(move |inner| module::generate(inner, &object))
    }

    /// The public half of a key pair that is there, and which object it is.
    pub(super) fn adopt(&self, label: &str) -> Result<(Object, [u8; 32]), TokenError> {
        let label = label.to_owned();
        self.within(move |inner| module::adopt(inner, &label))
    }

    /// Whether the key is there, for us.
    pub(super) fn reach(&self, object: &Object) -> Result<(), TokenError> {
        let object = object.clone();
        self.within(move |inner| module::reach(inner, &object))
    }

    /// What the token answers when it is to sign; whoever asks has to check it.
    pub(super) fn sign(&self, object: &Object, message: &[u8]) -> Result<Vec<u8>, TokenError> {
        let (object, message) = (object.clone(), message.to_owned());
        self.within(move |inner| module::sign(inner, &object, &message))
    }

    /// Works in a thread of its own, so that a module that hangs holds nobody up for ever.
    fn within<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, TokenError> + Send + 'static,
    ) -> Result<T, TokenError> {
        let (sender, receiver) = mpsc::channel();
        let inner = Arc::clone(&self.inner);
        let started = thread::Builder::new()
            .name("token".to_owned())
            .spawn(move || {
                // Nobody waits any more where it took too long.
                sender.send(work(&inner)).unwrap_or_default();
            });
        started.map_err(|cause| self.failed(&cause))?;
        let answer = aside(|| receiver.recv_timeout(PATIENCE));
        answer.map_err(|cause| self.failed(&cause))?
    }

    fn failed(&self, cause: &dyn fmt::Display) -> TokenError {
        self.inner.failed(cause)
    }
}

impl Inner {
    fn failed(&self, cause: &dyn fmt::Display) -> TokenError {
        TokenError::Failed {
            token: self.label.clone(),
            cause: cause.to_string(),
        }
    }
}

/// Waits, and lets another thread go on with the requests of this one where there can be one.
fn aside<T>(wait: impl FnOnce() -> T) -> T {
    let runtime = Handle::try_current().map(|handle| handle.runtime_flavor());
    if matches!(runtime, Ok(RuntimeFlavor::MultiThread)) {
        block_in_place(wait)
    } else {
        wait()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { module, label, .. } = &*self.inner;
        write!(f, "Token({label} behind {})", module.display())
    }
}
