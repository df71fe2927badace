//! The compiled policy: users, roles, access controls and rate rules, as stages read them.
//!
//! Settings are records of the store. Every committed write to one of their tables recompiles an
//! immutable, versioned [`Policy`]; the next request is decided by it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::duration::ScaledDuration;
use crate::setup::Operation;

/// What the instance's settings amount to, at one version of them.
#[derive(Debug, Default)]
pub struct Policy {
    /// Counts compilations of this instance from 1.
    pub version: u64,
}

/// A user as decisions see it.
#[derive(Debug, Clone)]
pub struct User {
    /// `sys_user.sys_id`.
    pub sys_id: String,
    /// `sys_user.user_name`.
    pub user_name: String,
    /// `sys_user.active`.
    pub active: bool,
    /// `sys_user.locked_out`.
    pub locked_out: bool,
    /// Every role, direct, by group and contained.
    pub roles: Arc<BTreeSet<String>>,
    /// IANA name of the time zone of display values.
    pub time_zone: String,
}

/// Proof that credentials were accepted. Made by the authentication stage alone.
#[derive(Debug, Clone)]
pub struct Identity {
    /// `sys_user.sys_id`.
    pub sys_id: String,
    /// `sys_user.user_name`.
    pub user_name: String,
    /// Every role.
    pub roles: Arc<BTreeSet<String>>,
    /// IANA name of the time zone of display values.
    pub time_zone: String,
}

/// What an identity may do with a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// It may, for rows that match every one of these encoded queries.
    Granted {
        /// Row conditions of the access controls that apply; empty means all rows.
        row_conditions: Vec<String>,
    },
    /// It may not, and is told so with a 403.
    Refused,
    /// It may not, and is shown an empty list with the full `X-Total-Count`.
    Hidden,
}

/// The rate limit rule that binds a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateRule {
    /// `sys_rate_limit_rules.sys_id`, sent as `X-RateLimit-Rule`.
    pub sys_id: String,
    /// Its name.
    pub name: String,
    /// Requests per window.
    pub limit: u32,
    /// Nominal and effective length of the window.
    pub window: ScaledDuration,
    /// Title of the REST API it counts, for the 429's detail.
    pub api: String,
}

impl Policy {
    /// The user of this name, compared without regard to case.
    #[must_use]
    pub fn user(&self, _user_name: &str) -> Option<&User> {
        None
    }

    /// Whether this is the user's password; constant time in the password.
    #[must_use]
    pub fn password_matches(&self, _user_name: &str, _password: &str) -> bool {
        false
    }

    /// What an identity may do with a table. A table that does not exist is `Granted`: the API says 400.
    #[must_use]
    pub fn access(&self, _identity: &Identity, _operation: Operation, _table: &str) -> Access {
        Access::Refused
    }

    /// The rule that binds this identity's calls to this API, if any: user before role before all,
    /// the lowest limit of several (wire-failures 5.1).
    #[must_use]
    pub fn rate_rule(&self, _identity: &Identity, _api: &str) -> Option<&RateRule> {
        None
    }

    /// `glide.user.max_unlock_attempts`: failed logins that lock an account. Default 5.
    #[must_use]
    pub fn max_unlock_attempts(&self) -> u32 {
        5
    }
}
