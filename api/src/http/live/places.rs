//! How many may be connected.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::{Notify, watch};

use crate::config::LiveConfig;

/// The places of a node.
pub(in crate::http) struct Places {
    limits: LiveConfig,
    /// How many are taken, for whoever watches.
    followers: Gauge,
    taken: Mutex<Taken>,
    left: Notify,
    closing: watch::Sender<bool>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A place that is taken; it is free again when it is dropped.
pub(super) struct Place {
    places: Arc<Places>,
    address: IpAddr,
}

impl Places {
    pub(in crate::http) fn new(limits: LiveConfig, followers: Gauge) -> Arc<Self> {
        Arc::new(Self {
            limits,
            followers,
            taken: Mutex::default(),
            left: Notify::new(),
            closing: watch::Sender::new(false),
        })
    }

    /// A place for somebody from an address; none where all are taken, or the server stops.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let mut taken = self.lock();
        let from_there = taken.by_address.get(&address).copied();
        let is_full = self.limits.connections <= taken.all
            || self.limits.connections_per_address <= from_there.unwrap_or(0);
        if is_full || *self.closing.borrow() {
            return None;
        }
        taken.all += 1;
        self.followers.inc();
        *taken.by_address.entry(address).or_default() += 1;
        Some(Place {
            places: Arc::clone(self),
            address,
        })
    }

    /// Asks everybody who is connected to leave, and takes nobody any more.
    pub(in crate::http) fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Ready when everybody has left.
    pub(in crate::http) async fn emptied(&self) {
        loop {
            let left = self.left.notified();
            if self.lock().all == 0 {
                return;
            }
            left.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Tells when the server stops.
    pub(super) fn closing(&self) -> Closing {
        Closing(self.places.closing.subscribe())
    }
}

/// Tells when the server stops.
pub(super) struct Closing(watch::Receiver<bool>);

impl Closing {
    /// Ready when it does.
    pub(super) async fn begun(&mut self) {
        // An error says that the server is gone already.
        drop(self.0.wait_for(|closing| *closing).await);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        taken.all -= 1;
        self.places.followers.dec();
        if let Some(count) = taken.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                taken.by_address.remove(&self.address);
            }
        }
        if taken.all == 0 {
            self.places.left.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn an_address_and_the_node_have_so_many_places_and_get_them_back() {
        let limits = LiveConfig {
            connections: 3,
            connections_per_address: 2,
        };
        let followers = Gauge::default();
        let places = Places::new(limits, followers.clone());
        let first = places.take(address(1)).expect("a place");
        let _second = places.take(address(1)).expect("a place");
        assert!(places.take(address(1)).is_none(), "the address is full");
        let _third = places.take(address(2)).expect("a place");
        assert!(places.take(address(3)).is_none(), "the node is full");

        assert_eq!(followers.get(), 3);

        drop(first);

        assert_eq!(followers.get(), 2);
        assert!(places.take(address(1)).is_some());
    }

    #[test]
    fn a_node_that_stops_takes_nobody_and_is_empty_when_the_last_has_left() {
        let places = Places::new(LiveConfig::default(), Gauge::default());
        let place = places.take(address(1)).expect("a place");
        places.close();
        assert!(places.take(address(1)).is_none());
        assert!(place.closing().begun().now_or_never().is_some());
        assert!(places.emptied().now_or_never().is_none());

        drop(place);

        assert!(places.emptied().now_or_never().is_some());
    }
}
