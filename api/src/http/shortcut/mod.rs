//! The short cut: a look-up is answered as it comes off the wire.
//!
//! On result day nearly everybody sends one small request whose answer is in memory. Such a request is
//! read here, strictly, and answered with one write; nothing in between is made for it. The first
//! request of a connection that is anything else, or could be, takes the connection over to hyper,
//! with every byte of it, and it stays there. So nothing is answered here that is not answered there
//! as well, and with the same bytes, which a test compares.

/// The head of a request.
mod head;
/// A connection for as long as it stays on the short cut.
mod connection;

use std::net::IpAddr;

use poem::http::{HeaderMap, Method};

use super::{
    at_hand::{self, Payer},
    endpoint::{GraphqlEndpoint, Sent},
    glance::Glance,
    limits::{Client, Meters},
    measured::{self, route_of},
    media::Media,
    ready::Ready,
    result::{self, Address},
};
use crate::{app::App, domain::actor::Actor, service::results, telemetry::Route};

pub(super) use connection::{Next, Way};
use head::Head;

/// What can be answered on the short cut.
pub(super) struct Shortcut {
    pub(super) app: App,
    pub(super) graphql: GraphqlEndpoint,
    pub(super) meters: Meters,
}

/// An answer, and what it is counted as.
struct Answered {
    ready: Ready,
    route: Route,
    /// The publication that it follows, where it says so.
    epoch: Option<i64>,
}

impl Shortcut {
    /// The answer to a request, if that is in memory. Nothing has been counted or paid where there is
    /// none.
    fn answer(&self, peer: IpAddr, head: &Head<'_>) -> Option<Answered> {
        // Taken before the answer is made: the answer may be newer than the header says, never older.
        let epoch = self.app.results.epoch();
        if let Some(body) = head.body {
            return Some(Answered {
                ready: self.look_up(peer, head, &Glance::of_body(body)?, Sent::ByPost)?,
                route: Route::Graphql,
                epoch: None,
            });
        }
        let (ready, route) = match head.target.split_once('?') {
            Some(("/graphql", query)) => {
                let glance = Glance::of_query(query)?;
                let ready = self.look_up(peer, head, &glance, Sent::ByGet)?;
                (ready, Route::Graphql)
            }
            None => self.result(peer, head)?,
            Some(_) => return None,
        };
        Some(Answered {
            ready,
            route,
            epoch: measured::is_look_up(route, &Method::GET).then_some(epoch),
        })
    }

    fn look_up(
        &self,
        peer: IpAddr,
        head: &Head<'_>,
        glance: &Glance<'_>,
        sent: Sent,
    ) -> Option<Ready> {
        if head.body.is_some() && head.target != "/graphql" {
            return None;
        }
        let media = Media::best(head.accept.iter().copied()).ok()?;
        let document = self.graphql.documents.find_known(&glance.sha256)?;
        let (compiled, ..) = document.look_up()?;
        let asked = compiled.asked(glance)?;
        let answer = results::find_near(&self.app, asked.period, asked.code)?;
        let client = self.let_in(peer, &head.forwarded)?;
        let payer = Payer {
            actor: &Actor::Anonymous,
            sent,
            client: &client,
        };
        let written = at_hand::write(&document, glance, &answer, payer);
        Some(at_hand::ready(written.ok()??, media, sent))
    }

    /// `/result/<period>/<code>` and `/draw/<draw>/result/<code>`.
    fn result(&self, peer: IpAddr, head: &Head<'_>) -> Option<(Ready, Route)> {
        let mut parts = head.target.split('/').skip(1);
        let (address, named, code) = match [(); 5].map(|()| parts.next()) {
            [Some("result"), Some(period), Some(code), None, None] => {
                (Address::Period, period, code)
            }
            [Some("draw"), Some(draw), Some("result"), Some(code), None] => {
                (Address::Draw, draw, code)
            }
            _ => return None,
        };
        let answer = match address {
            Address::Period => results::find_near(&self.app, named, code),
            Address::Draw => results::find_near_of_draw(&self.app, named, code),
        }?;
        let client = self.let_in(peer, &head.forwarded)?;
        client.look_up(1).ok()?;
        let ready = result::shown(address, named, code, &answer).ok()?;
        Some((ready, route_of(head.target)))
    }

    fn let_in(&self, peer: IpAddr, forwarded: &HeaderMap) -> Option<Client> {
        self.meters.let_in_from(peer, forwarded).ok()
    }
}
