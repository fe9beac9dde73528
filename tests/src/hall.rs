//! The hall in which a draw is watched: the operator's screen, the page of the stream, and the paper.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::fs::PermissionsExt as _,
    process::{Child, ChildStdout, Command, Output, Stdio},
};

use serde_json::Value;

use crate::{
    city::{TestCity, own_chain},
    keys, programs,
    server::Sent,
    stages::PERIOD,
};

/// Who watches the usual draw of a city.
pub struct Hall<'a> {
    city: &'a TestCity,
}

impl TestCity {
    /// The hall of the city, with the operator's program set up for its folder.
    #[must_use]
    pub fn hall(&self) -> Hall<'_> {
        let folder = self.folder().join("keys");
        fs::create_dir_all(&folder).expect("a folder of keys");
        for entry in fs::read_dir(keys::folder()).expect("keys") {
            let from = entry.expect("a key").path();
            let to = folder.join(from.file_name().expect("a name"));
            fs::copy(&from, &to).expect("a copy of a key");
            let mode = fs::metadata(&from).expect("a key").permissions().mode();
            fs::set_permissions(&to, fs::Permissions::from_mode(mode)).expect("its mode");
        }
        let chain = own_chain().to_string();
        fs::write(self.folder().join("chain.json"), chain).expect("written");
        let settings = format!(
            "policy = \"{}\"\norigin = \"{}\"\n\n[beacon]\nsource = \"relays\"\nurls = []\n\
             chain = \"chain.json\"\n\n[[witness]]\nname = \"w1\"\nurl = \"http://127.0.0.1:9\"\n\
             vkey = \"{}\"\n",
            self.app.policy.key,
            keys::ORIGIN,
            self.app.witnesses[0].key(),
        );
        fs::write(self.folder().join("fairplate.toml"), settings).expect("written");
        Hall { city: self }
    }
}

impl Hall<'_> {
    fn command(&self, words: &str) -> Command {
        let mut command = programs::fairplate();
        command
            .arg("--data")
            .arg(self.city.folder())
            .args(words.split_whitespace())
            .env("FAIRPLATE_DATABASE_URL", self.city.database_url())
            .env("FAIRPLATE_PASSPHRASE", keys::PASSPHRASE);
        command
    }

    /// Runs a command of the operator's program.
    #[must_use]
    pub fn run(&self, words: &str) -> Output {
        self.command(words).output().expect("fairplate runs")
    }

    /// What a command printed that has to succeed.
    #[must_use]
    pub fn printed(&self, words: &str) -> String {
        let output = self.run(words);
        assert!(output.status.success(), "{words}: {output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// The plain lines of `draw present --once`.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let printed = self.printed(&format!("draw present {PERIOD} --once"));
        printed.lines().map(str::to_owned).collect()
    }

    /// Follows the draw as something that is not a terminal.
    #[must_use]
    pub fn follow(&self) -> Following {
        let mut child = self
            .command(&format!("draw present {PERIOD}"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("fairplate runs");
        let told = BufReader::new(child.stdout.take().expect("its output"));
        Following { child, told }
    }

    /// Fetches a page of the draw.
    pub async fn fetch(&self, page: &str, headers: &[(&str, &str)]) -> Sent {
        let path = format!("/draw/{PERIOD}/{page}");
        self.city
            .server()
            .await
            .send("GET", &path, headers, Vec::new())
            .await
    }

    /// What the wall's page shows, without the time of the server, which is the city's.
    pub async fn figures(&self) -> Value {
        let sent = self.fetch("wall.json", &[]).await;
        assert_eq!(sent.status, 200, "{sent:?}");
        let mut figures = sent.json();
        let fields = figures.as_object_mut().expect("an object");
        let now = fields.remove("now").expect("the server's time");
        let now: chrono::DateTime<chrono::Utc> =
            now.as_str().expect("a text").parse().expect("a time");
        assert_eq!(now, self.city.app.clock.now());
        figures
    }

    /// The protocol in a language.
    pub async fn protocol(&self, lang: &str) -> String {
        let sent = self.fetch(&format!("protocol?lang={lang}"), &[]).await;
        assert_eq!(sent.status, 200, "{sent:?}");
        String::from_utf8(sent.body).expect("UTF-8")
    }

    /// Everything that is shown of the draw, in one text; both programs have to show the same.
    pub async fn everything(&self) -> (Value, String) {
        let figures = self.figures().await;
        let printed = self.printed(&format!("draw present {PERIOD} --once --json"));
        let of_program: Value = serde_json::from_str(&printed).expect("JSON");
        assert_eq!(
            of_program, figures,
            "the program and the page show the same"
        );
        let mut all = figures.to_string() + "\n" + &self.lines().join("\n");
        for lang in ["zh-CN", "en"] {
            let page = self.protocol(lang).await;
            let words = format!("draw protocol {PERIOD} --lang {lang}");
            assert!(self.printed(&words) == page, "the same page in {lang}");
            all += &page;
        }
        (figures, all)
    }
}

/// A program that follows the draw.
pub struct Following {
    child: Child,
    told: BufReader<ChildStdout>,
}

impl Following {
    /// Its next line, once there is one; nothing behind the last.
    pub fn next_line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.told.read_line(&mut line).expect("a line");
        (0 < read).then(|| line.trim_end_matches('\n').to_owned())
    }

    /// Waits for its end, which has to be a good one.
    pub fn end(mut self) {
        assert!(self.child.wait().expect("an end").success());
    }
}
