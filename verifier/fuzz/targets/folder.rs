//! The example draw as an archive, edited inside and outside its files, and verified as the command
//! verifies it: whoever changes a byte that counts never hears VERIFIED.
#![no_main]

use fairplate_verifier::{
    Options, Verdict, bundle::Bundle, log::InclusionBundle, pool::Code, receipt, steps::verify,
};
use fairplate_verifier_fuzz::{
    archive::{open, sum, tar},
    edit::Script,
    example::{FILES, Files, TRUST, files, proven},
    shown,
};
use libfuzzer_sys::fuzz_target;

/// Names of files that a folder may have beside those of the example.
const OTHERS: [&str; 8] = [
    "void.note",
    "void.tlog-proof",
    "amend-1.note",
    "amend-1.tlog-proof",
    "keys-1.note",
    "keys-1.tlog-proof",
    "amend-01.note",
    "readme.txt",
];

fuzz_target!(|bytes: &[u8]| {
    let mut script = Script::new(bytes);
    let mode = script.byte();
    let mut files = files();
    for _ in 0..=mode % 4 {
        if script.is_empty() {
            break;
        }
        edit(&mut files, &mut script);
    }
    let mut archive = tar(&files);
    if mode >= 128 {
        edit_archive(&mut archive, &mut script);
    }
    let Ok(bundle) = open(&archive) else {
        // What nobody edited from outside can be opened.
        assert!(mode >= 128);
        return;
    };
    let options = Options {
        threads: usize::from(mode >> 2 & 1) + 1,
        ..Options::default()
    };
    let report = verify(Ok(bundle.clone()), &TRUST, &options, &mut |_| {});
    shown::check(&report);
    let changed: Vec<&str> = FILES
        .iter()
        .filter(|(name, known)| find(&bundle, name).as_deref() != Some(*known))
        .map(|(name, _)| *name)
        .collect();
    let records = bundle.names().filter(|name| is_record(name)).count();
    let changes = bundle.names().filter(|name| name.starts_with("keys-"));
    let changes = changes.filter(|name| is_record(name)).count();
    match report.verdict {
        Verdict::Verified => {
            // A change of keys that the pinned key did not sign means nothing.
            assert_eq!(records, changes, "{report}");
            assert!(
                changed.iter().all(|name| is_same_proof(&bundle, name)),
                "{changed:?} {report}"
            );
        }
        Verdict::VerifiedUnwitnessed => {
            assert!(
                changed.iter().any(|name| name.ends_with(".tlog-proof")),
                "{report}"
            );
            assert!(
                changed.iter().all(|name| is_same_proof(&bundle, name)),
                "{changed:?} {report}"
            );
        }
        // Nobody has signed a record of a later version.
        Verdict::Unsupported => panic!("{report}"),
        Verdict::Incomplete | Verdict::False => {
            assert!(!changed.is_empty() || records > 0, "{report}");
        }
    }
    // What is compared with a file that is not there cannot be wrong.
    let whole = FILES.iter().all(|(name, _)| find(&bundle, name).is_some());
    let wrong = whole && changed.iter().any(|name| !name.ends_with(".tlog-proof"));
    assert!(
        !wrong || report.verdict == Verdict::False,
        "{changed:?} {report}"
    );
    // A receipt is made from any folder, or refused.
    let codes =
        ["8801109990001", "1204107889120"].map(|code| code.parse::<Code>().expect("a code"));
    for code in codes {
        if let Ok(made) = receipt::make(&bundle, code) {
            let (report, _) = receipt::check(&made, &TRUST, &options);
            shown::check(&report);
        }
    }
});

fn edit(files: &mut Files, script: &mut Script<'_>) {
    let (name, _) = FILES[script.below(FILES.len())];
    let (other, known) = FILES[script.below(FILES.len())];
    match script.byte() % 16 {
        0 => drop(files.remove(name)),
        1 => {
            let new = OTHERS[script.below(OTHERS.len())];
            files.insert(new.to_owned(), known.to_vec());
        }
        2 => {
            let (one, two) = (files.get(name).cloned(), files.get(other).cloned());
            let (Some(one), Some(two)) = (one, two) else {
                return;
            };
            files.insert(name.to_owned(), two);
            files.insert(other.to_owned(), one);
        }
        _ => {
            if let Some(bytes) = files.get_mut(name) {
                script.edit(bytes, known);
            }
        }
    }
}

/// Changes a header and mends its checksum, or changes anything anywhere.
fn edit_archive(archive: &mut Vec<u8>, script: &mut Script<'_>) {
    let start = script.below(archive.len() / 512) * 512;
    if script.byte() % 2 == 0 {
        let place = start + script.below(512);
        archive[place] = script.byte();
        if let Some(header) = archive[start..].first_chunk_mut::<512>() {
            sum(header);
        }
    } else {
        script.edit(archive, b"0000000000\0");
    }
}

fn is_record(name: &str) -> bool {
    let numbered = |head| {
        let number = name
            .strip_prefix(head)
            .and_then(|name| name.strip_suffix(".note"));
        number.is_some_and(|number| {
            number
                .parse::<u64>()
                .is_ok_and(|one| one.to_string() == number)
        })
    };
    name == "void.note" || numbered("amend-") || numbered("keys-")
}

fn find(bundle: &Bundle, name: &str) -> Option<Vec<u8>> {
    bundle.find(name).ok().flatten()
}

fn is_same_proof(bundle: &Bundle, name: &str) -> bool {
    let Some(bytes) = find(bundle, name) else {
        return false;
    };
    let known = FILES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, known)| known);
    let read = |bytes: &[u8]| InclusionBundle::parse(bytes).ok();
    let (Some(found), Some(known)) = (read(&bytes), known.and_then(|known| read(known))) else {
        return false;
    };
    name.ends_with(".tlog-proof") && proven(&found) == proven(&known)
}
