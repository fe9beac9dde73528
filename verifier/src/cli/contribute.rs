//! `contribute`: makes, on a contributor's own machine, the secret that it adds to a draw, and says
//! what to hand in and when.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use fairplate_verifier::{
    contribution::{Contribution, Contributor, DrawId, Name},
    language::Language,
    note::Note,
    record::Announce,
    trust::parse_record_key,
};
use serde_json::{Value, json};

use super::{Refusal, environment, pin::read, whole::write_new};

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Make a secret, keep it in a file, and print the commitment to hand in before the draw is
    /// announced · 生成随机数并得出承诺值
    Seal(SealArguments),
    /// Check that the announced draw carries the commitment, and print what to hand in before it
    /// closes · 核对公告并打开承诺
    Open(OpenArguments),
}

/// Whose secret for which draw.
#[derive(clap::Args)]
#[group(skip)]
#[command(
    after_help = "The file is written once, for its owner alone; keep it secret until the \
    draw is announced, and keep it.\n\
    Exit codes: 0 written, 2 could not be written.\n\
    退出码：0 已写入，2 无法写入。\n\n\
    Example:\n  \
    fairplate-verifier contribute seal --origin hangzhou.example/draws --draw 202607 --name \
    notary.example/c1 --out mine.contribution > mine.commitment"
)]
pub(super) struct SealArguments {
    /// The name of the city's log, as in its trust policy
    #[arg(long, value_name = "ORIGIN")]
    origin: Name,
    /// The draw's id, as the city names it
    #[arg(long, value_name = "ID")]
    draw: DrawId,
    /// The name that the city will announce, for example notary.example/c1
    #[arg(long, value_name = "NAME")]
    name: Name,
    /// Where to keep the secret; no file of this name may be there
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Where to write what is handed in; without it, standard output
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    commitment: Option<PathBuf>,
    /// Print the commitment as JSON (schema fairplate-verifier/commitment/1)
    #[arg(long)]
    json: bool,
}

/// Which secret, and against which announce.
#[derive(clap::Args)]
#[group(skip)]
#[command(
    after_help = "Exit codes: 0 announced as it was sealed (or not compared, where no announce is \
    given), 1 refuted: do not hand the secret in, 2 could not be checked.\n\
    退出码：0 与公告相符（未给出公告时不比对），1 与公告不符：请勿交出随机数，2 无法核对。\n\n\
    Example:\n  \
    fairplate-verifier contribute open mine.contribution --announce announce.note --records \
    records.vkey > mine.reveal"
)]
pub(super) struct OpenArguments {
    /// The file that `contribute seal` has written
    file: PathBuf,
    /// The draw's signed announce
    #[arg(long, value_name = "FILE", requires = "records")]
    announce: Option<PathBuf>,
    /// The pinned record key of the city
    #[arg(long, value_name = "FILE", requires = "announce")]
    records: Option<PathBuf>,
    /// Where to write what is handed in; without it, standard output
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    out: Option<PathBuf>,
    /// Print what is handed in as JSON (schema fairplate-verifier/reveal/1)
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: &Command, language: Language) -> Result<ExitCode, Refusal> {
    match command {
        Command::Seal(arguments) => seal(arguments, language),
        Command::Open(arguments) => open(arguments, language),
    }
}

fn seal(arguments: &SealArguments, language: Language) -> Result<ExitCode, Refusal> {
    let contribution = Contribution {
        contributor: Contributor {
            origin: arguments.origin.0.clone(),
            draw: arguments.draw.0.clone(),
            name: arguments.name.0.clone(),
        },
        secret: environment::random_secret()?,
    };
    write_new(&arguments.out, &contribution.to_string())?;
    let commitment = contribution.commitment();
    if arguments.json {
        let mut json = head("commitment", &contribution.contributor);
        json["commitment"] = commitment.commitment.to_string().into();
        println!("{json:#}");
    } else {
        hand_in(arguments.commitment.as_deref(), &commitment.to_string())?;
    }
    let kept = arguments.out.display();
    eprintln!(
        "{}",
        match language {
            Language::English => format!(
                "the secret is in {kept}: keep it, and show it to nobody before the draw is \
                 announced; hand in the commitment now"
            ),
            Language::Chinese => format!(
                "随机数已存入 {kept}：请妥善保存，在摇号公告之前不要给任何人看；现在请提交承诺值"
            ),
        }
    );
    Ok(ExitCode::SUCCESS)
}

fn open(arguments: &OpenArguments, language: Language) -> Result<ExitCode, Refusal> {
    let file = &arguments.file;
    let contribution = Contribution::parse(&read_text(file)?)
        .map_err(|error| Refusal(format!("{}, {error}", file.display())))?;
    let pinned = arguments.announce.as_ref().zip(arguments.records.as_ref());
    let announced = match pinned {
        Some((announce, records)) => match compare(&contribution, announce, records)? {
            Ok(announce) => Some(announce),
            Err(why) => {
                refute(arguments, announce, &why, language);
                return Ok(ExitCode::FAILURE);
            }
        },
        None => None,
    };
    if arguments.json {
        let mut json = head("reveal", &contribution.contributor);
        json["commitment"] = contribution.commitment().commitment.to_string().into();
        json["secret"] = fairplate_verifier::Digest(contribution.secret)
            .to_string()
            .into();
        json["announced"] = announced.is_some().into();
        json["closes"] = match &announced {
            Some(announce) => announce.closes.to_string().into(),
            None => Value::Null,
        };
        println!("{json:#}");
    } else {
        hand_in(arguments.out.as_deref(), &contribution.reveal().to_string())?;
    }
    eprintln!("{}", sentence(announced.as_ref(), language));
    Ok(ExitCode::SUCCESS)
}

/// Why an announce is not what a contributor has sealed for.
struct Refuted {
    /// The line of the announce, counted from 1; none where the whole note does not count.
    line: Option<usize>,
    expected: String,
    found: String,
}

/// The announce, if the pinned key signed it and it carries the commitment.
fn compare(
    contribution: &Contribution,
    announce: &Path,
    records: &Path,
) -> Result<Result<Announce, Refuted>, Refusal> {
    let key = parse_record_key(&read(records)?).map_err(|error| Refusal(error.to_string()))?;
    let bytes = read(announce)?;
    let compare = || -> Result<Announce, Refuted> {
        let whole = |expected: &str, found: &dyn std::fmt::Display| Refuted {
            line: None,
            expected: expected.to_owned(),
            found: found.to_string(),
        };
        let note = Note::parse(&bytes).map_err(|error| whole("a signed note", &error))?;
        note.verify(&key).map_err(|error| {
            let expected = format!("a note signed by {}", key.name());
            whole(&expected, &error)
        })?;
        let line = |error: fairplate_verifier::record::RecordError| Refuted {
            line: Some(error.line),
            expected: error.expected,
            found: format!("`{}`", error.found),
        };
        let announce = Announce::parse(&note.text).map_err(line)?;
        contribution.check_announced(&announce).map_err(line)?;
        Ok(announce)
    };
    Ok(compare())
}

fn refute(arguments: &OpenArguments, announce: &Path, why: &Refuted, language: Language) {
    let file = announce.display();
    let Refuted {
        line,
        expected,
        found,
    } = why;
    if arguments.json {
        let json = json!({
            "schema": "fairplate-verifier/reveal/1",
            "announced": false,
            "failure": { "file": file.to_string(), "line": line, "expected": expected, "found": found },
        });
        println!("{json:#}");
    }
    let expected = language.phrase(expected);
    let found = language.phrase(found);
    let place = match (line, language) {
        (Some(line), Language::English) => format!("{file} line {line}"),
        (Some(line), Language::Chinese) => format!("{file} 第 {line} 行"),
        (None, _) => file.to_string(),
    };
    eprintln!(
        "FALSE: {}",
        match language {
            Language::English => format!(
                "{place}: expected {expected}, found {found}; do not hand the secret in, and tell the \
                 public why"
            ),
            Language::Chinese =>
                format!("{place}：应为 {expected}，实为 {found}；请勿交出随机数，并公开说明原因"),
        }
    );
}

/// What to do now.
fn sentence(announced: Option<&Announce>, language: Language) -> String {
    match (announced, language) {
        (Some(announce), Language::English) => format!(
            "the announce carries the commitment: hand the secret in before {}",
            announce.closes
        ),
        (Some(announce), Language::Chinese) => {
            format!("公告中有该承诺值：请在 {} 之前交出随机数", announce.closes)
        }
        (None, Language::English) => "not compared with an announce: hand the secret in only when \
             the draw is announced with your commitment (--announce FILE --records FILE)"
            .to_owned(),
        (None, Language::Chinese) => {
            "未与公告比对：请在公告列出您的承诺值之后才交出随机数（--announce FILE --records FILE）"
                .to_owned()
        }
    }
}

fn head(schema: &str, contributor: &Contributor) -> Value {
    json!({
        "schema": format!("fairplate-verifier/{schema}/1"),
        "origin": contributor.origin,
        "draw": contributor.draw,
        "name": contributor.name,
    })
}

fn hand_in(file: Option<&Path>, text: &str) -> Result<(), Refusal> {
    if let Some(file) = file {
        return write_new(file, text);
    }
    print!("{text}");
    Ok(())
}

fn read_text(file: &Path) -> Result<String, Refusal> {
    String::from_utf8(read(file)?).map_err(|_| {
        Refusal::new(
            format!("text in UTF-8 in {}", file.display()),
            "other bytes",
        )
    })
}
