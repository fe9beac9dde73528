//! How the server is reached, and how much of it one client may have.

use std::net::SocketAddr;

use ipnet::IpNet;
use serde::Deserialize;

/// How the server is reached, and how much of it one client may have.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpConfig {
    /// Networks of the proxies in front. Only of these is it believed for whom they ask.
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which they say it.
    pub client_address: ClientAddress,
    /// How much one client may ask for.
    pub limits: Limits,
    /// Where the node tells what it counts, an address that the public does not reach; nowhere without
    /// it.
    pub metrics: Option<SocketAddr>,
}

/// Which header names the client. The other one is never looked at: a proxy that sets one passes
/// the other on as the client wrote it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientAddress {
    /// `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// How much one client may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Units of cost an address; everybody behind one carrier's address shares them.
    pub address: Rate,
    /// Units of cost an account, or a signed-in official.
    pub account: Rate,
    /// Look-ups by code or number an address.
    pub look_ups: Rate,
    /// Operations an address that take or send a code or password.
    pub entrances: Rate,
}

/// A bucket that holds so much and fills again by so much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// What can be had at once.
    pub burst: u32,
    /// What comes back each second.
    pub per_second: u32,
}

impl Default for Limits {
    /// A carrier puts some thousands of subscribers behind one address. When a million people look
    /// up their result in ten minutes and two thousand of them share an address, that is some three
    /// look-ups a second on average and a hundred at the worst moment, each of ten to twenty units.
    fn default() -> Self {
        let rate = |burst, per_second| Rate { burst, per_second };
        Self {
            address: rate(40_000, 4_000),
            account: rate(10_000, 200),
            look_ups: rate(2_000, 200),
            entrances: rate(300, 20),
        }
    }
}
