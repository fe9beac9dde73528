//! The short cut: a look-up is answered as it comes off the wire.
//!
//! On result day nearly everybody sends one small request for a published result. Such a request is
//! read here, strictly, and answered with one write: at once where the result is in memory, and
//! otherwise when Redis or the database has told it. The first request of a connection that is
//! anything else, or could be, takes the connection over to hyper, with every byte of it, and it stays
//! there. So nothing is answered here that is not answered there as well, and with the same bytes,
//! which a test compares.

/// The head of a request.
mod head;
/// A connection for as long as it stays on the short cut.
mod connection;
/// What a request asks for.
mod wanted;

use std::net::IpAddr;

use super::{
    at_hand, endpoint::GraphqlEndpoint, limits::Client, ready::Reply, refusal::Refusal, result,
};

pub(super) use connection::{Next, Way};
use head::Head;
use wanted::Wanted;

/// What can be answered on the short cut.
pub(super) struct Shortcut {
    pub(super) graphql: GraphqlEndpoint,
}

impl Shortcut {
    fn read<'a>(&self, head: &Head<'a>) -> Option<Wanted<'a>> {
        Wanted::read(&self.graphql.documents, head)
    }

    /// The reply to a request whose answer is in memory. Nothing has been counted or paid where there
    /// is none.
    fn near(&self, peer: IpAddr, head: &Head<'_>, wanted: &Wanted<'_>) -> Option<Reply> {
        let app = &self.graphql.app;
        match wanted {
            Wanted::Document(known) => {
                let look_up = known.look_up()?;
                let answer = at_hand::asked(&look_up).find_near(app)?;
                let let_in = self.let_in(peer, head);
                known.reply(
                    let_in
                        .and_then(|client| at_hand::write(&look_up, &answer, known.payer(&client))),
                )
            }
            Wanted::Plain(asked) => {
                let answer = asked.find_near(app)?;
                Some(match self.count(peer, head) {
                    Ok(()) => result::reply(*asked, Ok(answer)),
                    Err(refusal) => refusal.into(),
                })
            }
        }
    }

    /// Whether the answer is published, and not in memory.
    fn is_elsewhere(&self, wanted: &Wanted<'_>) -> bool {
        let app = &self.graphql.app;
        match wanted {
            Wanted::Document(known) => known
                .look_up()
                .is_some_and(|look_up| at_hand::asked(&look_up).is_elsewhere(app)),
            Wanted::Plain(asked) => asked.is_elsewhere(app),
        }
    }

    /// The reply to a request whose answer is elsewhere. Where there is none the executor has the
    /// words for what went wrong; that the request was let in is then counted there once more.
    async fn fetch(&self, peer: IpAddr, head: &Head<'_>, wanted: &Wanted<'_>) -> Option<Reply> {
        let graphql = &self.graphql;
        match wanted {
            Wanted::Document(known) => {
                let look_up = known.look_up()?;
                let written = match self.let_in(peer, head) {
                    Ok(client) => {
                        let payer = known.payer(&client);
                        graphql.look_up_elsewhere(&look_up, payer).await
                    }
                    Err(refusal) => Err(refusal),
                };
                known.reply(written)
            }
            Wanted::Plain(asked) => {
                let found = match self.count(peer, head) {
                    Ok(()) => graphql.look_ups.find(*asked).await,
                    Err(refusal) => Err(refusal),
                };
                Some(found.map_or_else(Reply::from, |found| result::reply(*asked, found)))
            }
        }
    }

    fn let_in(&self, peer: IpAddr, head: &Head<'_>) -> Result<Client, Refusal> {
        self.graphql.meters.let_in_from(peer, &head.forwarded)
    }

    /// Counts a look-up that is not one over GraphQL.
    fn count(&self, peer: IpAddr, head: &Head<'_>) -> Result<(), Refusal> {
        self.let_in(peer, head)?.look_up(1)
    }
}
