//! What can be set up: plain data, read from scenario and instance files.
//!
//! Every field is optional, so that the same types serve as a whole set-up and as a variant's
//! patch. A missing field means the default that its doc comment states.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::duration::ScaledDuration;

mod step;

pub use step::{
    Action, DeleteRecords, HangUp, HangUpManner, InsertRecords, Moment, NamedRateRule, RawResponse,
    Stall, Step, Trigger, UpdateRecords, UserRole,
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
    /// Rate limit rules by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_rules: Option<IndexMap<String, RateRuleSetup>>,
    /// System properties (`sys_properties`) by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub properties: Option<IndexMap<String, String>>,
    /// Wordings and behaviours on which the facts disagree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub switches: Option<Switches>,
}

/// The life of an instance as a caller meets it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InstanceState {
    /// Requests reach the application.
    #[default]
    Awake,
    /// A sleeping developer instance: the edge answers every path with one page, status 200.
    Hibernating,
}

/// What the port presents in the TLS handshake.
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
)]
#[serde(rename_all = "snake_case")]
pub enum Certificate {
    /// Issued by the run's CA for this host, in force.
    #[default]
    Valid,
    /// As `valid`, but its last day was two days ago.
    Expired,
    /// Its own issuer: no CA vouches for it.
    SelfSigned,
    /// Issued by the run's CA for another host.
    WrongHost,
}

/// How a table is filled.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableSetup {
    /// How many rows: a number, or pages of the caller's page size (`3 pages`, `2.5 pages`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Rows>,
    /// Columns to set; a list is dealt out row by row, over and over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<IndexMap<String, Vec<String>>>,
}

/// A number of rows, absolute or in pages.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rows {
    /// So many rows.
    Count(u32),
    /// So many pages of the caller's page size, rounded to whole rows.
    Pages(f64),
}

impl Rows {
    /// The number of rows when a page holds `page_size`.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bounded by MAX_PAGES * u32 and never negative"
    )]
    pub fn count(self, page_size: u32) -> u32 {
        match self {
            Self::Count(rows) => rows,
            Self::Pages(pages) => (pages * f64::from(page_size)).round() as u32,
        }
    }

    const MAX_PAGES: f64 = 100_000.0;

    fn read_pages(text: &str) -> Option<Self> {
        let number = text
            .strip_suffix("pages")
            .or_else(|| text.strip_suffix("page"))?;
        let pages: f64 = number.trim().parse().ok()?;
        (pages.is_finite() && (0.0..=Self::MAX_PAGES).contains(&pages))
            .then_some(Self::Pages(pages))
    }
}

impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(rows) => serializer.serialize_u32(*rows),
            Self::Pages(pages) => serializer.collect_str(&format_args!("{pages} pages")),
        }
    }
}

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RowsVisitor;

        impl serde::de::Visitor<'_> for RowsVisitor {
            type Value = Rows;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of rows, or pages such as `3 pages`")
            }

            fn visit_u64<E: serde::de::Error>(self, rows: u64) -> Result<Rows, E> {
                u32::try_from(rows).map(Rows::Count).map_err(E::custom)
            }

            fn visit_i64<E: serde::de::Error>(self, rows: i64) -> Result<Rows, E> {
                u32::try_from(rows).map(Rows::Count).map_err(E::custom)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Rows, E> {
                Rows::read_pages(text.trim()).ok_or_else(|| {
                    E::custom(format_args!(
                        "`{text}` is neither a number of rows nor pages such as `3 pages`"
                    ))
                })
            }
        }

        deserializer.deserialize_any(RowsVisitor)
    }
}

impl JsonSchema for Rows {
    fn schema_name() -> Cow<'static, str> {
        "Rows".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number of rows, or pages of the caller's page size.",
            "oneOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "string", "pattern": "^[0-9]+(\\.[0-9]+)? pages?$" },
            ],
        })
    }
}

/// A user of the instance (`sys_user`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserSetup {
    /// Roles held directly (`sys_user_has_role`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// Groups the user is a member of (`sys_user_grmember`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
    /// Whether the account is active. Default true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Whether the account is locked out. Default false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked_out: Option<bool>,
    /// Which password the instance knows for this user. Default `given`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
    /// The user's time zone, for display values. Default `UTC`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// Which password the instance knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Password {
    /// The one the caller was given.
    #[default]
    Given,
    /// Another one: the caller's is wrong or outdated.
    Another,
}

/// A group of users (`sys_user_group`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupSetup {
    /// Roles every member inherits (`sys_group_has_role`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
}

/// An access control (`sys_security_acl`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AclSetup {
    /// The table it guards; its child classes too, unless they have their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The operation it guards. Default `read`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
    /// Any one of these roles opens it; none listed means that no role is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// An encoded query that a record must match; without one every record does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// How a list answers when the roles are missing. Default: `refuse` for platform tables
    /// (`sys_*`), `hide` for all others, as measured (wire-core 2.5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denial: Option<Denial>,
}

/// What is done to a record.
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
)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// It is read.
    #[default]
    Read,
    /// It is inserted.
    Create,
    /// It is changed.
    Write,
    /// It is deleted.
    Delete,
}

/// How a list answers a caller who may not read the table. Both forms are observed; what decides
/// between them on a real instance is not documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Denial {
    /// 403 with the envelope `Insufficient rights to query records`.
    Refuse,
    /// 200 with no rows, and an `X-Total-Count` that counts them all.
    Hide,
}

/// A rate limit rule (`sys_rate_limit_rules`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateRuleSetup {
    /// Requests allowed in one window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Length of the fixed window; at least 2 s effective. Default `1h as 3s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<ScaledDuration>,
    /// The only user it binds. Wins over `role`; default: everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The role whose holders it binds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The REST API it counts, by its title. Default `Table API`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
}

/// Named choices where public evidence disagrees. The first variant of each is the default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Switches {
    /// The message of a 401. Default `user_not_authenticated`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unauthenticated_message: Option<UnauthenticatedMessage>,
    /// Status of an unknown API path. Default `bad_request` (400).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_api: Option<UnknownApi>,
    /// What an invalid part of a query does. Default `ignored`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invalid_query: Option<InvalidQuery>,
    /// Order of the keys inside `error`. Default `message_first`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_keys: Option<ErrorKeys>,
    /// The `Server` header of answers made by the application. Default `snow_adc`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_header: Option<ServerHeader>,
}

/// The two spellings of the 401 message seen in the wild (wire-failures 1.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnauthenticatedMessage {
    /// `User Not Authenticated`.
    #[default]
    UserNotAuthenticated,
    /// `User is not authenticated`.
    UserIsNotAuthenticated,
}

/// `Requested URI does not represent any resource`: documented as 400, seen as 404 (wire-core 2.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownApi {
    /// Status 400.
    #[default]
    BadRequest,
    /// Status 404.
    NotFound,
}

/// The three regimes for an invalid query term (wire-core 3.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvalidQuery {
    /// The term is ignored and the rest decides, so the answer widens.
    #[default]
    Ignored,
    /// `glide.invalid_query.returns_no_rows=true`: 200 and no rows.
    NoRows,
    /// 403 `Insufficient rights to query records`.
    Refused,
}

/// Key order inside `error`; it must not matter to a caller (wire-core 0).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKeys {
    /// `message`, then `detail` (2023 and later).
    #[default]
    MessageFirst,
    /// `detail`, then `message` (2021).
    DetailFirst,
}

/// Who signs an application answer (wire-core 1.2, wire-failures 0.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServerHeader {
    /// `Server: snow_adc` (2026).
    #[default]
    SnowAdc,
    /// `Server: ServiceNow` (through 2024).
    ServiceNow,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_count_in_pages_of_the_caller() {
        let rows: Rows = serde_json::from_str("\"2.5 pages\"").unwrap();
        assert_eq!(rows.count(100), 250);
        assert_eq!(serde_json::to_string(&rows).unwrap(), "\"2.5 pages\"");
        assert_eq!(serde_json::from_str::<Rows>("7").unwrap().count(100), 7);
    }

    #[test]
    fn rows_refuse_what_is_not_a_number_of_rows() {
        for text in [
            "-1",
            "\"many\"",
            "\"-1 pages\"",
            "\"NaN pages\"",
            "1e12",
            "true",
        ] {
            assert!(serde_json::from_str::<Rows>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn debug_output_of_a_setup_hides_passwords() {
        let setup = Setup {
            passwords: [("sync.user".into(), "hunter2".into())].into(),
            ..Setup::default()
        };
        assert!(!format!("{setup:?}").contains("hunter2"));
    }
}
