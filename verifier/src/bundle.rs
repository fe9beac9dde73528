//! The files of one draw (D80), wherever they are kept.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Cursor, Read, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
};

/// The largest of the small files, in bytes; only pools and results may be larger.
const SMALL: u64 = 1 << 20;

/// A folder's files by name.
#[derive(Clone, Debug)]
pub struct Bundle {
    files: BTreeMap<String, Section>,
}

/// Where a file's bytes are.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    place: Place,
    offset: u64,
    length: u64,
}

#[derive(Clone, Debug)]
enum Place {
    File(PathBuf),
    Memory(Arc<[u8]>),
}

/// A section's bytes while they are read.
enum Source {
    File(File),
    Memory(Cursor<Arc<[u8]>>),
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Memory(bytes) => bytes.read(buffer),
        }
    }
}

impl Bundle {
    pub(crate) fn new(files: BTreeMap<String, Section>) -> Self {
        Self { files }
    }

    /// The files of a folder or of a `.tar`.
    pub fn open_path(path: &Path) -> io::Result<Self> {
        if fs::metadata(path)?.is_dir() {
            Self::open_folder(path)
        } else {
            Self::open_tar(path)
        }
    }

    /// The files that lie directly in a folder.
    pub fn open_folder(folder: &Path) -> io::Result<Self> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let kept = fs::metadata(&path)?;
            let name = path.file_name().and_then(|name| name.to_str());
            if let Some(name) = name.filter(|_| kept.is_file()) {
                let name = name.to_owned();
                files.insert(name, Section::new(path, 0, kept.len()));
            }
        }
        Ok(Self { files })
    }

    /// Files that are in memory already.
    #[must_use]
    pub fn of_files(files: BTreeMap<String, Vec<u8>>) -> Self {
        let files = files.into_iter().map(|(name, bytes)| {
            let length = bytes.len() as u64;
            let place = Place::Memory(bytes.into());
            let section = Section {
                place,
                offset: 0,
                length,
            };
            (name, section)
        });
        Self::new(files.collect())
    }

    /// The names of all files, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The file's length in bytes; none when there is no such file.
    #[must_use]
    pub fn find_length(&self, name: &str) -> Option<u64> {
        self.files.get(name).map(|section| section.length)
    }

    /// The bytes of a small file; none when there is no such file.
    pub fn find(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let Some(mut file) = self.open(name)? else {
            return Ok(None);
        };
        if self.find_length(name).is_some_and(|length| length > SMALL) {
            let message = format!("expected {name} to have at most {SMALL} bytes");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    /// The file as a stream; none when there is no such file.
    pub fn open(&self, name: &str) -> io::Result<Option<impl Read + Send + use<>>> {
        let Some(section) = self.files.get(name) else {
            return Ok(None);
        };
        section.open(0).map(Some)
    }

    /// The last bytes of a file, at most this many; none when there is no such file.
    pub fn find_tail(&self, name: &str, most: u64) -> io::Result<Option<Vec<u8>>> {
        let Some(section) = self.files.get(name) else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        let start = section.length.saturating_sub(most);
        section.open(start)?.read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }
}

impl Section {
    pub(crate) fn new(path: PathBuf, offset: u64, length: u64) -> Self {
        Self {
            place: Place::File(path),
            offset,
            length,
        }
    }

    fn open(&self, start: u64) -> io::Result<io::Take<Source>> {
        let mut source = match &self.place {
            Place::File(path) => Source::File(File::open(path)?),
            Place::Memory(bytes) => Source::Memory(Cursor::new(bytes.clone())),
        };
        let position = SeekFrom::Start(self.offset + start);
        match &mut source {
            Source::File(file) => file.seek(position)?,
            Source::Memory(bytes) => bytes.seek(position)?,
        };
        Ok(source.take(self.length - start))
    }
}
