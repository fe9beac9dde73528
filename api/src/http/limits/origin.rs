//! The address that a request comes from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use poem::{
    Addr, Request,
    http::{HeaderMap, HeaderName, header},
};

use crate::config::{ClientAddress, HttpConfig};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The proxies that are believed.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    networks: Vec<IpNet>,
    header: ClientAddress,
}

impl From<&HttpConfig> for Proxies {
    fn from(config: &HttpConfig) -> Self {
        Self {
            networks: config.trusted_proxies.clone(),
            header: config.client_address,
        }
    }
}

impl Proxies {
    /// Who asks: the peer, or, where a trusted proxy asks, whom it asks for.
    pub(super) fn client_of(&self, request: &Request) -> IpAddr {
        let peer = match &request.remote_addr().0 {
            Addr::SocketAddr(address) => address.ip().to_canonical(),
            // Whoever has a socket of another kind sits on this machine.
            _ => IpAddr::V4(Ipv4Addr::LOCALHOST),
        };
        self.client_behind(peer, request.headers())
    }

    /// Each proxy appends whom it saw, so what is written last is believed first: from the right,
    /// the first address that is no trusted proxy's. What stands left of it anybody can write.
    pub(super) fn client_behind(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.is_trusted(peer) {
            return peer;
        }
        let mut nearest = peer;
        for hop in self.hops(headers).into_iter().rev() {
            match hop {
                Some(address) if self.is_trusted(address) => nearest = address,
                Some(address) => return address,
                // What cannot be read ends what can be believed.
                None => return nearest,
            }
        }
        nearest
    }

    fn is_trusted(&self, address: IpAddr) -> bool {
        self.networks
            .iter()
            .any(|network| network.contains(&address))
    }

    /// The addresses of the header, in its order; none for one that is hidden or cannot be read.
    fn hops(&self, headers: &HeaderMap) -> Vec<Option<IpAddr>> {
        let name = match self.header {
            ClientAddress::XForwardedFor => X_FORWARDED_FOR,
            ClientAddress::Forwarded => header::FORWARDED,
        };
        let mut hops = Vec::new();
        for value in headers.get_all(name) {
            let Ok(text) = value.to_str() else {
                hops.push(None);
                continue;
            };
            match self.header {
                ClientAddress::XForwardedFor => hops.extend(text.split(',').map(address)),
                ClientAddress::Forwarded => {
                    hops.extend(rfc7239::parse(text).map(|hop| {
                        let node = hop.ok()?.forwarded_for?;
                        node.ip().map(IpAddr::to_canonical)
                    }));
                }
            }
        }
        hops
    }
}

/// An address, with a port or without.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let plain = text.parse::<IpAddr>().ok();
    let address = plain.or_else(|| {
        let with_port = text.parse::<std::net::SocketAddr>().ok();
        with_port.map(|address| address.ip())
    });
    address.map(|address| address.to_canonical())
}

/// The address that a bucket goes by. Whoever has one IPv6 address has all of its /64.
pub(super) fn bucket_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn headers(name: &HeaderName, values: &[&str]) -> HeaderMap {
        let values = values.iter().map(|value| {
            let value = HeaderValue::from_str(value).expect("a header");
            (name.clone(), value)
        });
        values.collect()
    }

    fn proxies(header: ClientAddress) -> Proxies {
        Proxies {
            networks: vec!["10.0.0.0/8".parse().expect("a network")],
            header,
        }
    }

    #[test]
    fn only_a_trusted_proxy_says_for_whom_it_asks() {
        let proxies = proxies(ClientAddress::XForwardedFor);
        for (peer, values, client) in [
            ("10.0.0.1", &["203.0.113.7"][..], "203.0.113.7"),
            ("198.51.100.9", &["203.0.113.7"][..], "198.51.100.9"),
            ("10.0.0.1", &[][..], "10.0.0.1"),
            (
                "10.0.0.1",
                &["1.2.3.4, 203.0.113.7, 10.9.9.9"][..],
                "203.0.113.7",
            ),
            ("10.0.0.1", &["1.2.3.4", "203.0.113.7"][..], "203.0.113.7"),
            ("10.0.0.1", &["203.0.113.7, nonsense"][..], "10.0.0.1"),
            (
                "10.0.0.1",
                &["203.0.113.7, nonsense, 10.0.0.2"][..],
                "10.0.0.2",
            ),
            ("10.0.0.1", &["203.0.113.7:1234"][..], "203.0.113.7"),
            ("10.0.0.1", &["[2001:db8::1]:1234"][..], "2001:db8::1"),
            ("10.0.0.1", &["::ffff:203.0.113.7"][..], "203.0.113.7"),
        ] {
            let headers = headers(&X_FORWARDED_FOR, values);
            let found = proxies.client_behind(ip(peer), &headers);
            assert_eq!(found, ip(client), "{peer} {values:?}");
        }
    }

    #[test]
    fn only_the_header_of_the_settings_is_looked_at() {
        let forwarded = headers(&header::FORWARDED, &["for=203.0.113.7;proto=https"]);
        let peer = ip("10.0.0.1");
        let found = proxies(ClientAddress::Forwarded).client_behind(peer, &forwarded);
        assert_eq!(found, ip("203.0.113.7"));
        let found = proxies(ClientAddress::XForwardedFor).client_behind(peer, &forwarded);
        assert_eq!(found, peer);
        let hidden = headers(&header::FORWARDED, &["for=203.0.113.7, for=_hidden"]);
        let found = proxies(ClientAddress::Forwarded).client_behind(peer, &hidden);
        assert_eq!(found, peer);
    }

    #[test]
    fn one_subscriber_of_ipv6_has_one_bucket() {
        let bucket = |text: &str| bucket_of(ip(text));
        assert_eq!(
            bucket("2001:db8:1:2:3:4:5:6"),
            bucket("2001:db8:1:2:ffff::1")
        );
        assert_ne!(bucket("2001:db8:1:2::1"), bucket("2001:db8:1:3::1"));
        assert_ne!(bucket("203.0.113.7"), bucket("203.0.113.8"));
    }
}
