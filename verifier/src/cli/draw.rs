//! `draw`: checks a whole draw.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use fairplate_verifier::{Options, Verdict, verify_folder};

use super::{COULD_NOT_CHECK, Refusal, pin};

/// What to check and whom to believe.
#[derive(clap::Args)]
#[group(skip)]
#[command(
    after_help = "Exit codes: 0 verified, 1 refuted, 2 could not be checked.\n\n\
    Examples:\n  \
    fairplate-verifier draw public/draws/202606\n  \
    fairplate-verifier draw 202606 --trust my.policy --records my.vkey\n  \
    fairplate-verifier draw vectors/accept/example --trust-folder"
)]
pub(super) struct Arguments {
    /// The draw's folder
    folder: PathBuf,
    #[command(flatten)]
    pin: pin::Arguments,
    /// The log's folder; without it, `log` beside the draws if it is there
    #[arg(long, value_name = "FOLDER")]
    log: Option<PathBuf>,
    /// Exit with 0 although too few witnesses vouch for when things happened
    #[arg(long)]
    allow_unwitnessed: bool,
    /// How many threads may work; 0 for as many as the machine has
    #[arg(long, default_value_t = 0, value_name = "N")]
    threads: usize,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Refusal> {
    let folder = &arguments.folder;
    let city = city_of(folder);
    let pin = arguments.pin.pin(folder, city.as_deref())?;
    let beside = || {
        city.map(|city| city.join("log"))
            .filter(|log| log.join("checkpoint").is_file())
    };
    let options = Options {
        log: arguments.log.clone().or_else(beside),
        threads: arguments.threads,
    };
    let report = verify_folder(folder, &pin.trust, &options, &mut |_| {});
    print!("{report}");
    println!("{}", pin.source);
    Ok(match report.verdict {
        Verdict::Verified => ExitCode::SUCCESS,
        Verdict::VerifiedUnwitnessed if arguments.allow_unwitnessed => ExitCode::SUCCESS,
        Verdict::False => ExitCode::FAILURE,
        _ => ExitCode::from(COULD_NOT_CHECK),
    })
}

/// The folder that holds `draws/<draw id>`.
fn city_of(draw: &Path) -> Option<PathBuf> {
    let draw = draw.canonicalize().ok()?;
    Some(draw.parent()?.parent()?.to_owned())
}
