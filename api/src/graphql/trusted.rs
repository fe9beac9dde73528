//! Trusted documents: the operations that a city's own apps send, known by their hash.
//!
//! One file is one operation with its own fragments, and the file is called like the operation. The
//! hash is that of the file's exact bytes, so that a build tool and this server agree without talking.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use async_graphql::{Request, ServerError};
use verifier::text::Digest;

use super::{Schema, document::Document, error::CheckOnly};
use crate::error::{Error, Result};

/// Longest file, bytes: the longest body that a client could have sent instead.
const BYTES_MAX: u64 = 64 * 1024;

/// What the file of a document ends in.
const ENDING: &str = "graphql";

/// Names and texts of the documents that come with the house, in the order of their names: every
/// file of `api/documents`.
pub const OURS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/documents.rs"));

/// A document that may always be executed.
#[derive(Debug)]
pub struct Trusted {
    /// SHA-256 of its text.
    pub sha256: Digest,
    /// What its operation is called.
    pub name: Arc<str>,
    /// The document.
    pub document: Document,
}

/// The documents of the house and those of a city's folder, each checked against the schema.
///
/// # Errors
///
/// [`Error::NotSetUp`] for a folder that cannot be read and for a document that the schema refuses,
/// with its file and line.
pub async fn load(schema: &Schema, folder: Option<&Path>) -> Result<Vec<Trusted>> {
    let mut texts: Vec<(PathBuf, String)> = OURS
        .iter()
        .map(|(name, text)| {
            (
                PathBuf::from(format!("{name}.{ENDING}")),
                (*text).to_owned(),
            )
        })
        .collect();
    if let Some(folder) = folder {
        texts.extend(read_folder(folder)?);
    }
    let mut trusted = Vec::new();
    for (path, text) in texts {
        trusted.push(check(schema, &path, &text).await?);
    }
    Ok(trusted)
}

fn read_folder(folder: &Path) -> Result<Vec<(PathBuf, String)>> {
    let refused = |path: &Path, cause: &dyn std::fmt::Display| {
        Error::NotSetUp(format!("{} cannot be read: {cause}", path.display()))
    };
    let entries = std::fs::read_dir(folder).map_err(|cause| refused(folder, &cause))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|cause| refused(folder, &cause))?.path();
        if path.extension().is_some_and(|ending| ending == ENDING) {
            paths.push(path);
        }
    }
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let bytes = std::fs::metadata(&path).map_err(|cause| refused(&path, &cause))?;
            if BYTES_MAX < bytes.len() {
                return Err(refused(
                    &path,
                    &format!("it has more than {BYTES_MAX} bytes"),
                ));
            }
            let text = std::fs::read_to_string(&path).map_err(|cause| refused(&path, &cause))?;
            Ok((path, text))
        })
        .collect()
}

async fn check(schema: &Schema, path: &Path, text: &str) -> Result<Trusted> {
    let refused = |error: &ServerError| {
        let line = error.locations.first().map_or(1, |place| place.line);
        Error::NotSetUp(format!("{}:{line}: {}", path.display(), error.message))
    };
    let document = Document::read(text).map_err(|error| refused(&error))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.split('.').next().unwrap_or_default();
    let names: Vec<_> = document.names().collect();
    if names != [Some(name)] {
        return Err(Error::NotSetUp(format!(
            "{}:1: expected one operation, called {name} like its file",
            path.display()
        )));
    }
    let checked = schema.execute(Request::new(text).data(CheckOnly)).await;
    match checked.errors.iter().find(|error| !is_of_a_request(error)) {
        Some(error) => Err(refused(error)),
        None => Ok(Trusted {
            sha256: Digest::of(text.as_bytes()),
            name: name.into(),
            document,
        }),
    }
}

/// Whether a request may still mend it: what a list weighs is known only with its variables.
fn is_of_a_request(error: &ServerError) -> bool {
    error.message.starts_with("Variable ") && error.message.ends_with(" is not defined.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_of_the_folder_comes_with_the_house() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("documents");
        let found = read_folder(&folder).expect("the folder of documents");
        let ours: Vec<_> = OURS
            .iter()
            .map(|(name, text)| (folder.join(format!("{name}.{ENDING}")), (*text).to_owned()))
            .collect();
        assert!(ours.len() > 3);
        assert_eq!(found, ours);
    }
}
