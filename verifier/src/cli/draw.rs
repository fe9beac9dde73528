//! `draw`: checks a whole draw.

use std::{
    io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use fairplate_verifier::{
    Options, Report, Verdict, archive::Spool, bundle::Bundle, language::Language, steps::verify,
};

use super::{COULD_NOT_CHECK, Refusal, bar::Bar, environment::style, evidence, pin, seen};

/// What to check and whom to believe.
#[derive(clap::Args)]
#[group(skip)]
#[command(
    after_help = "Exit codes: 0 verified, 1 refuted, 2 could not be checked.\n\
    退出码：0 核验通过，1 核验不符，2 无法核验。\n\n\
    Examples:\n  \
    fairplate-verifier draw public/draws/202606\n  \
    fairplate-verifier draw 202606.tar --trust my.policy --records my.vkey\n  \
    curl -s https://lottery.example/202606.tar | fairplate-verifier draw - --trust my.policy \
    --records my.vkey --json\n  \
    fairplate-verifier draw verifier/vectors/accept/example --trust-folder"
)]
pub(super) struct Arguments {
    /// The draw's folder, or its files as a .tar, or - for a .tar on standard input
    #[arg(value_name = "FOLDER|FILE.tar|-")]
    draw: PathBuf,
    #[command(flatten)]
    pin: pin::Arguments,
    /// The log's folder; without it, `log` beside the draws if it is there
    #[arg(long, value_name = "FOLDER")]
    log: Option<PathBuf>,
    #[command(flatten)]
    seen: seen::Arguments,
    /// Write the report as JSON (schema fairplate-verifier/report/1)
    #[arg(long)]
    json: bool,
    /// Exit with 0 although too few witnesses vouch for when things happened
    #[arg(long)]
    allow_unwitnessed: bool,
    /// Where to keep the contradicting files when the draw is refuted; without it,
    /// fairplate-evidence-<draw> here
    #[arg(long, value_name = "FOLDER")]
    evidence: Option<PathBuf>,
    /// Keep no evidence
    #[arg(long, conflicts_with = "evidence")]
    no_evidence: bool,
    /// How many threads may work; 0 for as many as the machine has
    #[arg(long, default_value_t = 0, value_name = "N")]
    threads: usize,
}

pub(super) fn run(arguments: &Arguments, language: Language) -> Result<ExitCode, Refusal> {
    let piped = arguments.draw == Path::new("-");
    let spool = if piped {
        let spool = Spool::new(io::stdin().lock());
        Some(spool.map_err(|error| Refusal::new("a .tar on standard input", error))?)
    } else {
        None
    };
    let draw = spool.as_ref().map_or(arguments.draw.as_path(), Spool::path);
    let city = if piped { None } else { city_of(draw) };
    let bundle = Bundle::open_path(draw).map_err(|error| {
        Refusal::new(
            format!("a draw's folder or .tar at {}", arguments.draw.display()),
            error,
        )
    })?;
    let pin = arguments.pin.pin(draw, &bundle, city.as_deref())?;
    let log = arguments.log.clone();
    let log = log.or_else(|| find_log(city.as_deref()));
    let state = arguments.seen.find_file(&pin.trust);
    let last_seen = match &state {
        Some(file) => seen::find(file, &pin.trust)?,
        None => None,
    };
    let options = Options {
        log,
        last_seen,
        threads: arguments.threads,
    };
    let mut bar = Bar::new(language);
    let mut show = |progress| bar.show(progress);
    let report = verify(Ok(bundle.clone()), &pin.trust, &options, &mut show);
    bar.clear();
    print(arguments, &report, &pin, language);
    if report.verdict == Verdict::False && !arguments.no_evidence {
        let named = report.draw.as_deref().unwrap_or("unknown");
        let beside = || PathBuf::from(format!("fairplate-evidence-{named}"));
        let folder = arguments.evidence.clone().unwrap_or_else(beside);
        evidence::write(&folder, &bundle, &pin.trust, &report)?;
        let words = language.pick("the evidence is in", "证据已保存于");
        eprintln!("{words} {}", folder.display());
    }
    if let (Some(file), Some(log)) = (&state, &report.log)
        && report.verdict != Verdict::False
    {
        seen::save(file, log)?;
    }
    Ok(exit_code(report.verdict, arguments.allow_unwitnessed))
}

fn print(arguments: &Arguments, report: &Report, pin: &pin::Pin, language: Language) {
    if arguments.json {
        let mut json = report.to_json();
        json["trust"] = pin.source.id().into();
        println!("{json:#}");
        return;
    }
    print!("{}", report.to_text(style(language)));
    println!("{}", pin.source.sentence(language));
}

/// The exit code of a verdict.
pub(super) fn exit_code(verdict: Verdict, allow_unwitnessed: bool) -> ExitCode {
    match verdict {
        Verdict::Verified => ExitCode::SUCCESS,
        Verdict::VerifiedUnwitnessed if allow_unwitnessed => ExitCode::SUCCESS,
        Verdict::False => ExitCode::FAILURE,
        _ => ExitCode::from(COULD_NOT_CHECK),
    }
}

/// The folder that holds `draws/<draw id>`.
pub(super) fn city_of(draw: &Path) -> Option<PathBuf> {
    let draw = draw.canonicalize().ok()?;
    Some(draw.parent()?.parent()?.to_owned())
}

/// The log that lies beside the draws, if there is one.
pub(super) fn find_log(city: Option<&Path>) -> Option<PathBuf> {
    let log = city?.join("log");
    log.join("checkpoint").is_file().then_some(log)
}
