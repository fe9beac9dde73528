//! A client that sends a text and reads an answer, over a connection that stays open.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A connection.
pub(crate) struct Wire {
    stream: TcpStream,
    /// What has come of the answer.
    read: Vec<u8>,
}

/// An answer.
pub(crate) struct Answer<'a> {
    /// HTTP status.
    pub(crate) status: u16,
    /// Body.
    pub(crate) body: &'a [u8],
}

impl Wire {
    /// Connects.
    pub(crate) async fn to(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let read = Vec::with_capacity(4096);
        Ok(Self { stream, read })
    }

    /// Sends a request and reads the answer to it, whose length must be given.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.read.clear();
        let mut head = None;
        loop {
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if head.is_none() {
                head = parse(&self.read);
            }
            if let Some((status, start, length)) = head
                && start + length <= self.read.len()
            {
                let body = &self.read[start..start + length];
                return Ok(Answer { status, body });
            }
        }
    }
}

/// Status, where the body starts, and how long it is; nothing where the head is not whole.
fn parse(bytes: &[u8]) -> Option<(u16, usize, usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let status = head.get(9..12)?.parse().ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse().ok())?
    });
    Some((status, end + 4, length.unwrap_or_default()))
}
