//! The demo city's folder: settings, keys, a witness, and a beacon chain of its own.

use verifier::text::Time;

use crate::{
    cli::{
        Global,
        playing::folder::{self, Folder, PASSPHRASE_FILE},
        start,
    },
    clock::{Clock as _, SystemClock},
    config::Config,
    error::{Error, Result},
};

/// Seconds between the rounds of the demo's own chain.
const ROUND_SECS: u32 = 1;

/// Makes whatever is missing of the city's folder.
pub(super) fn make_city(global: &Global, policy: &str) -> Result<()> {
    let layout = global.layout();
    if layout.config().exists() {
        let there = Config::load(&layout)?.policy;
        if there != policy {
            return Err(Error::NotSetUp(format!(
                "{} holds a city under {there}; name another folder with --data for {policy}",
                layout.root().display()
            )));
        }
    } else {
        start::load_policy(&layout, policy)?;
    }
    let wanted = Folder {
        settings: text(policy),
        witnesses: vec![("witness".to_owned(), "witness.example/demo".to_owned())],
        chain: "fairplate-demo",
        round_secs: ROUND_SECS,
        genesis: Time(SystemClock.now().timestamp()),
    };
    folder::make(global, &wanted)
}

/// The settings, as `serve` and every other command read them later.
fn text(policy: &str) -> String {
    format!(
        "# Written by `fairplate demo`. A real city keeps its passphrase elsewhere, names witnesses\n\
         # that it does not run, and takes its randomness from a beacon that it does not own.\n\
         policy = \"{policy}\"\n\
         passphrase_file = \"{PASSPHRASE_FILE}\"\n\n\
         [beacon]\n\
         source = \"own\"\n\
         chain = \"chain.json\"\n\n\
         [[witness]]\n\
         name = \"demo-witness\"\n\
         local = \"witness\"\n"
    )
}
