//! `legacy-beijing`: replays the draw that this protocol answers.

use std::{process::ExitCode, thread};

use fairplate_verifier::{
    language::Language,
    legacy::{SEEDS, count_wins, draw},
};

use super::bar::Bar;

/// The published parameters of one draw.
#[derive(clap::Args)]
#[group(skip)]
#[command(after_help = "Example, the first period of 2014:\n  \
    fairplate-verifier legacy-beijing --seed 026498 --total 2235804 --quota 20195\n\
    With --all-seeds the same draw is played for all 1,000,000 seeds, which takes minutes.")]
pub(super) struct Arguments {
    /// The six digits that were drawn
    #[arg(long, value_name = "DIGITS", value_parser = clap::value_parser!(u32).range(0..1_000_000))]
    seed: u32,
    /// How many serials the pool had
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    total: u32,
    /// How many won
    #[arg(long)]
    quota: u32,
    /// List every winning serial, not only the first ten and the last
    #[arg(long)]
    list: bool,
    /// Play all the million seeds and say how unequal the serials' chances were
    #[arg(long)]
    all_seeds: bool,
}

pub(super) fn run(arguments: &Arguments, language: Language) -> ExitCode {
    let Arguments {
        seed, total, quota, ..
    } = *arguments;
    let winners = draw(seed, total, quota);
    let shown = if arguments.list { winners.len() } else { 10 };
    for (place, serial) in (1..).zip(&winners).take(shown) {
        println!("{place:>8} {serial}");
    }
    if let Some(last) = winners.last().filter(|_| shown < winners.len()) {
        println!("       …\n{:>8} {last}", winners.len());
    }
    if arguments.all_seeds {
        let threads = thread::available_parallelism().map_or(1, Into::into);
        let mut bar = Bar::new(language);
        let title = language.pick("every seed that there was", "逐一重演全部种子数");
        let mut show = |done| bar.show_share(u64::from(done), u64::from(SEEDS), title);
        let wins = count_wins(total, quota, SEEDS, threads, &mut show);
        bar.clear();
        print_chances(&wins, language);
    }
    ExitCode::SUCCESS
}

fn print_chances(wins: &[u32], language: Language) {
    let extreme =
        |wins: Option<(usize, &u32)>| wins.map_or((0, 0), |(place, wins)| (place + 1, *wins));
    let count = |pair: &(usize, &u32)| *pair.1;
    let (unluckiest, fewest) = extreme(wins.iter().enumerate().min_by_key(count));
    let (luckiest, most) = extreme(wins.iter().enumerate().max_by_key(count));
    let ratio = f64::from(most) / f64::from(fewest.max(1));
    println!(
        "{}",
        match language {
            Language::English => format!(
                "of the 1000000 seeds, serial {unluckiest} wins for {fewest} and serial {luckiest} \
                 for {most}: {ratio:.3} times the chance, fixed before any digit was drawn"
            ),
            Language::Chinese => format!(
                "在全部 1000000 个种子数中，序号 {unluckiest} 中签 {fewest} 次，序号 {luckiest} \
                 中签 {most} 次：机会相差 {ratio:.3} 倍，且在抽取种子数之前就已确定"
            ),
        }
    );
}
