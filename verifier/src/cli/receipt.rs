//! `receipt`: makes and checks one person's receipt.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use fairplate_verifier::{
    Options,
    bundle::Bundle,
    language::Language,
    pool::Code,
    receipt::{Receipt, Standing, check, make},
};

use super::{
    Refusal,
    draw::exit_code,
    environment::style,
    pin::{read, read_trust},
};

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Make a receipt from a published folder · 由已公布的文件制作回执
    Make(MakeArguments),
    /// Check a receipt offline · 离线核验回执
    Check(CheckArguments),
}

/// Whose receipt.
#[derive(clap::Args)]
#[group(skip)]
#[command(after_help = "Example:\n  \
    fairplate-verifier receipt make public/draws/202606 8801109990001 --out mine.receipt")]
pub(super) struct MakeArguments {
    /// The draw's folder or .tar
    #[arg(value_name = "FOLDER|FILE.tar")]
    draw: PathBuf,
    /// The application code
    code: Code,
    /// Where to write it; without it, standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Which receipt, and whom to believe.
#[derive(clap::Args)]
#[group(skip)]
#[command(
    after_help = "Exit codes: 0 verified, 1 refuted, 2 could not be checked.\n\n\
    Example:\n  \
    fairplate-verifier receipt check mine.receipt --trust trust.policy --records records.vkey"
)]
pub(super) struct CheckArguments {
    /// The receipt
    receipt: PathBuf,
    /// The pinned trust policy: the log's key, the witnesses and their quorum; once more for each later
    /// one, of a city whose log key or witnesses have changed
    #[arg(long, value_name = "FILE", required = true)]
    trust: Vec<PathBuf>,
    /// The pinned record key of the city
    #[arg(long, value_name = "FILE")]
    records: PathBuf,
    /// A copy of the log, where the record key has changed since the one that is pinned
    #[arg(long, value_name = "FOLDER")]
    log: Option<PathBuf>,
    /// Exit with 0 although too few witnesses vouch for when things happened
    #[arg(long)]
    allow_unwitnessed: bool,
}

pub(super) fn run(command: &Command, language: Language) -> Result<ExitCode, Refusal> {
    match command {
        Command::Make(arguments) => run_make(arguments),
        Command::Check(arguments) => run_check(arguments, language),
    }
}

fn run_make(arguments: &MakeArguments) -> Result<ExitCode, Refusal> {
    let bundle = Bundle::open_path(&arguments.draw)
        .map_err(|error| Refusal::new("a draw's folder or .tar", error))?;
    let receipt = make(&bundle, arguments.code).map_err(|error| Refusal(error.to_string()))?;
    match &arguments.out {
        Some(file) => {
            fs::write(file, receipt.to_string())
                .map_err(|error| Refusal::new(format!("to write {}", file.display()), error))?;
        }
        None => print!("{receipt}"),
    }
    Ok(ExitCode::SUCCESS)
}

fn run_check(arguments: &CheckArguments, language: Language) -> Result<ExitCode, Refusal> {
    let trust = read_trust(&arguments.trust, &arguments.records)?;
    let receipt = read_receipt(&arguments.receipt)?;
    let options = Options {
        log: arguments.log.clone(),
        ..Options::default()
    };
    let (report, standing) = check(&receipt, &trust, &options);
    print!("{}", report.to_text(style(language)));
    if let Some(standing) = standing {
        println!("{}", sentence(&standing, language));
    }
    Ok(exit_code(report.verdict, arguments.allow_unwitnessed))
}

fn read_receipt(file: &Path) -> Result<Receipt, Refusal> {
    let text = String::from_utf8(read(file)?)
        .map_err(|error| Refusal::new("a receipt in UTF-8", error))?;
    Receipt::parse(&text).map_err(|error| Refusal(error.to_string()))
}

/// What the receipt shows, in words.
fn sentence(standing: &Standing, language: Language) -> String {
    let winners = standing.outcome.winners;
    let fate = match (standing.has_won(), standing.rank, language) {
        (true, Some(rank), Language::English) => format!("won with rank {rank} of {winners}"),
        (true, Some(rank), Language::Chinese) => format!("已中签，第 {rank} 名（共 {winners} 名）"),
        (true, None, Language::English) => "won, by the cut-off alone".to_owned(),
        (true, None, Language::Chinese) => "按中签分数线已中签".to_owned(),
        (false, Some(rank), Language::English) => format!("is reserve {}", rank - winners),
        (false, Some(rank), Language::Chinese) => format!("为候补第 {} 名", rank - winners),
        (false, None, Language::English) => {
            "did not win; whether they are a reserve this receipt does not show".to_owned()
        }
        (false, None, Language::Chinese) => "未中签；本回执不证明是否候补".to_owned(),
    };
    let (code, category) = (standing.code, &standing.category);
    let (Some(first), Some(best)) = (standing.first_serial, standing.best) else {
        return format!("{code} · {category}: {fate}");
    };
    let last = first + u64::from(standing.weight) - 1;
    let (serial, score) = (best.ticket + 1, best.score);
    match language {
        Language::English => format!(
            "{code} · {category}: tickets {first} to {last}, the best is {serial} with score \
             {score:016x}; {fate}"
        ),
        Language::Chinese => format!(
            "{code} · {category}：基数序号 {first} 至 {last}，最小得分为序号 {serial} 的 \
             {score:016x}；{fate}"
        ),
    }
}
