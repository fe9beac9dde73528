//! A mail server on the loopback interface: it answers as it is told, and keeps what it was sent.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

/// Certificate of who signs the server's own, in PEM. Both are good until 2120, and are made for
/// these tests alone.
pub const AUTHORITY: &[u8] = include_bytes!("../fixtures/mail/authority.pem");

const CERTIFICATE: &[u8] = include_bytes!("../fixtures/mail/server.pem");
const KEY: &[u8] = include_bytes!("../fixtures/mail/server.key");

/// When a mail server begins to speak TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrapping {
    /// Never.
    Never,
    /// When it is asked to; until then it takes no mail.
    StartTls,
    /// At once.
    FromTheFirstByte,
}

/// A mail as it arrived.
#[derive(Clone, Debug)]
pub struct Mail {
    /// To whom its envelope says it goes.
    pub to: String,
    /// Headers and body, with line feeds.
    pub text: String,
    /// Whether it came under TLS.
    pub is_encrypted: bool,
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
        Self::answering_tls(answers, Wrapping::Never)
    }

    /// The same under TLS.
    #[must_use]
    pub fn answering_tls(answers: &[&'static str], wrapping: Wrapping) -> Self {
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
                std::thread::spawn(move || drop(receive(stream, &shared, wrapping)));
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

fn receive(mut stream: TcpStream, state: &Mutex<State>, wrapping: Wrapping) -> std::io::Result<()> {
    if wrapping == Wrapping::FromTheFirstByte {
        let mut stream = encrypted(stream)?;
        stream.write_all(b"220 tests.example ready\r\n")?;
        return speak(&mut BufReader::new(stream), state, true);
    }
    stream.write_all(b"220 tests.example ready\r\n")?;
    if wrapping == Wrapping::Never {
        return speak(&mut BufReader::new(stream), state, false);
    }
    let mut lines = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let answer = match line.to_ascii_uppercase().get(..4) {
            Some("EHLO") => "250-tests.example\r\n250 STARTTLS",
            Some("STAR") => "220 go on",
            _ => "530 STARTTLS first",
        };
        lines
            .get_mut()
            .write_all(format!("{answer}\r\n").as_bytes())?;
        if answer.starts_with("220") {
            break;
        }
    }
    let stream = encrypted(lines.into_inner())?;
    speak(&mut BufReader::new(stream), state, true)
}

/// The stream under TLS, with the certificate of the tests.
fn encrypted(stream: TcpStream) -> std::io::Result<StreamOwned<ServerConnection, TcpStream>> {
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(KEY).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a certificate and its key");
    let connection = ServerConnection::new(Arc::new(config)).map_err(std::io::Error::other)?;
    Ok(StreamOwned::new(connection, stream))
}

fn speak<S: Read + Write>(
    stream: &mut BufReader<S>,
    state: &Mutex<State>,
    is_encrypted: bool,
) -> std::io::Result<()> {
    let mut to = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
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
                stream.get_mut().write_all(b"354 go on\r\n")?;
                let mail = Mail {
                    to: to.clone(),
                    text: read_mail(stream)?,
                    is_encrypted,
                };
                state.lock().expect("no panic").mails.push(mail);
                "250 taken"
            }
            "QUIT" => return stream.get_mut().write_all(b"221 bye\r\n"),
            _ => "250 ok",
        };
        let answer = format!("{answer}\r\n");
        stream.get_mut().write_all(answer.as_bytes())?;
        stream.get_mut().flush()?;
    }
}

/// Until the line with nothing but a dot.
fn read_mail(reader: &mut impl BufRead) -> std::io::Result<String> {
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
