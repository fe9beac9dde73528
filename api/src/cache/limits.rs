//! Buckets that several nodes take from.

use chrono::{DateTime, Utc};
use hmac::Mac as _;
use verifier::text::Digest;

use super::{Key, Shared};

/// Takes out of a bucket, as `http::limits::bucket` does: when it is full again is all there is to
/// know of it. Answers whether there was enough, and how many microseconds are missing: to a full
/// bucket, or until there is enough.
const TAKE: &str = "
local now, capacity, price = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full_at = tonumber(redis.call('GET', KEYS[1]) or '0') or 0
local missing = math.min(math.max(full_at - now, 0), capacity) + price
if capacity < missing then
  return {0, missing - capacity}
end
redis.call('SET', KEYS[1], string.format('%.0f', now + missing), 'PX', math.ceil(missing / 1000) + 1000)
return {1, missing}
";

/// A bucket, in microseconds: how long an empty one takes to be full, and how much of that is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// From empty to full.
    pub capacity: i64,
    /// What is to be taken; at most the whole.
    pub price: i64,
}

impl Shared {
    /// Takes out of a client's bucket, or says how many microseconds to wait until there is enough;
    /// nothing where Redis does not say. Who the client is does not leave this process.
    pub async fn take(
        &self,
        of: &str,
        client: &str,
        wanted: Wanted,
        now: DateTime<Utc>,
    ) -> Option<Result<(), i64>> {
        let mut name = self.hmac();
        name.update(b"client ");
        name.update(client.as_bytes());
        let key = Key::limit(of, Digest(name.finalize().into_bytes().into()));
        let mut eval = redis::cmd("EVAL");
        eval.arg(TAKE).arg(1).arg(key.as_str());
        eval.arg(now.timestamp_micros());
        eval.arg(wanted.capacity).arg(wanted.price);
        let (is_enough, missing) = self.ask_soon::<(i64, i64)>(&eval).await?;
        Some(if is_enough == 1 { Ok(()) } else { Err(missing) })
    }
}
