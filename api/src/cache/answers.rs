//! Answers to public queries, kept for seconds.
//!
//! At the peak the same few lists and figures are asked for by everybody. Of those who ask for the
//! same at once one finds the answer, and the others wait for it: within the process always, and
//! between processes where Redis says who it is.

use std::{
    hash::{BuildHasher as _, RandomState},
    time::Duration,
};

use bytes::Bytes;
use moka::{Expiry, future::Cache};

use super::{Key, Shared};

/// Bytes of keys and answers that are kept at most.
const CAPACITY_BYTES: u64 = 16 * 1024 * 1024;

/// How long another process may take to find an answer before it is found here, too.
const LEASE: Duration = Duration::from_millis(500);

/// How often to look whether it has.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// An answer, and how long it may be told.
#[derive(Clone)]
struct Kept {
    bytes: Bytes,
    time: Duration,
}

/// Answers to public queries.
pub struct Answers {
    near: Cache<Key, Kept>,
    shared: Option<Shared>,
    /// Spreads the moments at which answers are forgotten.
    jitter: RandomState,
}

struct ByAnswer;

impl Expiry<Key, Kept> for ByAnswer {
    fn expire_after_create(&self, _: &Key, kept: &Kept, _: std::time::Instant) -> Option<Duration> {
        Some(kept.time)
    }
}

impl Answers {
    pub(super) fn new(shared: Option<Shared>) -> Self {
        let weigh = |key: &Key, kept: &Kept| {
            u32::try_from(key.as_str().len() + kept.bytes.len()).unwrap_or(u32::MAX)
        };
        Self {
            near: Cache::builder()
                .max_capacity(CAPACITY_BYTES)
                .weigher(weigh)
                .expire_after(ByAnswer)
                .build(),
            shared,
            jitter: RandomState::new(),
        }
    }

    /// The answer of this key: one that is kept, or the one that is found, which is then kept for
    /// three quarters of `time` to the whole of it.
    ///
    /// # Errors
    ///
    /// What `find` gives where there is no answer that may be kept; nothing is kept then, and whoever
    /// waited is told the same.
    pub async fn get<E: Clone + Send + Sync + 'static>(
        &self,
        key: &Key,
        time: Duration,
        find: impl Future<Output = Result<Vec<u8>, E>>,
    ) -> Result<Bytes, E> {
        let finding = async {
            let bytes = match &self.shared {
                None => find.await?,
                Some(shared) => between_processes(shared, key, time, find).await?,
            };
            let part = u32::try_from(self.jitter.hash_one(key.as_str()) % 256).unwrap_or_default();
            Ok(Kept {
                bytes: bytes.into(),
                time: time * 3 / 4 + time / 4 * part / 256,
            })
        };
        let kept = self.near.try_get_with_by_ref(key, finding).await;
        kept.map(|kept| kept.bytes)
            .map_err(|cause| E::clone(&cause))
    }
}

/// Takes the answer from another process, or finds it while the others wait.
async fn between_processes<E>(
    shared: &Shared,
    key: &Key,
    time: Duration,
    find: impl Future<Output = Result<Vec<u8>, E>>,
) -> Result<Vec<u8>, E> {
    if let Some(bytes) = shared.get(key).await {
        return Ok(bytes);
    }
    if shared.lease(&key.lease(), LEASE).await == Some(false) {
        let waiting = async {
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                if let Some(bytes) = shared.get(key).await {
                    return bytes;
                }
            }
        };
        if let Ok(bytes) = tokio::time::timeout(LEASE, waiting).await {
            return Ok(bytes);
        }
    }
    let bytes = find.await?;
    shared.put(key, &bytes, time).await;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use ::entity::CityId;
    use verifier::text::Digest;

    use super::*;

    const LONG: Duration = Duration::from_hours(1);

    fn key(number: u8) -> Key {
        Key::answer(CityId(330_100), "schema", 1, Digest([number; 32]))
    }

    #[tokio::test]
    async fn of_many_who_ask_at_once_one_finds_the_answer() {
        let (answers, found) = (Answers::new(None), AtomicU32::new(0));
        let key = key(1);
        let ask = || {
            answers.get(&key, LONG, async {
                tokio::task::yield_now().await;
                found.fetch_add(1, Ordering::Relaxed);
                Ok::<_, ()>(b"answer".to_vec())
            })
        };

        let told = futures_util::future::join_all((0..50).map(|_| ask())).await;

        assert!(told.iter().all(|told| told.as_deref() == Ok(b"answer")));
        assert_eq!(found.load(Ordering::Relaxed), 1);
        assert_eq!(ask().await.as_deref(), Ok(&b"answer"[..]), "later, too");
        assert_eq!(found.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn what_failed_is_not_kept_and_another_key_is_another_answer() {
        let answers = Answers::new(None);
        let ask = async |number, found: Result<Vec<u8>, u8>| {
            answers.get(&key(number), LONG, async { found }).await
        };
        assert_eq!(ask(1, Err(7)).await, Err(7));
        assert_eq!(ask(1, Ok(vec![1])).await.as_deref(), Ok(&[1][..]));
        assert_eq!(ask(1, Ok(vec![2])).await.as_deref(), Ok(&[1][..]));
        assert_eq!(ask(2, Ok(vec![2])).await.as_deref(), Ok(&[2][..]));
    }

    #[tokio::test]
    async fn an_answer_is_told_for_its_time_and_no_longer() {
        let answers = Answers::new(None);
        let none = Duration::from_nanos(1);
        for number in [1, 2] {
            let key = key(1);
            let told = answers.get(&key, none, async { Ok::<_, ()>(vec![number]) });
            assert_eq!(told.await.as_deref(), Ok(&[number][..]));
        }
    }
}
