//! Where the keys come from that a verification believes in.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use fairplate_verifier::Trust;

use super::Refusal;

/// Which keys to believe.
#[derive(clap::Args)]
#[group(skip)]
pub(super) struct Arguments {
    /// The pinned trust policy: the log's key, the witnesses and their quorum
    #[arg(long, value_name = "FILE", requires = "records")]
    trust: Option<PathBuf>,
    /// The pinned record key of the city
    #[arg(long, value_name = "FILE", requires = "trust")]
    records: Option<PathBuf>,
    /// Believe the trust.policy and records.vkey that lie in the draw's own folder; whoever made
    /// the folder then chose the keys
    #[arg(long, conflicts_with_all = ["trust", "records"])]
    trust_folder: bool,
}

/// The keys with a sentence that says where they came from.
pub(super) struct Pin {
    pub(super) trust: Trust,
    pub(super) source: Source,
}

/// Where the keys came from.
pub(super) enum Source {
    /// Files that were named on the command line.
    Named(PathBuf, PathBuf),
    /// The city's folder, two levels above the draw.
    Beside(PathBuf),
    /// The draw's own folder.
    Folder(PathBuf),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(trust, records) => {
                write!(
                    f,
                    "keys pinned by {} and {}",
                    trust.display(),
                    records.display()
                )
            }
            Self::Beside(folder) => write!(
                f,
                "keys taken from beside the draws ({}); keep your own copy and name it with \
                 --trust and --records",
                folder.display()
            ),
            Self::Folder(folder) => write!(
                f,
                "keys pinned from this folder ({}): whoever made the folder chose them",
                folder.display()
            ),
        }
    }
}

impl Arguments {
    /// The keys for a draw; `city` is the folder that holds `draws/`.
    pub(super) fn pin(&self, draw: &Path, city: Option<&Path>) -> Result<Pin, Refusal> {
        let source = if let (Some(trust), Some(records)) = (&self.trust, &self.records) {
            Source::Named(trust.clone(), records.clone())
        } else if self.trust_folder {
            Source::Folder(draw.to_owned())
        } else {
            let city = city.filter(|city| city.join("trust.policy").is_file());
            let city = city.ok_or_else(|| {
                Refusal(
                    "expected to know whom to believe, found no trust.policy beside the draws; \
                     name your pinned copies with --trust FILE --records FILE, or accept those in \
                     the draw's folder with --trust-folder"
                        .to_owned(),
                )
            })?;
            Source::Beside(city.to_owned())
        };
        let (trust, records) = match &source {
            Source::Named(trust, records) => (trust.clone(), records.clone()),
            Source::Beside(folder) | Source::Folder(folder) => {
                (folder.join("trust.policy"), folder.join("records.vkey"))
            }
        };
        let trust = Trust::parse(&read(&trust)?, &read(&records)?)
            .map_err(|error| Refusal(error.to_string()))?;
        Ok(Pin { trust, source })
    }
}

/// The bytes of a small file that must be there.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Refusal> {
    fs::read(path).map_err(|error| {
        Refusal(format!(
            "expected to read {}, found that it cannot be read: {error}",
            path.display()
        ))
    })
}
