//! The command line: one file a command.

mod audit;
mod bar;
mod contribute;
mod draw;
mod environment;
mod evidence;
mod legacy;
mod log;
mod manual;
mod pin;
mod receipt;
mod seen;
mod ticket;
mod whole;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use fairplate_verifier::language::Language;

/// Checks a published plate lottery draw from its files alone · 车牌摇号独立核验程序
#[derive(Parser)]
#[command(
    version,
    max_term_width = 100,
    after_help = "Examples:\n  \
    fairplate-verifier draw public/draws/202606\n  \
    fairplate-verifier ticket public/draws/202606 8801109990001\n  \
    fairplate-verifier receipt make public/draws/202606 8801109990001 --out mine.receipt\n  \
    fairplate-verifier log check public/log\n  \
    fairplate-verifier contribute open mine.contribution --announce announce.note --records \
    records.vkey\n\n\
    Exit codes: 0 verified, 1 refuted, 2 could not be checked."
)]
struct Arguments {
    /// The language of texts: en or zh-CN; without it, the terminal's
    #[arg(long, global = true, value_name = "LANGUAGE")]
    lang: Option<Language>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check a whole draw · 核验一次摇号
    Draw(draw::Arguments),
    /// Show one applicant's tickets, their scores, and why they won or not · 查询一个申请编码
    Ticket(ticket::Arguments),
    /// Make or check one person's receipt · 制作或核验回执
    #[command(subcommand)]
    Receipt(receipt::Command),
    /// Check a public log · 核验公开日志
    #[command(subcommand)]
    Log(log::Command),
    /// Contribute to a draw's randomness · 为一次摇号贡献随机数
    #[command(subcommand)]
    Contribute(contribute::Command),
    /// Compare two draws of one city · 比对同城两次摇号
    Audit(audit::Arguments),
    /// Replay a draw of Beijing's lottery of 2011 to 2020 · 重演北京 2011—2020 年的摇号
    LegacyBeijing(legacy::Arguments),
    /// Write completions of this command for a shell · 生成命令行补全脚本
    Completions(manual::CompletionsArguments),
    /// Write the man page of this command · 生成手册页
    Man(manual::ManArguments),
}

/// The exit code of everything that could not be checked.
const COULD_NOT_CHECK: u8 = 2;

/// Runs the command that the arguments name.
pub(crate) fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let language = arguments.lang.unwrap_or_else(environment::language);
    let outcome = match &arguments.command {
        Command::Draw(arguments) => draw::run(arguments, language),
        Command::Ticket(arguments) => ticket::run(arguments, language),
        Command::Receipt(command) => receipt::run(command, language),
        Command::Log(command) => log::run(command, language),
        Command::Contribute(command) => contribute::run(command, language),
        Command::Audit(arguments) => audit::run(arguments, language),
        Command::LegacyBeijing(arguments) => Ok(legacy::run(arguments, language)),
        Command::Completions(arguments) => manual::run_completions(arguments),
        Command::Man(arguments) => manual::run_man(arguments),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("{}", language.phrase(&error.to_string()));
        ExitCode::from(COULD_NOT_CHECK)
    })
}

/// Why a command could not do its work; one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refusal(String);

impl Refusal {
    fn new(expected: impl std::fmt::Display, found: impl std::fmt::Display) -> Self {
        Self(format!("expected {expected}, found {found}"))
    }
}
