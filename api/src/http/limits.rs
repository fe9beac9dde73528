//! Who asks, as far as limits go, and how much they may.

/// Buckets that fill again.
mod bucket;
/// The address that a request comes from.
mod origin;

use std::{net::IpAddr, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use poem::http::HeaderMap;

use super::refusal::Refusal;
use crate::{
    app::App,
    cache::Shared,
    clock::Clock,
    config,
    domain::actor::Actor,
    graphql::{
        allowance::{Allowance, Charge, Standing},
        document::Operation,
    },
};
use bucket::Buckets;

pub use origin::Proxies;

/// Units that a request costs beside its document: reading it, and finding out who sent it.
const REQUEST: u64 = 1;

/// Units that a document costs which is refused: it was read, and perhaps compared with the schema.
const REFUSED: u64 = 20;

/// What clients of this node may still have. It stands between the endpoints and the buckets, so
/// that another place for the buckets changes nothing else.
#[derive(Clone)]
pub(super) struct Meters(Arc<Metered>);

struct Metered {
    clock: Arc<dyn Clock>,
    proxies: Proxies,
    /// None where nothing is counted.
    counted: Option<Arc<Counted>>,
    /// What several nodes count in together.
    shared: Option<Shared>,
}

struct Counted {
    addresses: Buckets<IpAddr>,
    accounts: Buckets<String>,
    look_ups: Buckets<IpAddr>,
    entrances: Buckets<IpAddr>,
}

/// Whoever sent a request.
#[derive(Clone)]
pub(super) struct Client {
    meters: Meters,
    address: IpAddr,
}

impl Meters {
    pub(super) fn new(
        app: &App,
        limits: Option<config::Limits>,
        shared: Option<Shared>,
        proxies: Proxies,
    ) -> Self {
        let counted = limits.map(|limits| Counted {
            addresses: Buckets::new(limits.address),
            accounts: Buckets::new(limits.account),
            look_ups: Buckets::new(limits.look_ups),
            entrances: Buckets::new(limits.entrances),
        });
        Self(Arc::new(Metered {
            clock: Arc::clone(&app.clock),
            proxies,
            counted: counted.map(Arc::new),
            shared,
        }))
    }

    /// Lets a request in, or refuses it unread.
    pub(super) fn let_in(&self, request: &poem::Request) -> Result<Client, Refusal> {
        let address = self.0.proxies.client_of(request);
        self.client(address)
    }

    /// The same for a request that came from this peer, with what proxies say of their clients.
    pub(super) fn let_in_from(
        &self,
        peer: IpAddr,
        forwarded: &HeaderMap,
    ) -> Result<Client, Refusal> {
        self.client(self.0.proxies.client_behind(peer, forwarded))
    }

    fn client(&self, address: IpAddr) -> Result<Client, Refusal> {
        let client = Client {
            meters: self.clone(),
            address: origin::bucket_of(address),
        };
        client.take(REQUEST, |counted| &counted.addresses)?;
        Ok(client)
    }

    fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }
}

impl Client {
    /// The address that the request comes from, as far as limits go.
    pub(super) fn address(&self) -> IpAddr {
        self.address
    }

    /// Counts look-ups by code or number.
    pub(super) fn look_up(&self, count: u64) -> Result<(), Refusal> {
        self.take(count, |counted| &counted.look_ups)
    }

    /// Counts what an operation does beside its cost. Attempts to enter are counted for all nodes
    /// together where these share a store; while that does not answer, each node counts its own.
    pub(super) async fn ask(&self, operation: Operation) -> Result<(), Refusal> {
        self.look_up(operation.look_ups)?;
        let count = operation.entrances;
        let counted = self.meters.0.counted.as_deref().filter(|_| 0 < count);
        let Some(Counted { entrances, .. }) = counted else {
            return Ok(());
        };
        if let Some(shared) = &self.meters.0.shared {
            let (client, wanted) = (self.address.to_string(), entrances.wanted(count));
            let taken = shared.take("entrances", &client, wanted, self.meters.now());
            if let Some(taken) = taken.await {
                return taken.map_err(|wait| rate_limited(TimeDelta::microseconds(wait)));
            }
        }
        self.take(count, |counted| &counted.entrances)
    }

    /// Counts a document that was refused. What it cost is spent, whatever is left.
    pub(super) fn spend_on_refused(&self) {
        if let Some(counted) = &self.meters.0.counted {
            let now = self.meters.now();
            // Whoever has less left than that is refused at one of the next requests.
            _ = counted.addresses.take(&self.address, REFUSED, now);
        }
    }

    /// Where the cost of a document is taken from; none where nothing is counted.
    pub(super) fn charge(&self, actor: &Actor, is_told: bool) -> Option<Arc<Charge>> {
        Some(Charge::to(Box::new(self.purse(actor)?), is_told))
    }

    /// Takes a cost that is known; says what is left, where anything is counted.
    pub(super) fn pay(&self, actor: &Actor, cost: u64) -> Result<Option<Standing>, Refusal> {
        let purse = self.purse(actor);
        let left = purse.map(|purse| purse.take(cost)).transpose();
        left.map_err(rate_limited)
    }

    fn purse(&self, actor: &Actor) -> Option<Purse> {
        let counted = self.meters.0.counted.as_ref()?;
        Some(Purse {
            counted: Arc::clone(counted),
            clock: Arc::clone(&self.meters.0.clock),
            address: self.address,
            account: name_of(actor),
        })
    }

    fn take(
        &self,
        count: u64,
        buckets: impl Fn(&Counted) -> &Buckets<IpAddr>,
    ) -> Result<(), Refusal> {
        let Some(counted) = self.meters.0.counted.as_deref().filter(|_| 0 < count) else {
            return Ok(());
        };
        let taken = buckets(counted).take(&self.address, count, self.meters.now());
        taken.map(drop).map_err(rate_limited)
    }
}

/// The refusal of whoever has to wait so long.
pub(super) fn rate_limited(wait: TimeDelta) -> Refusal {
    let secs = u64::try_from(wait.num_seconds()).unwrap_or(0);
    Refusal::RateLimited {
        wait_secs: secs + 1,
    }
}

/// Whose allowance a signed-in request uses up, beside its address's.
fn name_of(actor: &Actor) -> Option<String> {
    match actor {
        Actor::Anonymous => None,
        Actor::Account(holder) => Some(holder.actor()),
        Actor::Applicant(applicant) => Some(applicant.actor()),
        Actor::Reviewer(reviewer) => Some(format!("official:{}", reviewer.name())),
        Actor::Officer(officer) => Some(format!("official:{}", officer.name())),
        Actor::Approver(approver) => Some(format!("official:{}", approver.name())),
        Actor::Auditor(auditor) => Some(format!("official:{}", auditor.name())),
    }
}

/// The allowances behind one request.
struct Purse {
    counted: Arc<Counted>,
    clock: Arc<dyn Clock>,
    address: IpAddr,
    account: Option<String>,
}

impl Allowance for Purse {
    /// The account's first: what an account has used up is not taken from those who share its
    /// address. Whoever is signed in is told of the account.
    fn take(&self, cost: u64) -> Result<Standing, TimeDelta> {
        let now = self.clock.now();
        let of_account = self
            .account
            .as_ref()
            .map(|account| self.counted.accounts.take(account, cost, now))
            .transpose()?;
        let of_address = self.counted.addresses.take(&self.address, cost, now)?;
        Ok(of_account.unwrap_or(of_address))
    }
}
