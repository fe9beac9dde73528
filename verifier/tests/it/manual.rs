//! What the command says of itself: completions for shells, its man pages, and its help.

use std::{
    collections::BTreeSet,
    fs,
    process::{Command, Output},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_fairplate-verifier");

const COMMANDS: [&str; 9] = [
    "draw",
    "ticket",
    "receipt",
    "log",
    "contribute",
    "audit",
    "legacy-beijing",
    "completions",
    "man",
];

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).env("LC_ALL", "C");
    command.output().expect("a run")
}

#[track_caller]
fn shown(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// The subcommands that the help lists, so that none is forgotten here.
#[test]
fn the_commands_of_these_tests_are_those_of_the_help() {
    let help = shown(&["--help"]);
    let (_, list) = help.split_once("Commands:\n").expect("a list of commands");
    let (list, _) = list.split_once("\n\n").expect("an end of the list");
    let listed: BTreeSet<&str> = list
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .collect();
    assert_eq!(listed, BTreeSet::from(COMMANDS));
}

#[test]
fn completions_for_every_shell_know_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = shown(&["completions", shell]);
        for word in
            COMMANDS
                .iter()
                .chain(&["make", "check", "seal", "open", "lang", "trust-folder"])
        {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
    }
}

#[test]
fn completions_for_an_unknown_shell_are_refused() {
    let output = run(&["completions", "dosshell"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
}

#[test]
fn the_man_page_has_every_command_and_an_example() {
    let page = shown(&["man"]);
    assert!(page.contains(".TH fairplate-verifier 1"), "{page}");
    let plain = page.replace('\\', "");
    for command in COMMANDS {
        assert!(
            plain.contains(&format!("fairplate-verifier-{command}(1)")),
            "{command}"
        );
    }
    assert!(
        plain.contains("fairplate-verifier draw public/draws/202606"),
        "{plain}"
    );
    assert!(plain.contains("Exit codes: 0 verified, 1 refuted, 2 could not be checked."));
}

#[test]
fn man_pages_of_all_commands_are_written_into_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let pages = folder.path().join("man1");
    shown(&["man", "--out", pages.to_str().expect("a path")]);
    for (page, example) in [
        ("draw", "draw public"),
        ("ticket", "ticket public"),
        ("receipt-make", "receipt make public"),
        ("receipt-check", "receipt check mine"),
        ("log-check", "log check public"),
        ("contribute-seal", "contribute seal --origin"),
        ("contribute-open", "contribute open mine"),
        ("audit", "audit public"),
        ("legacy-beijing", "legacy-beijing --seed"),
        ("completions", "completions bash"),
        ("man", "man --out"),
    ] {
        let page = pages.join(format!("fairplate-verifier-{page}.1"));
        let page = fs::read_to_string(&page).expect("a page").replace('\\', "");
        assert!(
            page.contains(&format!("fairplate-verifier {example}")),
            "{page}"
        );
    }
    assert!(pages.join("fairplate-verifier.1").is_file());
}

#[test]
fn every_command_shows_an_example_in_its_help() {
    for command in COMMANDS {
        let arguments: &[&[&str]] = match command {
            "receipt" => &[&["receipt", "make"], &["receipt", "check"]],
            "log" => &[&["log", "check"]],
            "contribute" => &[&["contribute", "seal"], &["contribute", "open"]],
            _ => &[&[command]],
        };
        for arguments in arguments {
            let help = shown(&[arguments, &["--help"][..]].concat());
            let example = format!("\n  fairplate-verifier {} ", arguments.join(" "));
            assert!(help.contains("Example"), "{help}");
            assert!(help.contains(&example), "{help}");
        }
    }
}
