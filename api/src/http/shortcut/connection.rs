//! A connection for as long as it stays on the short cut.

use std::{net::IpAddr, time::Instant};

use hyper::Version;
use poem::http::StatusCode;
use tokio::{io::AsyncWriteExt as _, sync::watch};

use super::{
    super::{
        connection::{Observed, UnderWay},
        measured,
        ready::Date,
    },
    Answered, Shortcut,
    head::Beginning,
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
            match Beginning::of(&stream.beginning) {
                Beginning::Part if stream.beginning.len() < REQUEST_MAX => {
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
                    if !self.answer(&head) {
                        return Next::Hyper;
                    }
                    stream.beginning.drain(..length);
                    if stream.write_all(&self.written).await.is_err() {
                        return Next::Ended;
                    }
                    drop(under_way);
                }
                Beginning::Part | Beginning::Other => return Next::Hyper,
            }
        }
    }

    /// Writes the answer to a request, if it is in memory.
    fn answer(&mut self, head: &super::Head<'_>) -> bool {
        let (app, since) = (&self.shortcut.app, Instant::now());
        let _in_flight = measured::UnderWay::begin(&app.telemetry.metrics.in_flight);
        let Some(Answered {
            ready,
            route,
            epoch,
        }) = self.shortcut.answer(self.peer, head)
        else {
            return false;
        };
        self.written.clear();
        let date = self.date.at(app.clock.now());
        ready.write(epoch, date, &mut self.written);
        measured::count(app, route, StatusCode::OK, since);
        true
    }
}
