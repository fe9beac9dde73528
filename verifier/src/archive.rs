//! A draw's folder as one `.tar` file: plain ustar, regular files, one folder at most.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

use crate::bundle::{Bundle, Section};

const BLOCK: u64 = 512;

impl Bundle {
    /// The files of a `.tar`; its folders are ignored, so that one draw must be all it holds.
    pub fn open_tar(path: &Path) -> io::Result<Self> {
        let mut archive = File::open(path)?;
        let length = archive.metadata()?.len();
        let mut files = BTreeMap::new();
        let mut offset = 0;
        while offset < length {
            let mut header = [0; 512];
            archive.seek(SeekFrom::Start(offset))?;
            archive.read_exact(&mut header)?;
            if header.iter().all(|byte| *byte == 0) {
                break;
            }
            let (name, kind, size) = read_header(&header)
                .ok_or_else(|| refuse("a plain tar archive, found another header"))?;
            let start = offset + BLOCK;
            if start.checked_add(size).is_none_or(|end| end > length) {
                return Err(refuse("a whole tar archive, found one that is cut short"));
            }
            let name = name.rsplit('/').next().unwrap_or_default().to_owned();
            if matches!(kind, b'0' | 0) {
                let section = Section::new(path.to_owned(), start, size);
                if files.insert(name, section).is_some() {
                    return Err(refuse("each file once in the archive, found one twice"));
                }
            }
            offset = start + size.next_multiple_of(BLOCK);
        }
        Ok(Self::new(files))
    }
}

fn refuse(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("expected {what}"))
}

/// Name, type and size of a header whose checksum is right.
fn read_header(header: &[u8; 512]) -> Option<(String, u8, u64)> {
    let sum: u64 = header
        .iter()
        .enumerate()
        .map(|(at, byte)| match at {
            148..156 => u64::from(b' '),
            _ => u64::from(*byte),
        })
        .sum();
    if octal(&header[148..156])? != sum {
        return None;
    }
    let name = header[..100].split(|byte| *byte == 0).next()?;
    let name = String::from_utf8(name.to_vec()).ok()?;
    Some((name, header[156], octal(&header[124..136])?))
}

fn octal(field: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(field).ok()?;
    let digits = digits.trim_matches([' ', '\0']);
    u64::from_str_radix(digits, 8).ok()
}

/// What came through a pipe, kept in a file of its own while it is needed: pools are read more than
/// once and may be larger than memory.
pub struct Spool {
    path: PathBuf,
}

impl Spool {
    /// Copies everything into a new file of the system's folder for such files.
    pub fn new(mut from: impl Read) -> io::Result<Self> {
        let folder = std::env::temp_dir();
        for attempt in 0..1_000 {
            let name = format!("fairplate-verifier-{}-{attempt}.tar", std::process::id());
            let path = folder.join(name);
            match File::create_new(&path) {
                Ok(mut file) => {
                    let spool = Self { path };
                    io::copy(&mut from, &mut file)?;
                    return Ok(spool);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(refuse("a free name for a temporary file, found none"))
    }

    /// Where the bytes are until this value is dropped.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // Nobody is left to tell; the system clears such files in the end.
        drop(fs::remove_file(&self.path));
    }
}
