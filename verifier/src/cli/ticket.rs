//! `ticket`: one applicant's tickets, in words.

use std::{path::PathBuf, process::ExitCode};

use fairplate_verifier::{
    Options, Report, Verdict,
    bundle::Bundle,
    language::Language,
    pool::Code,
    steps::{Findings, Step, run as run_steps},
    tickets::{Tickets, find_tickets},
};

use super::{
    COULD_NOT_CHECK, Refusal,
    bar::Bar,
    draw::{city_of, find_log},
    environment::style,
    pin,
};

/// Whose tickets, and whom to believe.
#[derive(clap::Args)]
#[group(skip)]
#[command(after_help = "Example:\n  fairplate-verifier ticket public/draws/202606 8801109990001")]
pub(super) struct Arguments {
    /// The draw's folder or .tar; it is verified first
    #[arg(value_name = "FOLDER|FILE.tar")]
    draw: PathBuf,
    /// The application code
    code: Code,
    #[command(flatten)]
    pin: pin::Arguments,
}

/// How many tickets are listed one by one.
const LISTED: usize = 24;

pub(super) fn run(arguments: &Arguments, language: Language) -> Result<ExitCode, Refusal> {
    let bundle = Bundle::open_path(&arguments.draw)
        .map_err(|error| Refusal::new("a draw's folder or .tar", error))?;
    let Findings {
        report,
        announce,
        seed,
        ..
    } = verify(arguments, &bundle, language)?;
    let (Some(announce), Some(seed)) = (announce, seed) else {
        print_report(&report, language);
        return Ok(ExitCode::from(COULD_NOT_CHECK));
    };
    if report.verdict == Verdict::False {
        print_report(&report, language);
        return Ok(ExitCode::FAILURE);
    }
    let mut found = false;
    for pool in &announce.pools {
        let tickets = find_tickets(&bundle, pool, seed, arguments.code)
            .map_err(|error| Refusal::new(format!("the pool of {}", pool.category), error))?;
        if let Some(tickets) = tickets {
            found = true;
            print(&tickets, language);
        }
    }
    if found {
        return Ok(ExitCode::SUCCESS);
    }
    let code = arguments.code;
    println!(
        "{}",
        match language {
            Language::English => format!("{code} is in no pool of this draw that has tickets"),
            Language::Chinese => format!("本次摇号池中没有编码 {code}"),
        }
    );
    Ok(ExitCode::from(COULD_NOT_CHECK))
}

/// Checks the whole draw first, and says what came of it and whom was believed.
fn verify(arguments: &Arguments, bundle: &Bundle, language: Language) -> Result<Findings, Refusal> {
    let city = city_of(&arguments.draw);
    let pin = arguments
        .pin
        .pin(&arguments.draw, bundle, city.as_deref())?;
    let options = Options {
        log: find_log(city.as_deref()),
        ..Options::default()
    };
    let mut bar = Bar::new(language);
    let mut show = |progress| bar.show(progress);
    let opened = Ok(bundle.clone());
    let findings = run_steps(opened, &pin.trust, &options, &mut show, &Step::ALL);
    bar.clear();
    let verdict = findings.report.verdict;
    println!("{verdict}: {}", verdict.sentence(language));
    println!("{}", pin.source.sentence(language));
    Ok(findings)
}

fn print_report(report: &Report, language: Language) {
    print!("{}", report.to_text(style(language)));
}

fn print(tickets: &Tickets, language: Language) {
    println!();
    println!("{} · {}", tickets.code, tickets.category);
    for (serial, score) in (tickets.first_serial..).zip(&tickets.scores).take(LISTED) {
        let best = if serial == tickets.best.serial {
            "  ←"
        } else {
            ""
        };
        println!("  {serial:>10}  {score:016x}{best}");
    }
    if tickets.scores.len() > LISTED {
        println!("  … {}", tickets.scores.len() - LISTED);
    }
    println!("{}", sentence(tickets, language));
}

/// Why they won or not.
fn sentence(tickets: &Tickets, language: Language) -> String {
    let Tickets {
        weight,
        best,
        rank,
        applicants,
        quota,
        reserve,
        ..
    } = tickets;
    let fate = match (tickets.has_won(), tickets.find_reserve_rank(), language) {
        (true, _, Language::English) => format!("the first {quota} win: this code won"),
        (true, _, Language::Chinese) => format!("前 {quota} 名中签：本编码已中签"),
        (false, Some(place), Language::English) => {
            format!("the first {quota} win: this code is reserve {place} of {reserve}")
        }
        (false, Some(place), Language::Chinese) => {
            format!("前 {quota} 名中签：本编码为候补第 {place} 名（共 {reserve} 名）")
        }
        (false, None, Language::English) => {
            format!("the first {quota} win: this code did not win")
        }
        (false, None, Language::Chinese) => format!("前 {quota} 名中签：本编码未中签"),
    };
    match language {
        Language::English => format!(
            "{weight} tickets; the best is {} with score {:016x} (lower is better), which is rank \
             {rank} of {applicants} applicants; {fate}",
            best.serial, best.score
        ),
        Language::Chinese => format!(
            "共 {weight} 个基数序号；最小得分为序号 {} 的 {:016x}（越小越靠前），在 {applicants} \
             个申请编码中排第 {rank} 名；{fate}",
            best.serial, best.score
        ),
    }
}
