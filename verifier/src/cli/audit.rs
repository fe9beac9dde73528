//! `audit`: two draws of one city side by side.

use std::{
    io::{BufReader, Read},
    path::{Path, PathBuf},
    process::ExitCode,
};

use fairplate_verifier::{
    Options, Verdict,
    audit::{Audit, WeightStep, WeightTable, compare_pools, read_holders},
    bundle::Bundle,
    language::Language,
    record::{Amend, Method},
    steps::{Findings, Step, run as run_steps},
};

use super::{
    COULD_NOT_CHECK, Refusal,
    bar::Bar,
    draw::{city_of, find_log},
    environment::style,
    pin,
};

/// Which draws, and whom to believe.
#[derive(clap::Args)]
#[group(skip)]
#[command(
    after_help = "Both draws are verified first. Then, category by category: no winner of the \
    earlier is in the later pool, and every code that is in both has a weight that may follow its \
    earlier one by the table in the later draw's policy.toml.\n\n\
    Example:\n  fairplate-verifier audit public/draws/202606 public/draws/202608"
)]
pub(super) struct Arguments {
    /// The earlier draw's folder or .tar
    earlier: PathBuf,
    /// The later draw's folder or .tar
    later: PathBuf,
    #[command(flatten)]
    pin: pin::Arguments,
}

struct Draw {
    bundle: Bundle,
    findings: Findings,
}

pub(super) fn run(arguments: &Arguments, language: Language) -> Result<ExitCode, Refusal> {
    let earlier = open(&arguments.earlier, &arguments.pin, language)?;
    let later = open(&arguments.later, &arguments.pin, language)?;
    for (path, draw) in [(&arguments.earlier, &earlier), (&arguments.later, &later)] {
        let verdict = draw.findings.report.verdict;
        println!(
            "{}: {verdict}: {}",
            path.display(),
            verdict.sentence(language)
        );
        if verdict == Verdict::False {
            print!("{}", draw.findings.report.to_text(style(language)));
            return Ok(ExitCode::FAILURE);
        }
    }
    let (Some(announced), Some(drawn)) = (&later.findings.announce, &earlier.findings.result)
    else {
        return Ok(ExitCode::from(COULD_NOT_CHECK));
    };
    let table = weight_table(&later.bundle)?;
    let mut failed = 0;
    for outcome in &drawn.outcomes {
        let mut pools = announced.pools.iter();
        let pool = pools.find(|pool| pool.category == outcome.category);
        let Some(pool) = pool.filter(|pool| pool.method == Method::ScoreV1) else {
            continue;
        };
        let category = &pool.category;
        let refuse = |error: &dyn std::fmt::Display| {
            Refusal::new(format!("two comparable pools of {category}"), error)
        };
        let result = stream(&earlier.bundle, &format!("result-{category}.csv"))?;
        // Whoever moved up when the later pool was announced had not won when it was frozen.
        let later_at = later.findings.announced_at;
        let amends = earlier.findings.amends.iter();
        let amends = amends.filter(|(at, _)| later_at.is_none_or(|later| *at < Some(later)));
        let amends: Vec<Amend> = amends.map(|(_, amend)| amend.clone()).collect();
        let holders = read_holders(BufReader::new(result), outcome.winners, category, &amends)
            .map_err(|error| refuse(&error))?;
        let name = format!("pool-{category}.csv");
        let pools = (
            stream(&earlier.bundle, &name)?,
            stream(&later.bundle, &name)?,
        );
        let audit = compare_pools(pools.0, pools.1, &name, &holders, &table)
            .map_err(|error| refuse(&error))?;
        print(category, &audit, language);
        failed += audit.failed;
    }
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn open(path: &Path, pin: &pin::Arguments, language: Language) -> Result<Draw, Refusal> {
    let bundle = Bundle::open_path(path).map_err(|error| {
        Refusal::new(
            format!("a draw's folder or .tar at {}", path.display()),
            error,
        )
    })?;
    let city = city_of(path);
    let pin = pin.pin(path, &bundle, city.as_deref())?;
    let options = Options {
        log: find_log(city.as_deref()),
        ..Options::default()
    };
    let opened = Ok(bundle.clone());
    let mut bar = Bar::new(language);
    let mut show = |progress| bar.show(progress);
    let findings = run_steps(opened, &pin.trust, &options, &mut show, &Step::ALL);
    bar.clear();
    Ok(Draw { bundle, findings })
}

fn stream(bundle: &Bundle, name: &str) -> Result<impl Read + use<>, Refusal> {
    let file = bundle.open(name).ok().flatten();
    file.ok_or_else(|| Refusal::new(format!("{name} in both draws"), "none"))
}

/// The weight table of the draw's policy; empty for a city whose weights do not grow.
fn weight_table(bundle: &Bundle) -> Result<WeightTable, Refusal> {
    let refuse = |found: &dyn std::fmt::Display| {
        Refusal::new(
            "policy.toml with steps of `from`, `until` and `weight`",
            found,
        )
    };
    let bytes = bundle
        .find("policy.toml")
        .ok()
        .flatten()
        .unwrap_or_default();
    let text = String::from_utf8(bytes).map_err(|error| refuse(&error))?;
    let policy: toml::Table = text.parse().map_err(|error| refuse(&error))?;
    let steps = policy
        .get("tier")
        .and_then(|tier| tier.get("weights"))
        .and_then(|weights| weights.get("step"))
        .and_then(toml::Value::as_array);
    let number = |step: &toml::Value, key: &str| {
        let value = step.get(key).and_then(toml::Value::as_integer)?;
        u32::try_from(value).ok()
    };
    let mut table = Vec::new();
    for step in steps.into_iter().flatten() {
        let weight = number(step, "weight").and_then(|weight| u16::try_from(weight).ok());
        let (Some(from), Some(weight)) = (number(step, "from"), weight) else {
            return Err(refuse(&"another step"));
        };
        let until = number(step, "until");
        table.push(WeightStep {
            from,
            until,
            weight,
        });
    }
    Ok(WeightTable::new(&table))
}

fn print(category: &str, audit: &Audit, language: Language) {
    let Audit {
        shared,
        reweighted,
        added,
        removed,
        winners,
        failed,
        ..
    } = audit;
    println!(
        "{}",
        match language {
            Language::English => format!(
                "{category}: {shared} codes in both pools, {reweighted} with another weight, \
                 {added} added, {removed} removed without winning, {winners} winners; {failed} \
                 against the rules"
            ),
            Language::Chinese => format!(
                "{category}：两期共有编码 {shared} 个，其中权重变化 {reweighted} 个，新增 {added} \
                 个，未中签而退出 {removed} 个，上期中签 {winners} 个；违反规则 {failed} 个"
            ),
        }
    );
    if let Some(failure) = &audit.failure {
        println!("  {}", failure.sentence(language));
    }
}
