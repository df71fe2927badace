//! The compiled policy: users, roles, access controls and rate rules, as stages read them.
//!
//! Settings are records of the store. Every committed write to one of [`SETTINGS`] recompiles an
//! immutable, versioned [`Policy`]; the next request is decided by it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::duration::ScaledDuration;
use crate::setup::{Operation, WebServiceRoles};
use crate::store::records::password;
use crate::store::text::fold;
use crate::store::{Store, StoreError};

mod access;
pub(crate) mod api_access;
mod authenticator;
mod compile;
mod compile_oauth;
mod difference;
mod fields;
mod ip_ranges;
mod lockout;
mod oauth;
mod oidc;
mod shown_password;

use access::Controls;
use api_access::ApiAccess;
pub use api_access::{AccessPolicy, ApiKey, KeyParameter};
use authenticator::Authenticator;
pub(crate) use authenticator::{AUTHENTICATOR_STEP, is_secret};
pub(crate) use difference::Setting;
use ip_ranges::IpRanges;
use lockout::Lockout;
pub(crate) use lockout::{LOCKS, LOCKS_FOR_A_TIME};
use oauth::Clients;
pub use oauth::{Assertions, OauthClient};
pub use oidc::OidcProvider;
pub use shown_password::ShownPassword;

/// The tables a policy is compiled from.
pub const SETTINGS: &[&str] = &[
    "sys_user",
    "sys_user_role",
    "sys_user_role_contains",
    "sys_user_has_role",
    "sys_user_grmember",
    "sys_group_has_role",
    "sys_security_acl",
    "sys_security_acl_role",
    "sys_rate_limit_rules",
    "sys_properties",
    "sys_db_object",
    "ip_access",
    "oauth_entity",
    "oauth_jwt",
    "oauth_entity_profile",
    "oauth_entity_scope",
    "jwt_verifier_map",
    "sys_certificate",
    "sys_api_access_policy",
    "inbound_auth_profile",
    "std_http_auth",
    "http_key_auth",
    "sys_token_auth_parameter",
    "sys_auth_profile_mapping",
    "api_key",
    "sys_user_certificate",
    "oidc_provider_configuration",
    "sysevent_script_action",
];

/// What the instance's settings amount to, at one version of them.
#[derive(Debug, Default)]
pub struct Policy {
    /// Counts compilations of this instance from 1.
    pub version: u64,
    /// By folded user name.
    users: HashMap<String, Account>,
    controls: Controls,
    ip_ranges: IpRanges,
    rate_rules: Vec<BoundRule>,
    properties: HashMap<String, String>,
    oauth_clients: Clients,
    api_access: ApiAccess,
    oidc_providers: Vec<OidcProvider>,
    lockout: Lockout,
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
    /// Whether the password has expired (`sys_user.u_password_expired`).
    pub password_expired: bool,
    /// `sys_user.password_needs_reset`.
    pub password_needs_reset: bool,
    /// Whether a code must follow the password (`sys_user.enable_multifactor_authn`).
    pub mfa_required: bool,
    /// `sys_user.web_service_access_only`: the user signs in to no page.
    pub web_service_access_only: bool,
    /// Every role, direct, by group and contained.
    pub roles: Arc<BTreeSet<String>>,
    /// IANA name of the time zone of display values and queries.
    pub time_zone: String,
    /// `sys_user.date_format`, such as `dd/MM/yyyy`; empty where the instance's holds.
    pub date_format: String,
    /// `sys_user.time_format`, such as `hh:mm:ss a`; empty where the instance's holds.
    pub time_format: String,
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
    /// IANA name of the time zone of display values and queries.
    pub time_zone: String,
}

/// What an identity may do with a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// It may, for rows that match at least one of these encoded queries.
    Granted {
        /// Row conditions of the access controls that let it pass; empty means all rows.
        row_conditions: Vec<String>,
    },
    /// It may not, and is told so with a 403.
    Refused,
    /// It may not, and is shown an empty list with the full `X-Total-Count`.
    Hidden,
}

impl Access {
    /// Every row.
    pub(crate) const ALL: Self = Self::Granted {
        row_conditions: Vec::new(),
    };
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
    /// Requests that another integration with the same account makes as each window begins.
    pub neighbour: u32,
}

#[derive(Debug)]
struct Account {
    user: User,
    digest: Digest,
    /// None where the user has none, or none whose codes can be told.
    authenticator: Option<Authenticator>,
}

/// A password's salted digest, kept out of debug output.
#[derive(Clone, PartialEq, Eq)]
struct Digest(String);

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<digest>")
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct BoundRule {
    rule: RateRule,
    binds: Binds,
}

/// Whom a rate rule binds; the first form wins over the next (wire-failures 5.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Binds {
    /// The user of this `sys_id`.
    User(String),
    /// The holders of this role.
    Role(String),
    Everyone,
}

impl Policy {
    /// Compiles the settings of a store. Blocks: call it off the async workers, or from the
    /// store's listener.
    ///
    /// # Errors
    /// When the database fails.
    pub fn compile(store: &Store, version: u64) -> Result<Self, StoreError> {
        Self::compile_with(store, version, WebServiceRoles::default())
    }

    /// As [`Policy::compile`], for an instance with this switch.
    pub(crate) fn compile_with(
        store: &Store,
        version: u64,
        web_service_roles: WebServiceRoles,
    ) -> Result<Self, StoreError> {
        let schema = store.schema();
        store.read(|connection| compile::compile(connection, schema, version, web_service_roles))
    }

    /// The user of this name, compared without regard to case.
    #[must_use]
    pub fn user(&self, user_name: &str) -> Option<&User> {
        self.users
            .get(&fold(user_name))
            .map(|account| &account.user)
    }

    /// Whether this is the user's password; constant time in the password.
    #[must_use]
    pub fn password_matches(&self, user_name: &str, password: &str) -> bool {
        let account = self.users.get(&fold(user_name));
        let stored = account.map_or("", |account| &account.digest.0);
        password::matches(stored, password)
    }

    /// What an identity may do with a table. A table that does not exist is `Granted`: the API says 400.
    ///
    /// `snc_read_only` forbids every write, whatever other roles there are (wire-failures 4.4);
    /// `admin` passes everything else. For all others the most specific class with active controls for the
    /// operation decides, and after all classes the table `*`. Any one control that passes
    /// suffices, so the row conditions of several are alternatives. What is done to a table covers
    /// the classes that extend it, each by its own controls.
    #[must_use]
    pub fn access(&self, identity: &Identity, operation: Operation, table: &str) -> Access {
        self.controls.access(&identity.roles, operation, table)
    }

    /// Whether an active control of this REST API asks for roles of which the identity holds none.
    /// An API is named by its title, such as `Table API`; without controls it is open to all
    /// (wire-failures 4.1), and `admin` passes.
    #[must_use]
    pub fn api_denied(&self, identity: &Identity, api: &str) -> bool {
        self.controls.api_denied(&identity.roles, api)
    }

    /// Whether web services may reach a table (`sys_db_object.ws_access`).
    #[must_use]
    pub fn is_exposed(&self, table: &str) -> bool {
        !self.controls.unexposed.contains(table)
    }

    /// Whether IP address access control denies an address: a range to deny holds it, and none to
    /// allow does (wire-failures 4.15).
    #[must_use]
    pub fn address_denied(&self, address: std::net::IpAddr) -> bool {
        self.ip_ranges.deny(address)
    }

    /// `glide.authenticate.api.user.reset_password.mandatory`: whether a password that needs a
    /// reset is refused by the API. Default false (wire-failures 1.2).
    #[must_use]
    pub fn reset_is_mandatory(&self) -> bool {
        self.property("glide.authenticate.api.user.reset_password.mandatory")
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
    }

    /// The rule that binds this identity's calls to this API, if any: user before role before all,
    /// the lowest limit of several (wire-failures 5.1).
    #[must_use]
    pub fn rate_rule(&self, identity: &Identity, api: &str) -> Option<&RateRule> {
        let rank = |bound: &&BoundRule| match &bound.binds {
            Binds::User(user) => (*user == identity.sys_id).then_some(0),
            Binds::Role(role) => identity.roles.contains(role).then_some(1),
            Binds::Everyone => Some(2),
        };
        self.rate_rules
            .iter()
            .filter(|bound| bound.rule.api == api)
            .filter_map(|bound| Some((rank(&bound)?, bound.rule.limit, bound)))
            .min_by_key(|(rank, limit, _)| (*rank, *limit))
            .map(|(_, _, bound)| &bound.rule)
    }

    /// The value of a system property.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&str> {
        self.properties.get(name).map(String::as_str)
    }
}

impl From<&User> for Identity {
    fn from(user: &User) -> Self {
        Self {
            sys_id: user.sys_id.clone(),
            user_name: user.user_name.clone(),
            roles: user.roles.clone(),
            time_zone: user.time_zone.clone(),
        }
    }
}
