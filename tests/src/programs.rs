//! The programs of the workspace, found beside the test that runs.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let test = std::env::current_exe().expect("the path of the test");
    // target/<profile>/deps/it-… or target/<profile>/<program>
    let folder = test.parent().expect("a folder");
    if folder.ends_with("deps") {
        folder.parent().expect("a profile").to_owned()
    } else {
        folder.to_owned()
    }
});

/// The folder of the profile that the tests were built with.
#[must_use]
pub fn folder() -> &'static Path {
    &FOLDER
}

/// `fairplate`, the server and the operator's command line.
#[must_use]
pub fn fairplate() -> Command {
    let mut command = find("fairplate");
    for name in [
        "FAIRPLATE_DATABASE_URL",
        "FAIRPLATE_PASSPHRASE",
        "FAIRPLATE_TOKEN_PIN",
        "FAIRPLATE_DATA",
        "FAIRPLATE_LISTEN",
        "FAIRPLATE_METRICS",
    ] {
        command.env_remove(name);
    }
    command
}

/// `fairplate-verifier`, the public's program.
#[must_use]
pub fn verifier() -> Command {
    find("fairplate-verifier")
}

/// `fairplate-ceremony`, one step of a ceremony that can be told to die.
#[must_use]
pub fn ceremony() -> Command {
    find("fairplate-ceremony")
}

fn find(name: &str) -> Command {
    let path = folder().join(name);
    assert!(
        path.exists(),
        "expected the program {}; build it with `cargo build --workspace --bins`",
        path.display()
    );
    Command::new(path)
}
