//! Bodies that are longer than they look.

use std::io::{Read as _, Write as _};

use fairplate_tests::{TestCity, on_both_databases};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::costs_little;

const MIB: usize = 1 << 20;

const GIB: usize = 1 << 30;

/// What may have left a client before it has read that nobody listens: the buffers of both sides.
const LEFT_MAX: usize = 64 * MIB;

/// How far a request was taken.
pub(super) struct Taken {
    answer: String,
    /// Bytes of the body that left the client.
    left: usize,
}

impl Taken {
    pub(super) fn status_and_code(&self) -> (u16, String) {
        let answer = &self.answer;
        let status = answer.split(' ').nth(1).and_then(|word| word.parse().ok());
        let body = answer.split_once("\r\n\r\n").expect(answer).1;
        let body: Value = serde_json::from_str(body).expect(answer);
        let code = body["errors"][0]["extensions"]["code"].as_str();
        (status.expect(answer), code.unwrap_or_default().to_owned())
    }
}

/// Sends JSON piece by piece, as far as the server takes it.
pub(super) async fn until_refused<I>(city: &TestCity, header: &str, pieces: I) -> Taken
where
    I: IntoIterator<Item = Vec<u8>, IntoIter: Send + 'static>,
{
    let address = city.server().await.address();
    let stream = TcpStream::connect(address).await.expect("connected");
    let (mut reading, mut writing) = stream.into_split();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         {header}\r\n\r\n"
    );
    writing.write_all(head.as_bytes()).await.expect("sent");
    let pieces = pieces.into_iter();
    let sending = tokio::spawn(async move {
        let mut left = 0;
        for piece in pieces {
            // The server stops listening half-way.
            if writing.write_all(&piece).await.is_err() {
                break;
            }
            left += piece.len();
        }
        left
    });
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") {
        match reading.read_buf(&mut answer).await {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
    }
    drop(reading);
    Taken {
        answer: String::from_utf8(answer).expect("text"),
        left: sending.await.expect("sent"),
    }
}

/// A request for the city's key in JSON, with so many MiB of blanks, packed. Files of gzip that
/// follow one another are one file (RFC 1952, 2.2).
fn bomb(mebibytes: usize) -> Vec<u8> {
    let packed = |text: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).expect("packed");
        encoder.finish().expect("packed")
    };
    let blanks = packed(&vec![b' '; MIB]);
    let mut unpacked = Vec::new();
    let mut decoder = GzDecoder::new(&blanks[..]);
    decoder.read_to_end(&mut unpacked).expect("unpacked");
    assert_eq!(unpacked.len(), MIB);
    let first = packed(br#"{ "query": "{ city { key } }""#);
    [first, blanks.repeat(mebibytes), packed(b"}")].concat()
}

#[test]
fn a_compressed_body_is_not_unpacked() {
    on_both_databases(async |city| {
        let server = city.server().await;
        // It fits a body's limit as it is.
        let small = bomb(58);
        assert!(small.len() < 64 * 1024, "{}", small.len());
        for coding in ["gzip", "br", "deflate", "zstd", "identity"] {
            let headers = [
                ("content-type", "application/json"),
                ("content-encoding", coding),
            ];
            let sending = server.send("POST", "/graphql", &headers, small.clone());
            let refused = costs_little(coding, sending).await;
            assert_eq!(refused.status, 415, "{coding}");
            assert_eq!(refused.code(), "UNSUPPORTED_MEDIA_TYPE");
        }

        let large = bomb(GIB / MIB);
        let headers = format!("content-encoding: gzip\r\ncontent-length: {}", large.len());
        let sending = until_refused(city, &headers, [large]);
        let taken = costs_little("a GiB, packed", sending).await;
        let refused = (415, "UNSUPPORTED_MEDIA_TYPE".to_owned());
        assert_eq!(taken.status_and_code(), refused);
    });
}

#[test]
fn a_body_of_a_gib_is_given_up_soon_after_it_has_begun() {
    on_both_databases(async |city| {
        let piece = vec![b' '; MIB];
        let chunk = [b"100000\r\n", &piece[..], b"\r\n"].concat();
        let length = format!("content-length: {GIB}");
        for (header, piece) in [
            (length.as_str(), piece),
            ("transfer-encoding: chunked", chunk),
        ] {
            let pieces = std::iter::repeat_n(piece, GIB / MIB);
            let sending = until_refused(city, header, pieces);
            let taken = costs_little(header, sending).await;
            let refused = (413, "BODY_TOO_LONG".to_owned());
            assert_eq!(taken.status_and_code(), refused, "{header}");
            assert!(taken.left < LEFT_MAX, "{header}: {} bytes left", taken.left);
        }
    });
}
