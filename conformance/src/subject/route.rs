//! How a subject is brought to the simulator.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a subject is brought to the simulator. Most connectors take any URL; some insist on the name
/// of an instance, which must then lead here.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Route {
    /// `https://127.0.0.1:PORT`.
    #[default]
    Direct,
    /// `https://devNNNNN.service-now.com` through a forward proxy, named by `HTTPS_PROXY` and by
    /// Java's properties. A subject that ignores it asks for that name outside.
    Proxy,
    /// `https://devNNNNN.service-now.com:PORT`, with a hosts file of its own in a private mount
    /// namespace (Linux).
    Hosts,
    /// The same, with `jdk.net.hosts.file` (Java).
    JavaHosts,
    /// The same, with the preloaded library nss_wrapper (programs that use the C library).
    NssWrapper,
}

impl Route {
    /// Every route, the plainest first.
    pub const ALL: [Self; 5] = [
        Self::Direct,
        Self::Proxy,
        Self::Hosts,
        Self::JavaHosts,
        Self::NssWrapper,
    ];

    /// The one to try after it; none after the last.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        let mut behind = Self::ALL
            .into_iter()
            .skip_while(move |route| *route != self);
        behind.nth(1)
    }

    /// The name it has in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Proxy => "proxy",
            Self::Hosts => "hosts",
            Self::JavaHosts => "java_hosts",
            Self::NssWrapper => "nss_wrapper",
        }
    }

    /// Whether it is the one that is taken without a word.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        *self == Self::Direct
    }

    /// Whether the subject is told an instance's name in place of an address.
    #[must_use]
    pub const fn takes_names(self) -> bool {
        !matches!(self, Self::Direct)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_named_as_it_is_written() {
        for route in Route::ALL {
            assert_eq!(serde_json::to_value(route).unwrap(), route.name());
            assert_eq!(route.is_direct(), !route.takes_names());
        }
    }

    #[test]
    fn each_route_but_the_last_names_the_next_to_try() {
        let mut route = Route::default();
        let mut tried = vec![route];
        while let Some(next) = route.next() {
            route = next;
            tried.push(route);
        }
        assert_eq!(tried, Route::ALL);
    }
}
