//! API keys, certificates that stand for users, and the access policies of REST APIs, compiled
//! (wire-failures 3).
//!
//! Which of several policies decides is documented (API access policy prioritization), but for one
//! that is neither global nor names a method, resource or version; it ranks between the two kinds,
//! which is *assumed*. So are: a policy without profiles restricts nothing, one that names tables
//! wins over its equal, one of a version is for paths that name it, and HEAD counts as GET.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use http::Method;

use super::{Digest, Policy, User};
use crate::api::{Api, Target};
use crate::setup::AuthScheme;
use crate::store::records::password;

mod compile;
#[cfg(test)]
mod laws;

/// Everything that opens and closes APIs to schemes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ApiAccess {
    /// The most specific first.
    pub(super) policies: Vec<AccessPolicy>,
    pub(super) parameters: Vec<KeyParameter>,
    pub(super) keys: Vec<ApiKey>,
    /// User names by fingerprint.
    pub(super) certificates: HashMap<String, String>,
}

/// An active access policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessPolicy {
    /// Its name.
    pub name: String,
    /// Title or path of its API; none for a global policy.
    pub(super) api: Option<(String, String)>,
    pub(super) method: Option<String>,
    pub(super) resource: Option<String>,
    pub(super) version: Option<String>,
    /// Empty for every table.
    pub(super) tables: BTreeSet<String>,
    /// Whether it is for tables, and names none.
    pub(super) fits_no_table: bool,
    /// What it lets in, the most recently mapped first.
    pub(super) profiles: Vec<Profile>,
    pub(super) advertises_all: bool,
}

/// An authentication profile of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Profile {
    pub(super) scheme: AuthScheme,
    /// `sys_id` of the parameter that a key must come in.
    pub(super) parameter: String,
}

/// Where a request carries an API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyParameter {
    /// `sys_token_auth_parameter.sys_id`.
    pub sys_id: String,
    /// Name of the header or of the query parameter.
    pub name: String,
    /// Whether it is a query parameter.
    pub in_query: bool,
    /// What stands in front of the key; usually nothing.
    pub prefix: String,
}

/// An API key, active or not.
#[derive(Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its name.
    pub name: String,
    /// User name of whom its bearer is.
    pub user_name: String,
    /// `api_key.active`.
    pub active: bool,
    /// UNIX time at which it expires.
    pub expires: Option<Duration>,
    pub(super) digest: Digest,
}

impl AccessPolicy {
    /// Whether it lets in callers who show who they are like this.
    #[must_use]
    pub fn lets_in(&self, scheme: AuthScheme, parameter: Option<&str>) -> bool {
        self.profiles.iter().any(|profile| {
            profile.scheme == scheme
                && (scheme != AuthScheme::ApiKey
                    || parameter.is_none_or(|parameter| profile.parameter == parameter))
        })
    }

    /// The schemes of `WWW-Authenticate`, in capital letters: the most recently mapped one, or each
    /// (wire-failures 1.1). That keys and certificates have no challenge is *assumed*.
    #[must_use]
    pub fn challenges(&self, all: bool) -> Vec<&'static str> {
        let mut challenges = Vec::new();
        for profile in &self.profiles {
            let challenge = match profile.scheme {
                AuthScheme::Basic => "BASIC",
                AuthScheme::Oauth | AuthScheme::IdToken => "BEARER",
                AuthScheme::ApiKey | AuthScheme::MutualTls => continue,
            };
            if !challenges.contains(&challenge) {
                challenges.push(challenge);
            }
        }
        if !all && !self.advertises_all {
            challenges.truncate(1);
        }
        challenges
    }

    /// 1 for the most specific, 9 for the least (API access policy prioritization), times ten.
    pub(super) const fn rank(&self) -> u8 {
        if self.api.is_none() {
            return if self.method.is_some() { 80 } else { 90 };
        }
        match (
            self.method.is_some(),
            self.resource.is_some(),
            self.version.is_some(),
        ) {
            (true, true, true) => 10,
            (true, true, false) => 20,
            (false, true, true) => 30,
            (false, true, false) => 40,
            (true, false, true) => 50,
            (true, false, false) => 60,
            (false, false, true) => 70,
            (false, false, false) => 75,
        }
    }

    fn fits(&self, method: &Method, target: &Target) -> bool {
        let named = |(title, path): &(String, String)| {
            title.eq_ignore_ascii_case(target.api.title()) || path == target.api.path()
        };
        let method = if *method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        let version = target.version.map(|version| format!("v{version}"));
        let same = |asked: &Option<String>, found: Option<&str>| {
            asked
                .as_deref()
                .is_none_or(|asked| found.is_some_and(|found| asked.eq_ignore_ascii_case(found)))
        };
        let table = target.table.as_deref().unwrap_or_default();
        self.api.as_ref().is_none_or(named)
            && same(&self.method, Some(method.as_str()))
            && same(&self.version, version.as_deref())
            && same(&self.resource, Some(&target.resource()))
            && !(self.fits_no_table && target.api == Api::Table)
            && (self.tables.is_empty() || self.tables.contains(table))
    }
}

impl ApiAccess {
    pub(super) fn policy(&self, method: &Method, target: &Target) -> Option<&AccessPolicy> {
        if matches!(target.api, Api::Unknown | Api::OauthToken) {
            return None;
        }
        self.policies
            .iter()
            .find(|policy| policy.fits(method, target))
    }

    /// Whether it closes nothing to anybody whom an older one let in.
    pub(super) fn lets_in_all_of(&self, older: &Self) -> bool {
        let policies = self.policies.iter().all(|policy| {
            let before = older.policies.iter().find(|old| old.name == policy.name);
            match before {
                Some(before) => before
                    .profiles
                    .iter()
                    .all(|it| policy.profiles.contains(it)),
                // One that is new lets keys in where none were, or keeps others out.
                None => policy.lets_in(AuthScheme::ApiKey, None),
            }
        });
        let keys = older.keys.iter().all(|old| {
            let is_it = |key: &&ApiKey| key.digest == old.digest;
            let after = self.keys.iter().find(is_it);
            after.is_some_and(|key| key.active || !old.active)
        });
        let certificates = &self.certificates;
        let kept = |(fingerprint, user): (&String, &String)| {
            certificates.get(fingerprint).is_some_and(|now| now == user)
        };
        policies && keys && older.certificates.iter().all(kept)
    }

    /// The key that this token is, if any; takes as long for each wrong one.
    pub(super) fn key(&self, token: &str) -> Option<&ApiKey> {
        let mut found = None;
        for key in &self.keys {
            if password::matches(&key.digest.0, token) {
                found = Some(key);
            }
        }
        found
    }
}

impl Policy {
    /// The access policy that decides on calls like this one, if any does (wire-failures 3).
    #[must_use]
    pub fn access_policy(&self, method: &Method, target: &Target) -> Option<&AccessPolicy> {
        self.api_access.policy(method, target)
    }

    /// Where requests may carry an API key.
    #[must_use]
    pub fn key_parameters(&self) -> &[KeyParameter] {
        &self.api_access.parameters
    }

    /// The API key that this token is, active or not.
    #[must_use]
    pub fn api_key(&self, token: &str) -> Option<&ApiKey> {
        self.api_access.key(token)
    }

    /// The user whom the certificate with this fingerprint stands for.
    #[must_use]
    pub fn user_of_certificate(&self, fingerprint: &str) -> Option<&User> {
        self.user(self.api_access.certificates.get(fingerprint)?)
    }

    /// `glide.security.response.authenticate.header.auth_profile.first_scheme_only`: whether a
    /// refusal advertises one scheme of an access policy alone. Default true (wire-failures 1.1).
    #[must_use]
    pub fn advertises_one_scheme(&self) -> bool {
        let name = "glide.security.response.authenticate.header.auth_profile.first_scheme_only";
        self.property(name)
            .is_none_or(|value| !value.trim().eq_ignore_ascii_case("false"))
    }
}
