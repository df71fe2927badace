//! What can be set up: plain data, read from scenario and instance files.
//!
//! Every field is optional, so that the same types serve as a whole set-up and as a variant's
//! patch. A missing field means the default that its doc comment states.

use std::collections::HashMap;
use std::fmt;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::duration::ScaledDuration;

mod access_control;
mod api_access;
mod certificate;
mod clock;
mod dictionary;
mod expect_continue;
mod gateway;
mod given;
mod handshake;
mod ip_access;
mod malformation;
mod missing_api;
mod mutual_tls;
mod oauth_client;
mod oidc_provider;
mod people;
mod plain_http;
mod port;
mod proxy;
mod query_time;
mod rate_rule;
mod redirects;
mod rows;
mod semaphores;
mod session_queue;
mod state;
mod step;
mod stream_end;
mod switches;

pub use access_control::{AclSetup, Denial, Operation};
pub use api_access::{ApiAccessPolicySetup, ApiKeySetup, AuthScheme};
pub use certificate::Certificate;
pub use clock::ClockSetup;
pub use dictionary::{
    ColumnDefinition, DictionaryError, TableDefinition, is_field_type, ships_column, ships_table,
};
pub use expect_continue::ExpectContinue;
pub use gateway::Gateway;
pub use given::Given;
pub use handshake::Handshake;
pub use ip_access::{IpRangeKind, IpRangeSetup};
pub use malformation::{HeadPlace, Malformation};
pub use missing_api::MissingApi;
pub use mutual_tls::{ClientCertificateSetup, GivenCertificate, MutualTls};
pub use oauth_client::{Grant, Issued, OauthClientSetup, ScopeRestriction, TokenState};
pub use oidc_provider::OidcProviderSetup;
pub use people::{GroupSetup, Mfa, Password, UserSetup};
pub use plain_http::PlainHttp;
pub use port::Port;
pub use proxy::{Proxy, ProxyCredentials};
pub use query_time::QueryTimeSetup;
pub use rate_rule::RateRuleSetup;
pub use redirects::{NoRedirect, RedirectStatus, RedirectTo, Redirects};
pub use rows::Rows;
pub use semaphores::SemaphoreSetup;
pub use session_queue::SessionQueueSetup;
pub use state::InstanceState;
pub use step::{
    Action, DeleteRecords, Drip, HangUp, HangUpManner, InsertRecords, Lasting, Moment,
    NamedAccessPolicy, NamedRateRule, RawResponse, Stall, Step, Trigger, Truncate, UpdateRecords,
    UserRole,
};
pub use stream_end::{EndStream, StreamEnd, StreamReason};
pub use switches::{
    AggregateRows, AttachmentChallenge, AttachmentLocation, BatchCounts, CancelledQuery,
    CancelledWrite, ClosedFields, ClosedWrites, DeniedWrite, EmptyChoice, ErrorKeys,
    HibernationAnswer, InvalidQuery, IpRefusal, LatestVersion, LinkHeader, LostSession, MfaCodes,
    OfflineStatus, PageWithoutSession, ReferenceShape, RetryAfterForm, ServerHeader, Switches,
    TokenErrors, UnauthenticatedMessage, UnknownApi, UnnamedForm, UserToken, WebServiceRoles,
};

/// Everything one simulator needs: its instances and what happens to them when.
#[derive(Clone, Default)]
pub struct Setup {
    /// The instances by name; a scenario's own is called `main`.
    pub instances: IndexMap<String, InstanceSetup>,
    /// The steps by name, in the order in which they are tried.
    pub steps: IndexMap<String, Step>,
    /// The password each user was given, by user name. Never written anywhere.
    pub passwords: HashMap<String, String>,
    /// The rows a caller asks for at a time: the unit of `rows: 3 pages`. Default 100.
    pub page_size: Option<u32>,
    /// What the caller was given to show to the proxy. Default: nothing.
    pub proxy_credentials: Option<ProxyCredentials>,
    /// What the caller was given beforehand: client, tokens, keys.
    pub given: Given,
    /// Seeds everything that looks random, so that a run can be repeated.
    pub seed: u64,
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup")
            .field("instances", &self.instances)
            .field("steps", &self.steps)
            .field(
                "passwords",
                &format_args!("<{} secrets>", self.passwords.len()),
            )
            .field("page_size", &self.page_size)
            .field("proxy_credentials", &self.proxy_credentials)
            .field("given", &self.given)
            .field("seed", &self.seed)
            .finish()
    }
}

/// One instance before the first request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstanceSetup {
    /// Whether the instance is awake. Default `awake`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<InstanceState>,
    /// The certificate its port presents. Default `valid`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
    /// Tables to fill, by name. A table that is not named holds its demo rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tables: Option<IndexMap<String, TableSetup>>,
    /// Users by user name, beside the administrator `admin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<IndexMap<String, UserSetup>>,
    /// Groups by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<IndexMap<String, GroupSetup>>,
    /// Access controls by a name of your choice. One for the same table and operation replaces
    /// the one the instance ships with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acls: Option<IndexMap<String, AclSetup>>,
    /// Ranges of addresses to deny or allow, by a name of your choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_access: Option<IndexMap<String, IpRangeSetup>>,
    /// Rate limit rules by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_rules: Option<IndexMap<String, RateRuleSetup>>,
    /// System properties (`sys_properties`) by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub properties: Option<IndexMap<String, String>>,
    /// Wordings and behaviours on which the facts disagree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub switches: Option<Switches>,
    /// How the forward proxy before it treats calls. Default: there is no proxy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Proxy>,
    /// What its port does with whoever connects. Default `open`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<Port>,
    /// APIs that are not there, as when the plugin that brings them is inactive. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_apis: Option<Vec<MissingApi>>,
    /// Rows that a list can return before it has run longer than the execution quota allows (60 s
    /// for the Table API, wire-failures 5.3): rows stand for time here, and take it where
    /// `query_time` says so. Default: no list takes that long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_quota: Option<Rows>,
    /// The pool on which API requests run. Default: there is room for everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub semaphores: Option<SemaphoreSetup>,
    /// What a caller without TLS meets, where somebody listens for one. Default `serve`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plain_http: Option<PlainHttp>,
    /// Tables on which a script throws whenever they are called. Default none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken_tables: Option<Vec<String>>,
    /// Tables of its own by name, and columns of its own in other tables. At most 500 tables and
    /// 3,000 columns. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dictionary: Option<IndexMap<String, TableDefinition>>,
    /// OAuth applications by name. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oauth_clients: Option<IndexMap<String, OauthClientSetup>>,
    /// How long failed logins lock an account out. Default: the minutes of the property
    /// `glide.user.unlock_timeout_in_mins`, or 15 (wire-failures 1.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlock_after: Option<ScaledDuration>,
    /// REST API keys by name. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_keys: Option<IndexMap<String, ApiKeySetup>>,
    /// REST API access policies by name. Default: none, and every scheme but API keys is let in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_access_policies: Option<IndexMap<String, ApiAccessPolicySetup>>,
    /// Whether the edge asks for a client certificate. Default `off`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mutual_tls: Option<MutualTls>,
    /// Certificates that stand for users, by name. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_certificates: Option<IndexMap<String, ClientCertificateSetup>>,
    /// What the certificate is like that the caller was given. Default `valid`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_certificate: Option<GivenCertificate>,
    /// OpenID Connect providers whose ID tokens are taken, by name. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oidc_providers: Option<IndexMap<String, OidcProviderSetup>>,
    /// Where the edge sends every request on to. Default: nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirects: Option<Redirects>,
    /// What the edge does with `Expect: 100-continue`. Default `met`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect_continue: Option<ExpectContinue>,
    /// Whether its port offers HTTP/2 in the handshake. Default false: a real one was seen to choose
    /// HTTP/1.1 (wire-failures 1.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http2: Option<bool>,
    /// Certificates by the name that a handshake asks for (SNI), in lower case, where another than
    /// `certificate` is presented for it; each covers that name alone. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificates_by_name: Option<IndexMap<String, Certificate>>,
    /// How its port answers a TLS handshake. Default `complete`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handshake: Option<Handshake>,
    /// What a gateway of the customer's own lets through. Default: there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway: Option<Gateway>,
    /// How long it takes to wake up once its owner signed in to the developer site. Default 3m
    /// (wire-failures 6.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wakes_in: Option<ScaledDuration>,
    /// What it takes for the time. Default: the true one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockSetup>,
    /// The queue of each session, which runs one transaction at a time. Default: there is none, and
    /// sessions run any number at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_queue: Option<SessionQueueSetup>,
    /// How long lists take, where `query_quota` is set. Default: no time, whatever they return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_time: Option<QueryTimeSetup>,
    /// Writes that a batch has time for before it has run longer than its execution quota allows
    /// (30 s, wire-failures 5.3): writes stand for time here, as the synchronous business rules of a
    /// table have each take some. Default: there is time for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_quota: Option<u32>,
}

/// How a table is filled.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableSetup {
    /// How many rows: a number, or pages of the caller's page size (`3 pages`, `2.5 pages`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Rows>,
    /// Columns to set; a list is dealt out row by row, over and over. Of `sys_id` it names one for
    /// each row that is added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<IndexMap<String, Vec<String>>>,
    /// Whether web services may reach the table (`sys_db_object.ws_access`, "Allow access to this
    /// table via web services"). Default true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web_service_access: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_of_a_setup_hides_passwords() {
        let setup = Setup {
            passwords: [("sync.user".into(), "hunter2".into())].into(),
            ..Setup::default()
        };
        assert!(!format!("{setup:?}").contains("hunter2"));
    }
}
