//! Answers made shorter on their way.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use poem::http::{HeaderMap, header};

/// Bytes below which packing costs more than it saves: such an answer fits one packet.
const WORTH_BYTES: usize = 1024;

/// How hard to try, of 9: the last percents cost as much time as the query.
const LEVEL: u32 = 4;

/// Whether a client takes gzip. It is the one coding that every client has; a proxy in front that
/// has better ones may pack again.
pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut codings = values.flat_map(|value| value.to_str().unwrap_or_default().split(','));
    codings.any(|coding| {
        let (name, parameter) = coding.split_once(';').unwrap_or((coding, ""));
        let is_refused = parameter
            .trim()
            .strip_prefix("q=")
            .is_some_and(|quality| quality.trim_matches(['0', '.']).is_empty());
        name.trim().eq_ignore_ascii_case("gzip") && !is_refused
    })
}

/// A text packed with gzip; nothing where it is not worth it.
pub(super) fn pack(text: &[u8]) -> Option<Vec<u8>> {
    if text.len() < WORTH_BYTES {
        return None;
    }
    let packed = Vec::with_capacity(text.len() / 2);
    let mut encoder = GzEncoder::new(packed, Compression::new(LEVEL));
    encoder.write_all(text).ok()?;
    encoder.finish().ok()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use poem::http::HeaderValue;

    use super::*;

    #[test]
    fn gzip_is_taken_where_the_client_says_so() {
        for (accepted, taken) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000", false),
            ("gzip;q=0.01", true),
            ("br, zstd", false),
            ("*", false),
        ] {
            let value = HeaderValue::from_static(accepted);
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, value)]);
            assert_eq!(takes_gzip(&headers), taken, "{accepted}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn what_was_packed_is_the_same_text_and_short_texts_stay_as_they_are() {
        let text = "winner ".repeat(500);
        let packed = pack(text.as_bytes()).expect("packed");
        assert!(packed.len() < text.len() / 10);
        let mut unpacked = String::new();
        let mut decoder = flate2::read::GzDecoder::new(&packed[..]);
        decoder.read_to_string(&mut unpacked).expect("gzip");
        assert_eq!(unpacked, text);
        assert_eq!(pack(&[b' '; WORTH_BYTES - 1]), None);
    }
}
