//! What an instance can lead its callers to: its neighbours and its own port without TLS.

use super::Instance;
use crate::pipeline::stage::{Neighbour, SentOn};
use crate::setup::{InstanceState, RedirectTo, Redirects};

/// Where the other instances of a set-up listen, and where this one does without TLS.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surroundings {
    pub(crate) neighbours: Vec<Neighbour>,
    pub(crate) plain_port: Option<u16>,
}

impl Instance {
    /// Where the edge sends requests on to, if it does. An instance that is named and does not exist
    /// is none.
    pub(crate) fn sends_on(&self) -> Option<SentOn> {
        let redirects = self.conditions().redirects.clone();
        let surroundings = self.surroundings.get();
        Some(SentOn {
            to: redirects.to?,
            status: redirects.status.unwrap_or_default(),
            neighbour: surroundings.and_then(|it| it.meant(&redirects)).cloned(),
            plain_port: surroundings.and_then(|it| it.plain_port),
        })
    }

    /// The developer site of the set-up, if there is one.
    pub(crate) fn developer_site(&self) -> Option<&Neighbour> {
        let mut neighbours = self.surroundings.get()?.neighbours.iter();
        neighbours.find(|other| other.state == InstanceState::DeveloperSite)
    }

    /// Why its redirects lead nowhere in these surroundings, if they do.
    pub(crate) fn lacks(&self, surroundings: &Surroundings) -> Option<String> {
        surroundings.lack(&self.conditions().redirects)
    }

    pub(crate) fn set_redirects(&self, redirects: Redirects) {
        self.conditions().redirects = redirects;
    }
}

impl Surroundings {
    fn meant(&self, redirects: &Redirects) -> Option<&Neighbour> {
        let named = redirects.instance.as_ref();
        let wants_provider = redirects.to == Some(RedirectTo::IdentityProvider);
        let mut neighbours = self.neighbours.iter();
        neighbours.find(|other| match named {
            Some(name) => *name == other.name,
            None => !wants_provider || other.state == InstanceState::IdentityProvider,
        })
    }

    /// Why these redirects lead nowhere, if they do.
    pub(crate) fn lack(&self, redirects: &Redirects) -> Option<String> {
        match (redirects.to?, &redirects.instance) {
            (RedirectTo::AnotherInstance | RedirectTo::IdentityProvider, _)
                if self.meant(redirects).is_some() =>
            {
                None
            }
            (RedirectTo::AnotherInstance | RedirectTo::IdentityProvider, Some(name)) => Some(
                format!("`redirects` leads to an instance that there is not: `{name}`"),
            ),
            (RedirectTo::AnotherInstance, None) => {
                Some("`redirects` leads to another instance, and there is one alone".to_owned())
            }
            (RedirectTo::IdentityProvider, None) => Some(
                "`redirects` leads to an identity provider, and no instance stands for one"
                    .to_owned(),
            ),
            (RedirectTo::PlainHttp, _) if self.plain_port.is_none() => {
                Some("`redirects` leads to plain HTTP, where nobody listens".to_owned())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_nowhere_says_why() {
        let other = |name: &str| Neighbour {
            name: name.to_owned(),
            host: format!("{name}.instance.test"),
            tls_port: 443,
            state: InstanceState::Awake,
        };
        let around = Surroundings {
            neighbours: vec![other("one"), other("two")],
            plain_port: None,
        };
        let to = |to, instance: Option<&str>| Redirects {
            to: Some(to),
            instance: instance.map(str::to_owned),
            status: None,
        };
        for (redirects, lack) in [
            (Redirects::default(), None),
            (to(RedirectTo::Loop, None), None),
            (to(RedirectTo::AnotherInstance, Some("two")), None),
            (
                to(RedirectTo::AnotherInstance, Some("three")),
                Some("`three`"),
            ),
            (to(RedirectTo::PlainHttp, None), Some("nobody listens")),
            (
                to(RedirectTo::IdentityProvider, None),
                Some("no instance stands for one"),
            ),
            (to(RedirectTo::IdentityProvider, Some("two")), None),
        ] {
            let why = around.lack(&redirects);
            assert_eq!(why.is_some(), lack.is_some(), "{redirects:?}");
            assert!(why.is_none_or(|why| why.contains(lack.unwrap())));
        }
        let second = to(RedirectTo::AnotherInstance, Some("two"));
        assert_eq!(around.meant(&second).unwrap().name, "two");
        let alone = Surroundings::default();
        assert!(alone.lack(&to(RedirectTo::AnotherInstance, None)).is_some());
    }
}
