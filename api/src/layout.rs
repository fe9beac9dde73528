//! Where things are inside the data folder.

use std::path::{Path, PathBuf};

/// The data folder of one city: everything an embedded city owns, its public part under `public/`.
#[derive(Clone, Debug)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// The layout under a folder; nothing is created.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The data folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The embedded database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.root.join("fairplate.db")
    }

    /// The operator's settings, if there are any.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.root.join("fairplate.toml")
    }

    /// The file that marks the folder as a rehearsal's.
    #[must_use]
    pub fn rehearsal_mark(&self) -> PathBuf {
        self.root.join("REHEARSAL")
    }

    /// Private keys, encrypted, with their public halves.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    /// Where a draw's files are put together and verified before they become public.
    #[must_use]
    pub fn staging(&self) -> PathBuf {
        self.root.join("staging")
    }

    /// The result index of one draw; made again from the public files when it is lost.
    #[must_use]
    pub fn index(&self, draw: &str) -> PathBuf {
        self.root.join("index").join(format!("{draw}.idx"))
    }

    /// Letters for whoever delivers them on this machine.
    #[must_use]
    pub fn spool(&self) -> PathBuf {
        self.root.join("spool")
    }

    /// Everything the public may download.
    #[must_use]
    pub fn public(&self) -> PathBuf {
        self.root.join("public")
    }

    /// The log's static files.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.public().join("log")
    }

    /// The published draws.
    #[must_use]
    pub fn draws(&self) -> PathBuf {
        self.public().join("draws")
    }

    /// One published draw.
    #[must_use]
    pub fn draw(&self, id: &str) -> PathBuf {
        self.draws().join(id)
    }
}
