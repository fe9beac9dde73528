//! The log as static files (C2SP tlog-tiles): 256 hashes or entries a file, so that a cache can
//! keep every full one for ever.

use std::{fmt::Write as _, fs, io, path::Path};

use crate::{
    log::{LogError, leaf_hash, root_hash},
    text::Digest,
};

const TILE: usize = 256;

/// `tile/<level>/<index>`, with `.p/<width>` when it is not full.
#[must_use]
pub fn tile_path(level: u32, index: u64, width: usize) -> String {
    spell(&format!("tile/{level}/"), index, width)
}

/// `tile/entries/<index>`, with `.p/<width>` when it is not full.
#[must_use]
pub fn entry_bundle_path(index: u64, width: usize) -> String {
    spell("tile/entries/", index, width)
}

/// Groups of three digits, all but the last with an `x` before them.
fn spell(head: &str, index: u64, width: usize) -> String {
    let mut groups = vec![format!("{:03}", index % 1_000)];
    let mut rest = index / 1_000;
    while rest > 0 {
        groups.push(format!("x{:03}", rest % 1_000));
        rest /= 1_000;
    }
    groups.reverse();
    let mut path = head.to_owned() + &groups.join("/");
    if width < TILE {
        // Writing to a string cannot fail.
        let _infallible = write!(path, ".p/{width}");
    }
    path
}

/// Every file of the log of these entries but its checkpoint: paths relative to the log's folder,
/// and bytes. Each entry has at most 65,535 bytes; a note never has more.
#[must_use]
pub fn tiles(entries: &[Vec<u8>]) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for (index, bundle) in (0..).zip(entries.chunks(TILE)) {
        let mut bytes = Vec::new();
        for entry in bundle {
            let length = u16::try_from(entry.len()).unwrap_or(u16::MAX);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(&entry[..usize::from(length)]);
        }
        files.push((entry_bundle_path(index, bundle.len()), bytes));
    }
    let mut hashes: Vec<Digest> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    for level in 0.. {
        if hashes.is_empty() {
            break;
        }
        for (index, tile) in (0..).zip(hashes.chunks(TILE)) {
            let bytes = tile.iter().flat_map(|hash| hash.0).collect();
            files.push((tile_path(level, index, tile.len()), bytes));
        }
        // Only full tiles have a root on the next level.
        hashes = hashes.chunks_exact(TILE).map(root_hash).collect();
    }
    files
}

/// Reads the first `size` entries back from a log's folder.
pub fn read_entries(folder: &Path, size: u64) -> Result<Vec<Vec<u8>>, LogError> {
    let mut entries = Vec::new();
    let mut left = size;
    for index in 0.. {
        if left == 0 {
            break;
        }
        let width = left.min(TILE as u64);
        left -= width;
        let width = usize::try_from(width).unwrap_or(TILE);
        let (path, bytes) = read_bundle(folder, index, width)?;
        entries.extend(split_bundle(&bytes, width).ok_or(LogError::File {
            path,
            expected: "as many entries as the checkpoint counts, each after its length",
        })?);
    }
    Ok(entries)
}

/// A bundle may be there in full although the checkpoint needs only its start.
fn read_bundle(folder: &Path, index: u64, width: usize) -> Result<(String, Vec<u8>), LogError> {
    let partial = entry_bundle_path(index, width);
    let full = entry_bundle_path(index, TILE);
    for path in [&partial, &full] {
        match fs::read(folder.join(path)) {
            Ok(bytes) => return Ok((path.clone(), bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(_) => {
                let (path, expected) = (path.clone(), "a file that can be read");
                return Err(LogError::File { path, expected });
            }
        }
    }
    let (path, expected) = (partial, "a file, found none");
    Err(LogError::File { path, expected })
}

fn split_bundle(mut bytes: &[u8], width: usize) -> Option<Vec<Vec<u8>>> {
    let mut entries = Vec::new();
    for _ in 0..width {
        let (length, rest) = bytes.split_first_chunk::<2>()?;
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        entries.push(entry.to_vec());
        bytes = rest;
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_spelled_in_groups_of_three_digits() {
        assert_eq!(tile_path(0, 0, 256), "tile/0/000");
        assert_eq!(tile_path(1, 5, 7), "tile/1/005.p/7");
        assert_eq!(
            entry_bundle_path(1_234_067, 256),
            "tile/entries/x001/x234/067"
        );
        assert_eq!(entry_bundle_path(1_000, 1), "tile/entries/x001/000.p/1");
    }

    #[test]
    fn a_log_is_read_back_from_its_files() {
        for count in [0_u64, 1, 255, 256, 257, 513] {
            let entries: Vec<Vec<u8>> = (0..count)
                .map(|entry| format!("entry {entry}").into_bytes())
                .collect();
            let folder = tempfile::tempdir().expect("a folder");
            let files = tiles(&entries);
            for (path, bytes) in &files {
                let path = folder.path().join(path);
                fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
                fs::write(path, bytes).expect("a file");
            }
            assert_eq!(read_entries(folder.path(), count), Ok(entries));
            assert!(read_entries(folder.path(), count + 1).is_err());
            let upper = files.iter().filter(|(path, _)| path.starts_with("tile/1/"));
            assert_eq!(upper.count(), usize::from(count >= 256));
        }
    }
}
