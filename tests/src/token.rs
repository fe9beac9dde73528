//! A token: SoftHSM's, whose module and tool are an operator's too, with a folder of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use fairplate::signer::{Pin, Token};

use crate::programs;

/// The token's label.
pub const LABEL: &str = "city";

/// Its PIN.
pub const PIN: &str = "271828";

/// A key of the tests in the form that the vendor's tool takes in: PKCS#8 (RFC 8410), 32 times 0x42.
const IMPORTED: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIEJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJC\n\
    -----END PRIVATE KEY-----\n";

/// Where the module is, by distribution.
const MODULES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
];

/// The module of `SoftHSM`.
#[must_use]
pub fn module() -> PathBuf {
    let found = MODULES.iter().map(Path::new).find(|path| path.exists());
    found.expect("SoftHSM 2: install softhsm2").to_owned()
}

/// A token in a folder.
pub struct SoftToken {
    home: PathBuf,
}

impl SoftToken {
    /// Makes a token in a folder.
    #[must_use]
    pub fn create(home: &Path) -> Self {
        let token = Self {
            home: home.to_owned(),
        };
        fs::create_dir_all(token.store()).expect("a folder");
        let store = token.store().display().to_string();
        let settings = format!(
            "directories.tokendir = {store}\nobjectstore.backend = file\nlog.level = ERROR\n"
        );
        fs::write(token.settings(), settings).expect("written");
        token.tool(&[
            "--init-token",
            "--free",
            "--label",
            LABEL,
            "--so-pin",
            "31415926",
            "--pin",
            PIN,
        ]);
        token
    }

    /// Puts a key that everybody knows into it, with the vendor's tool.
    pub fn import(&self, label: &str, id: &str) {
        let key = self.home.join("imported.pem");
        fs::write(&key, IMPORTED).expect("written");
        let key = key.display().to_string();
        self.tool(&[
            "--import", &key, "--token", LABEL, "--pin", PIN, "--label", label, "--id", id,
        ]);
    }

    /// Pulls it out.
    pub fn pull_out(&self) {
        fs::rename(self.store(), self.home.join("away")).expect("pulled out");
        fs::create_dir(self.store()).expect("an empty slot");
    }

    /// Puts it back.
    pub fn put_back(&self) {
        fs::remove_dir_all(self.store()).expect("an empty slot");
        fs::rename(self.home.join("away"), self.store()).expect("put back");
    }

    /// Lets a program find it.
    pub fn stand_under<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("SOFTHSM2_CONF", self.settings())
    }

    /// Settings of a city whose keys are in this token, to the end of its `fairplate.toml`.
    #[must_use]
    pub fn keys_in_it(&self) -> String {
        format!(
            "[keys]\nrecord = \"token\"\nlog = \"token\"\n\n[keys.token]\nmodule = \"{}\"\nlabel = \"{LABEL}\"\npin_file = \"token.pin\"\n",
            module().display()
        )
    }

    /// Runs the operator's program in a data folder with it.
    #[must_use]
    pub fn run(&self, folder: &Path, words: &[&str]) -> Output {
        self.command(folder, words)
            .output()
            .expect("fairplate runs")
    }

    /// The same, not yet run.
    #[must_use]
    pub fn command(&self, folder: &Path, words: &[&str]) -> Command {
        let mut command = programs::fairplate();
        self.stand_under(&mut command)
            .arg("--data")
            .arg(folder)
            .args(words)
            .env("FAIRPLATE_PASSPHRASE", "the keys of the tests");
        command
    }

    fn store(&self) -> PathBuf {
        self.home.join("tokens")
    }

    fn settings(&self) -> PathBuf {
        self.home.join("softhsm2.conf")
    }

    fn tool(&self, words: &[&str]) {
        let mut command = Command::new("softhsm2-util");
        let output = self.stand_under(&mut command).args(words).output();
        let output = output.expect("softhsm2-util: install softhsm2");
        assert!(output.status.success(), "{words:?}: {output:?}");
    }
}

/// The token that a data folder's `token.pin` is for, where it has one.
#[must_use]
pub fn find_in(folder: &Path) -> Option<Token> {
    let pin = folder.join("token.pin");
    let pin = pin.exists().then(|| Pin::from_file(&pin).expect("a PIN"))?;
    Some(Token::new(module(), LABEL.to_owned(), pin))
}
