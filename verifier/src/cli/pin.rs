//! Where the keys come from that a verification believes in.

use std::{
    fs,
    path::{Path, PathBuf},
};

use fairplate_verifier::{Trust, bundle::Bundle, language::Language, trust::published_policies};

use super::Refusal;

/// Which keys to believe.
#[derive(clap::Args)]
#[group(skip)]
pub(super) struct Arguments {
    /// The pinned trust policy: the log's key, the witnesses and their quorum; once more for each later
    /// one, of a city whose log key or witnesses have changed
    #[arg(long, value_name = "FILE", requires = "records")]
    trust: Vec<PathBuf>,
    /// The pinned record key of the city
    #[arg(long, value_name = "FILE", requires = "trust")]
    records: Option<PathBuf>,
    /// Believe the trust.policy and records.vkey that lie in the draw's own folder; whoever made
    /// the folder then chose the keys
    #[arg(long, conflicts_with_all = ["trust", "records"])]
    trust_folder: bool,
}

/// The keys and where they came from.
pub(super) struct Pin {
    pub(super) trust: Trust,
    pub(super) source: Source,
}

/// Where the keys came from.
pub(super) enum Source {
    /// Files that were named on the command line.
    Named(Vec<PathBuf>, PathBuf),
    /// The city's folder, two levels above the draw.
    Beside(PathBuf),
    /// The draw's own folder.
    Folder(PathBuf),
}

impl Source {
    /// The word for programs.
    pub(super) fn id(&self) -> &'static str {
        match self {
            Self::Named(..) => "pinned",
            Self::Beside(_) => "beside-the-draws",
            Self::Folder(_) => "pinned-from-this-folder",
        }
    }

    /// The sentence for people.
    pub(super) fn sentence(&self, language: Language) -> String {
        match (self, language) {
            (Self::Named(trust, records), Language::English) => {
                format!(
                    "keys pinned by {} and {}",
                    list(trust, ", "),
                    records.display()
                )
            }
            (Self::Named(trust, records), Language::Chinese) => {
                format!(
                    "公钥取自您指定的 {} 与 {}",
                    list(trust, "、"),
                    records.display()
                )
            }
            (Self::Beside(folder), Language::English) => format!(
                "keys taken from beside the draws ({}); keep your own copy and name it with \
                 --trust and --records",
                folder.display()
            ),
            (Self::Beside(folder), Language::Chinese) => format!(
                "公钥取自摇号目录旁（{}）；请自行留存一份，并用 --trust 与 --records 指定",
                folder.display()
            ),
            (Self::Folder(folder), Language::English) => format!(
                "keys pinned from this folder ({}): whoever made the folder chose them",
                folder.display()
            ),
            (Self::Folder(folder), Language::Chinese) => format!(
                "公钥取自本文件夹（{}）：由制作该文件夹者选定",
                folder.display()
            ),
        }
    }
}

impl Arguments {
    /// The keys for a draw; `city` is the folder that holds `draws/`.
    pub(super) fn pin(
        &self,
        draw: &Path,
        bundle: &Bundle,
        city: Option<&Path>,
    ) -> Result<Pin, Refusal> {
        if let Some(records) = &self.records {
            return Ok(Pin {
                trust: read_trust(&self.trust, records)?,
                source: Source::Named(self.trust.clone(), records.clone()),
            });
        }
        if self.trust_folder {
            let find = |name: &str| {
                let found = bundle.find(name).ok().flatten();
                found.ok_or_else(|| Refusal::new(format!("{name} in the draw's folder"), "none"))
            };
            let trust = Trust::parse(&find("trust.policy")?, &find("records.vkey")?);
            return Ok(Pin {
                trust: trust.map_err(|error| Refusal(error.to_string()))?,
                source: Source::Folder(draw.to_owned()),
            });
        }
        let city = city.filter(|city| city.join("trust.policy").is_file());
        let city = city.ok_or_else(nobody_to_believe)?;
        Ok(Pin {
            trust: read_trust(&published_policies(city), &city.join("records.vkey"))?,
            source: Source::Beside(city.to_owned()),
        })
    }
}

fn list(files: &[PathBuf], comma: &str) -> String {
    let names: Vec<_> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    names.join(comma)
}

/// What is pinned in files.
pub(super) fn read_trust(policies: &[PathBuf], records: &Path) -> Result<Trust, Refusal> {
    let policies: Result<Vec<_>, _> = policies.iter().map(|file| read(file)).collect();
    let trust = Trust::parse_all(&policies?, &read(records)?);
    trust.map_err(|error| Refusal(error.to_string()))
}

fn nobody_to_believe() -> Refusal {
    Refusal(
        "expected to know whom to believe, found no trust.policy beside the draws; name your pinned \
         copies with --trust FILE --records FILE, or accept those in the draw's folder with \
         --trust-folder"
            .to_owned(),
    )
}

/// The bytes of a small file that must be there.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Refusal> {
    fs::read(path).map_err(|error| Refusal::new(format!("to read {}", path.display()), error))
}
