//! What differs between two versions of a policy, in terms of what decisions follow from.

use std::collections::BTreeSet;

use super::{BoundRule, Policy, User};

/// A setting that decisions follow from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Setting {
    /// The password of this user, or whether there is such a user; folded name.
    Password(String),
    /// Whether this user is locked out.
    Lock(String),
    /// Whether this user is active.
    Active(String),
    /// The roles of this user.
    Roles(String),
    /// The rate limit rule of this name.
    RateRule(String),
    /// Access controls of tables and APIs.
    Controls,
    /// IP address access control.
    IpAccess,
    /// The OAuth application of this name.
    OauthClient(String),
    /// API keys, access policies and certificates that stand for users.
    ApiAccess,
}

impl Policy {
    /// The settings in which this version differs from an older one, and whether good answers
    /// follow from the difference.
    pub(crate) fn differences(&self, older: &Self) -> Vec<(Setting, bool)> {
        let mut differences = Vec::new();
        let names: BTreeSet<&String> = self.users.keys().chain(older.users.keys()).collect();
        for name in names {
            let (Some(new), Some(old)) = (self.users.get(name), older.users.get(name)) else {
                let exists = self.users.contains_key(name);
                differences.push((Setting::Password(name.clone()), exists));
                continue;
            };
            if new.digest.0 != old.digest.0 {
                differences.push((Setting::Password(name.clone()), false));
            }
            let (new, old) = (&new.user, &old.user);
            if new.mfa_required != old.mfa_required {
                differences.push((Setting::Password(name.clone()), !new.mfa_required));
            }
            let unusable = |user: &User| (user.password_expired, user.password_needs_reset);
            if unusable(new) != unusable(old) {
                let good = unusable(new) == (false, false);
                differences.push((Setting::Password(name.clone()), good));
            }
            if new.locked_out != old.locked_out {
                differences.push((Setting::Lock(name.clone()), !new.locked_out));
            }
            if new.active != old.active {
                differences.push((Setting::Active(name.clone()), new.active));
            }
            if new.roles != old.roles {
                let gains = new.roles.is_superset(&old.roles);
                differences.push((Setting::Roles(name.clone()), gains));
            }
        }
        let rules = |policy: &Self, name: &str| -> Vec<BoundRule> {
            let named = policy.rate_rules.iter();
            named
                .filter(|bound| bound.rule.name == name)
                .cloned()
                .collect()
        };
        let all = self.rate_rules.iter().chain(&older.rate_rules);
        let names: BTreeSet<&str> = all.map(|bound| bound.rule.name.as_str()).collect();
        for name in names {
            let (new, old) = (rules(self, name), rules(older, name));
            if new != old {
                differences.push((Setting::RateRule(name.to_owned()), new.is_empty()));
            }
        }
        if self.controls != older.controls {
            differences.push((Setting::Controls, false));
        }
        if self.ip_ranges != older.ip_ranges {
            let good = self.ip_ranges.lets_in_all_of(&older.ip_ranges);
            differences.push((Setting::IpAccess, good));
        }
        let ids = self
            .oauth_clients
            .0
            .keys()
            .chain(older.oauth_clients.0.keys());
        for id in ids.collect::<BTreeSet<_>>() {
            let (new, old) = (self.oauth_client(id), older.oauth_client(id));
            if new != old
                && let Some(client) = new.or(old)
            {
                let good =
                    new.is_some_and(|client| client.active) && old.is_none_or(|old| !old.active);
                differences.push((Setting::OauthClient(client.name.clone()), good));
            }
        }
        // Who is named by which claim changes with every user, and no answer follows from it yet.
        let providers = |policy: &Self| {
            let names = policy.oidc_providers.iter().map(|it| it.name.clone());
            names.collect::<BTreeSet<_>>()
        };
        let (new, old) = (providers(self), providers(older));
        if self.api_access != older.api_access || new != old {
            let opens = self.api_access.lets_in_all_of(&older.api_access);
            let good = opens && new.is_superset(&old);
            differences.push((Setting::ApiAccess, good));
        }
        differences
    }
}
