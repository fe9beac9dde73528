//! A mail server on the loopback interface: it answers as it is told, and keeps what it was sent.

use std::{
    collections::VecDeque,
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

/// A mail as it arrived.
#[derive(Clone, Debug)]
pub struct Mail {
    /// To whom its envelope says it goes.
    pub to: String,
    /// Headers and body, with line feeds.
    pub text: String,
}

impl Mail {
    /// A header's value, as it arrived.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.text.lines().take_while(|line| !line.is_empty());
        lines
            .filter_map(|line| line.split_once(": "))
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

#[derive(Default)]
struct State {
    answers: VecDeque<&'static str>,
    mails: Vec<Mail>,
}

/// A mail server on a free port. Its thread ends with the process.
pub struct MailHost {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl MailHost {
    /// Begins to listen; it answers in turn to whoever names a recipient, and `250 ok` after the
    /// last.
    #[must_use]
    pub fn answering(answers: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(Mutex::new(State {
            answers: answers.iter().copied().collect(),
            mails: Vec::new(),
        }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, shared) = (stream.expect("a connection"), Arc::clone(&shared));
                std::thread::spawn(move || drop(serve(stream, &shared)));
            }
        });
        Self { port, state }
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it took, in order.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        self.state.lock().expect("no panic").mails.clone()
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut to = String::new();
    stream.write_all(b"220 tests.example ready\r\n")?;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let answer = match line
            .get(..4)
            .unwrap_or_default()
            .to_ascii_uppercase()
            .as_str()
        {
            "EHLO" | "HELO" => "250 tests.example",
            "RCPT" => {
                let address = line.split(['<', '>']).nth(1);
                address.unwrap_or_default().clone_into(&mut to);
                let mut state = state.lock().expect("no panic");
                state.answers.pop_front().unwrap_or("250 ok")
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n")?;
                let text = read_mail(&mut reader)?;
                let mail = Mail {
                    to: to.clone(),
                    text,
                };
                state.lock().expect("no panic").mails.push(mail);
                "250 taken"
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n")?;
                return Ok(());
            }
            _ => "250 ok",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes())?;
    }
}

/// Until the line with nothing but a dot.
fn read_mail(reader: &mut impl std::io::BufRead) -> std::io::Result<String> {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == ".\r\n" {
            return Ok(text);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
}
