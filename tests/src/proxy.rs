//! A way to a server that can be disturbed: what a network and a server in trouble look like from
//! the other end.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// What becomes of the bytes on their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// They arrive.
    None,
    /// They arrive later: a slow server.
    Late(Duration),
    /// They do not arrive, and nobody says so: a server that was stopped, a network that was cut.
    Lost,
    /// Connections are reset, old and new ones: a server that was killed.
    Reset,
    /// The server says nothing more, and hangs up without a word on its side alone.
    HalfClosed,
    /// The second half of every answer has a bit that is another one.
    Flipped,
}

/// A proxy in front of one server. It ends with the runtime.
pub struct Proxy {
    address: SocketAddr,
    server: watch::Sender<String>,
    fault: watch::Sender<Fault>,
}

impl Proxy {
    /// A proxy on a free port that disturbs nothing yet.
    pub async fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (fault, watched) = watch::channel(Fault::None);
        let (server, target) = watch::channel(server.to_owned());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = target.borrow().clone();
                tokio::spawn(carry(client, server, watched.clone()));
            }
        });
        Self {
            address,
            server,
            fault,
        }
    }

    /// A proxy in front of the server that a URL names, and the URL by which to go through it.
    pub async fn before(url: &str) -> (Self, String) {
        let (scheme, rest) = url.split_once("://").expect("a URL");
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, server) = match authority.rsplit_once('@') {
            Some((user, server)) => (format!("{user}@"), server),
            None => (String::new(), authority),
        };
        let proxy = Self::to(server).await;
        let url = format!("{scheme}://{user}{}/{path}", proxy.address);
        (proxy, url)
    }

    /// Leads new connections to another server, as an address does that moves with the database.
    pub fn turn_to(&self, server: &str) {
        self.server.send_replace(server.to_owned());
    }

    /// Disturbs every connection from now on, in this way.
    pub fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }
}

async fn carry(mut client: TcpStream, server: String, fault: watch::Receiver<Fault>) {
    let is_refused = *fault.borrow() == Fault::Reset;
    let connected = TcpStream::connect(server).await;
    if let (Ok(mut server), false) = (connected, is_refused) {
        let mut watched = fault.clone();
        let (mut from_client, mut to_client) = client.split();
        let (mut from_server, mut to_server) = server.split();
        tokio::select! {
            () = pump(&mut from_client, &mut to_server, fault.clone(), false) => return,
            () = pump(&mut from_server, &mut to_client, fault, true) => return,
            _ = watched.wait_for(|fault| *fault == Fault::Reset) => {}
        }
    }
    // Dropped like this, a connection is reset and not closed.
    client.set_zero_linger().expect("a socket");
}

async fn pump(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    mut fault: watch::Receiver<Fault>,
    is_answer: bool,
) {
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let Ok(read @ 1..) = from.read(&mut bytes).await else {
            return;
        };
        let now = *fault.borrow();
        match now {
            Fault::Late(time) => tokio::time::sleep(time).await,
            Fault::Lost => {
                if fault.wait_for(|fault| *fault != Fault::Lost).await.is_err() {
                    return;
                }
            }
            Fault::HalfClosed if is_answer => {
                // Whoever asks may go on sending into nothing.
                drop(to.shutdown().await);
                std::future::pending::<()>().await;
            }
            Fault::Flipped if is_answer => bytes[read / 2] ^= 1,
            Fault::None | Fault::Reset | Fault::HalfClosed | Fault::Flipped => {}
        }
        if to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}
