//! Hashes of passwords: argon2id, away from the threads that serve, and only so many at once.

use std::{sync::LazyLock, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::phc::PasswordHash,
};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::{
    error::{Error, Result},
    ids,
};

/// Memory of one hash: 19 MiB. With two passes over it this is the least that OWASP's list of 2023
/// calls good for argon2id; it is chosen at the low end because a whole city signs in on the day of
/// a result.
const MEMORY_KIB: u32 = 19 * 1024;

/// Passes over the memory.
const PASSES: u32 = 2;

/// Lanes: one, since the cores of a server are busy with other people's hashes.
const LANES: u32 = 1;

/// Hashes at once: they hold 76 MiB together, whatever is asked of the server.
const AT_ONCE: usize = 4;

/// How long somebody waits for a turn before they are asked to come back.
const PATIENCE: Duration = Duration::from_secs(20);

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

/// What the password of nobody is compared with, so that an unknown phone takes as long to refuse as
/// a known one. No password has it: it is the hash of random bytes.
static NOBODYS: LazyLock<Option<String>> = LazyLock::new(|| compute(&ids::random::<32>()).ok());

/// The hash of a password, as a PHC string with its own salt and parameters.
pub(in crate::service) async fn hash(password: &str) -> Result<String> {
    let password = Zeroizing::new(password.as_bytes().to_vec());
    take_turn(move || compute(&password)).await?
}

/// Whether a password has this hash. Without a hash it does the same work, and says no.
pub(in crate::service) async fn verify(password: &str, hash: Option<&str>) -> Result<bool> {
    let password = Zeroizing::new(password.as_bytes().to_vec());
    let hash = hash.map(str::to_owned);
    take_turn(move || {
        let nobodys = NOBODYS.as_deref().unwrap_or_default();
        let hash = hash.as_deref().unwrap_or(nobodys);
        let hash = PasswordHash::new(hash).map_err(internal)?;
        Ok(argon2()?.verify_password(&password, &hash).is_ok())
    })
    .await?
}

/// Runs on a thread of its own when it is its turn.
async fn take_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let turn = tokio::time::timeout(PATIENCE, TURNS.acquire()).await;
    let Ok(turn) = turn else {
        return Err(Error::Unavailable {
            what: "signing in with a password",
            reason: "too many people do so at this moment; try again, or sign in another way"
                .to_owned(),
        });
    };
    let turn = turn.map_err(Error::internal)?;
    let done = tokio::task::spawn_blocking(work).await;
    drop(turn);
    done.map_err(Error::internal)
}

fn compute(password: &[u8]) -> Result<String> {
    let hash = argon2()?.hash_password_with_salt(password, &ids::random::<16>());
    hash.map(|hash| hash.to_string()).map_err(internal)
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None);
    let params = params.map_err(internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn internal(cause: impl std::fmt::Display) -> Error {
    Error::internal(anyhow::anyhow!("argon2: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_has_its_own_hash_and_no_other() {
        let one = hash("seven grey herons").await.unwrap();
        let other = hash("seven grey herons").await.unwrap();
        assert_ne!(one, other, "each has a salt of its own");
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert!(verify("seven grey herons", Some(&one)).await.unwrap());
        assert!(!verify("seven grey heron", Some(&one)).await.unwrap());
        assert!(!verify("", Some(&one)).await.unwrap());
    }

    #[tokio::test]
    async fn nobody_has_a_password() {
        assert!(!verify("seven grey herons", None).await.unwrap());
        assert!(!verify("", None).await.unwrap());
        let broken = verify("seven grey herons", Some("$argon2id$")).await;
        assert!(matches!(broken, Err(Error::Internal(_))));
    }
}
