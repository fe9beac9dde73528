//! A connection for as long as it stays on the short cut.

use std::{mem, net::IpAddr, time::Instant};

use hyper::Version;
use poem::http::Method;
use tokio::{io::AsyncWriteExt as _, sync::watch};

use super::{
    super::{
        connection::{Observed, UnderWay},
        measured::{self, route_of},
        ready::Date,
    },
    Shortcut,
    head::{Beginning, Head},
};

/// Longest request that is waited for here, bytes.
const REQUEST_MAX: usize = 8 * 1024;

/// Where a connection goes after the short cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Next {
    /// On to hyper, with what was read and not answered.
    Hyper,
    /// It has ended.
    Ended,
}

/// What became of a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answered {
    /// Its answer is written.
    Here,
    /// It is not for here.
    NotHere,
    /// Its client did not wait.
    Gone,
}

/// A connection's way through it.
pub(in crate::http) struct Way<'a> {
    shortcut: &'a Shortcut,
    peer: IpAddr,
    /// The last answer.
    written: Vec<u8>,
    date: Date,
}

impl<'a> Way<'a> {
    pub(in crate::http) fn new(shortcut: &'a Shortcut, peer: IpAddr) -> Self {
        Self {
            shortcut,
            peer: peer.to_canonical(),
            written: Vec::new(),
            date: Date::default(),
        }
    }

    /// Answers requests until one comes that is not for here. Once the server is `stopping`, the
    /// connection ends where nobody waits for an answer.
    pub(in crate::http) async fn run(
        &mut self,
        stream: &mut Observed,
        stopping: &watch::Receiver<bool>,
    ) -> Next {
        let mut stopping = stopping.clone();
        let stopped = stopping.wait_for(|is_stopping| *is_stopping);
        tokio::pin!(stopped);
        loop {
            let mut bytes = mem::take(&mut stream.beginning);
            match Beginning::of(&bytes) {
                Beginning::Part if bytes.len() < REQUEST_MAX => {
                    stream.beginning = bytes;
                    let read = tokio::select! {
                        biased;
                        read = stream.read_on() => read,
                        _ = &mut stopped => 0,
                    };
                    match read {
                        0 if stream.beginning.is_empty() => return Next::Ended,
                        0 => return Next::Hyper,
                        _ => {}
                    }
                }
                Beginning::Whole(head) => {
                    let length = head.length;
                    let under_way = UnderWay::begin(&stream.pulse, Version::HTTP_11);
                    let answered = self.answer(&head, stream).await;
                    if answered == Answered::Gone {
                        return Next::Ended;
                    }
                    if answered == Answered::Here {
                        bytes.drain(..length);
                    }
                    // What has come meanwhile stands behind it.
                    bytes.append(&mut stream.beginning);
                    stream.beginning = bytes;
                    if answered == Answered::NotHere {
                        return Next::Hyper;
                    }
                    if stream.write_all(&self.written).await.is_err() {
                        return Next::Ended;
                    }
                    drop(under_way);
                }
                Beginning::Part | Beginning::Other => {
                    stream.beginning = bytes;
                    return Next::Hyper;
                }
            }
        }
    }

    /// Writes the answer to a request, if it is a look-up of what is published.
    async fn answer(&mut self, head: &Head<'_>, stream: &mut Observed) -> Answered {
        let (shortcut, since) = (self.shortcut, Instant::now());
        let app = &shortcut.graphql.app;
        let _in_flight = measured::UnderWay::begin(&app.telemetry.metrics.in_flight);
        let Some(wanted) = shortcut.read(head) else {
            return Answered::NotHere;
        };
        let route = route_of(head.target.split('?').next().unwrap_or_default());
        // Taken before the answer is made: the answer may be newer than the header says, never older.
        let says_epoch = head.body.is_none() && measured::is_look_up(route, &Method::GET);
        let epoch = says_epoch.then(|| app.results.epoch());
        let reply = match shortcut.near(self.peer, head, &wanted) {
            None if shortcut.is_elsewhere(&wanted) => {
                let fetching = Box::pin(shortcut.fetch(self.peer, head, &wanted));
                match stream.unless_gone(fetching).await {
                    Some(reply) => reply,
                    None => return Answered::Gone,
                }
            }
            reply => reply,
        };
        let Some(reply) = reply else {
            return Answered::NotHere;
        };
        self.written.clear();
        let date = self.date.at(app.clock.now());
        let status = reply.write(epoch, date, &mut self.written).await;
        measured::count(app, route, status, since);
        Answered::Here
    }
}
