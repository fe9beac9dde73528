//! Published files: everything under the public folder, and nothing else.

use std::path::{Path, PathBuf};

use poem::{
    Body, Endpoint, Response,
    http::{HeaderMap, Method, StatusCode, header},
};
use sha2::{Digest as _, Sha256};
use verifier::text::Digest;

use super::{archive, validators};
use crate::{app::App, graphql::error::ApiError, service::publication::published};

/// Where these files begin.
pub(super) const PREFIX: &str = "/public/";

/// How long files may be kept that never change: those of a draw that has ended.
const ENDED: &str = "public, max-age=31536000, immutable";

/// How long the others may be kept.
const UNDER_WAY: &str = "public, max-age=5, stale-while-revalidate=30, stale-if-error=600";

/// Answers GET and HEAD for published files, and for a draw's folder as one archive.
pub(super) struct Files(pub(super) App);

impl Endpoint for Files {
    type Output = Response;

    async fn call(&self, request: poem::Request) -> poem::Result<Response> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let refused = Response::builder().status(StatusCode::METHOD_NOT_ALLOWED);
            return Ok(refused.header(header::ALLOW, "GET, HEAD").finish());
        }
        let found = match request.uri().path().strip_prefix(PREFIX) {
            Some(path) => self.find(path).await,
            None => Ok(None),
        };
        Ok(match found {
            Ok(Some(file)) => file.response(request.method(), request.headers()).await,
            Ok(None) => plain(StatusCode::NOT_FOUND, "there is no such published file\n"),
            Err(error) => {
                let (_, sentence) = ApiError::from(error).shown();
                plain(StatusCode::INTERNAL_SERVER_ERROR, &format!("{sentence}\n"))
            }
        })
    }
}

/// A file that can be sent.
struct Sendable {
    content: Content,
    sha256: Digest,
    media: &'static str,
    keeping: &'static str,
}

/// What is sent.
enum Content {
    File {
        path: PathBuf,
        bytes: u64,
    },
    Archive {
        folder: PathBuf,
        name: String,
        files: Vec<published::Published>,
    },
}

impl Files {
    async fn find(&self, path: &str) -> crate::Result<Option<Sendable>> {
        if !path.split('/').all(is_plain) {
            return Ok(None);
        }
        let (public, draws) = (self.0.layout.public(), self.0.layout.draws());
        let path = path.to_owned();
        let finding = tokio::task::spawn_blocking(move || find(&public, &draws, &path));
        let found = finding.await.map_err(crate::Error::internal)?;
        found.map_err(crate::Error::internal)
    }
}

/// A name that can be published: no hidden or unfinished files, no way out of the folder, nothing
/// that is spelled in two ways.
fn is_plain(part: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !part.is_empty() && !part.starts_with('.') && part.bytes().all(allowed)
}

fn find(public: &Path, draws: &Path, path: &str) -> std::io::Result<Option<Sendable>> {
    let parts: Vec<&str> = path.split('/').collect();
    if let ["draws", archive] = parts[..]
        && let Some(name) = archive.strip_suffix(".tar")
    {
        return find_archive(&draws.join(name), name);
    }
    let full = public.join(path);
    let metadata = match std::fs::metadata(&full) {
        Err(_) => return Ok(None),
        Ok(metadata) if !metadata.is_file() => return Ok(None),
        Ok(metadata) => metadata,
    };
    let keeping = match parts[..] {
        ["draws", name, _] if has_ended(&draws.join(name)) => ENDED,
        _ => UNDER_WAY,
    };
    Ok(Some(Sendable {
        sha256: published::digest(&full, &metadata)?,
        content: Content::File {
            path: full,
            bytes: metadata.len(),
        },
        media: media_of(path),
        keeping,
    }))
}

fn find_archive(folder: &Path, name: &str) -> std::io::Result<Option<Sendable>> {
    let files = published::list(folder)?;
    if files.is_empty() {
        return Ok(None);
    }
    let mut hasher = Sha256::new();
    for file in &files {
        hasher.update(format!("{} {} {}\n", file.sha256, file.bytes, file.name));
    }
    let keeping = if has_ended(folder) { ENDED } else { UNDER_WAY };
    Ok(Some(Sendable {
        sha256: Digest(hasher.finalize().into()),
        content: Content::Archive {
            folder: folder.to_owned(),
            name: name.to_owned(),
            files,
        },
        media: "application/x-tar",
        keeping,
    }))
}

/// The note of a draw's last record is published after everything that it speaks of.
fn has_ended(folder: &Path) -> bool {
    ["result.note", "void.note"]
        .iter()
        .any(|name| folder.join(name).is_file())
}

fn media_of(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or_default();
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("csv") => "text/csv; charset=utf-8",
        Some("json") => "application/json",
        Some("note" | "tlog-proof" | "policy" | "vkey" | "toml") => "text/plain; charset=utf-8",
        None if name == "checkpoint" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

impl Sendable {
    async fn response(self, method: &Method, headers: &HeaderMap) -> Response {
        let tag = format!("\"{}\"", self.sha256);
        let response = Response::builder()
            .header(header::ETAG, tag.as_str())
            .header(header::CACHE_CONTROL, self.keeping)
            .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
            // Anybody's page may read what everybody may download.
            .header(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        if validators::knows(headers, &tag) {
            return response.status(StatusCode::NOT_MODIFIED).finish();
        }
        let mut response = response.content_type(self.media);
        if let Content::File { bytes, .. } = &self.content {
            response = response.header(header::CONTENT_LENGTH, *bytes);
        }
        if method == Method::HEAD {
            return response.finish();
        }
        match self.content {
            Content::Archive {
                folder,
                name,
                files,
            } => response.body(archive::stream(folder, name, files)),
            Content::File { path, .. } => match tokio::fs::File::open(&path).await {
                Ok(file) => response.body(Body::from_async_read(file)),
                Err(_) => plain(StatusCode::NOT_FOUND, "the file was replaced; ask again\n"),
            },
        }
    }
}

fn plain(status: StatusCode, sentence: &str) -> Response {
    Response::builder()
        .status(status)
        .content_type("text/plain; charset=utf-8")
        .header(header::CACHE_CONTROL, "no-store")
        .body(sentence.to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use poem::http::HeaderValue;

    use super::*;

    struct City(tempfile::TempDir);

    impl City {
        fn new() -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            for (path, text) in [
                ("fairplate.db", "secret"),
                ("public/trust.policy", "trust\n"),
                ("public/log/checkpoint", "head\n"),
                ("public/draws/202605/pool-individual.csv", "pool\n"),
                ("public/draws/202605/result.note", "note\n"),
                ("public/draws/202606/pool-individual.csv", "pool\n"),
                ("public/draws/202606/.pool.csv.7", "half\n"),
            ] {
                let full = folder.path().join(path);
                fs::create_dir_all(full.parent().expect("a parent")).expect("made");
                fs::write(full, text).expect("written");
            }
            Self(folder)
        }

        fn find(&self, path: &str) -> Option<Sendable> {
            if !path.split('/').all(is_plain) {
                return None;
            }
            let public = self.0.path().join("public");
            find(&public, &public.join("draws"), path).expect("readable")
        }
    }

    #[test]
    fn what_is_published_is_found_with_its_digest() {
        let city = City::new();
        for (path, text) in [
            ("trust.policy", "trust\n"),
            ("log/checkpoint", "head\n"),
            ("draws/202606/pool-individual.csv", "pool\n"),
        ] {
            let found = city.find(path).expect(path);
            assert_eq!(found.sha256, Digest::of(text.as_bytes()), "{path}");
        }
    }

    #[test]
    fn nothing_else_is_found() {
        let city = City::new();
        for path in [
            "",
            "log",
            "log/",
            "/trust.policy",
            "../fairplate.db",
            "log/../../fairplate.db",
            "draws/202606/.pool.csv.7",
            "%2e%2e/fairplate.db",
            "draws",
            "draws/202606",
            "draws/..tar",
            "draws/202699.tar",
            "log.tar",
            "trust.policy/",
            "log//checkpoint",
        ] {
            assert!(city.find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn only_files_of_a_draw_that_has_ended_are_kept_for_good() {
        let city = City::new();
        let keeping = |path: &str| city.find(path).expect(path).keeping;
        assert_eq!(keeping("draws/202605/pool-individual.csv"), ENDED);
        assert_eq!(keeping("draws/202605.tar"), ENDED);
        assert_eq!(keeping("draws/202606/pool-individual.csv"), UNDER_WAY);
        assert_eq!(keeping("draws/202606.tar"), UNDER_WAY);
        assert_eq!(keeping("log/checkpoint"), UNDER_WAY);
    }

    #[tokio::test]
    async fn a_client_that_has_the_file_is_not_sent_it_again() {
        let city = City::new();
        let tag = format!("\"{}\"", Digest::of(b"trust\n"));
        let headers = HeaderMap::from_iter([(
            header::IF_NONE_MATCH,
            HeaderValue::from_str(&format!("\"x\", {tag}")).expect("a header"),
        )]);

        let again = city
            .find("trust.policy")
            .expect("found")
            .response(&Method::GET, &headers)
            .await;
        let fresh = city.find("trust.policy").expect("found");
        let fresh = fresh.response(&Method::GET, &HeaderMap::new()).await;

        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(fresh.header("etag"), Some(tag.as_str()));
        assert_eq!(
            fresh.into_body().into_string().await.expect("text"),
            "trust\n"
        );
    }
}
