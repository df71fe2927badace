//! Users and groups.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// Whether the user may only call web services and never sign in to the pages. Default false;
    /// REST calls work either way (wire-failures 1.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web_service_access_only: Option<bool>,
    /// Whether the password must be reset. Default false. It matters to the API only where the
    /// property `glide.authenticate.api.user.reset_password.mandatory` is true (wire-failures 1.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_needs_reset: Option<bool>,
    /// Which password the instance knows for this user. Default `given`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
    /// The user's time zone, for display values and the days of queries. Default `UTC`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Whether Basic credentials need a code of the user's authenticator as well, appended to the
    /// password (`sys_user.enable_multifactor_authn`). Default `not_required`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfa: Option<Mfa>,
    /// The secret that the user's authenticator shares with the instance, in base32 (RFC 4648): 26
    /// characters or more. Its codes are those of RFC 6238: six digits for 30 s. Default: one that
    /// nobody is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfa_secret: Option<String>,
}

/// Whether a user needs a second factor (wire-failures 1.2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mfa {
    /// The password is enough.
    #[default]
    NotRequired,
    /// A code must follow the password.
    Required,
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
    /// The one the caller was given, which has expired.
    Expired,
    /// None: the user signs in through single sign-on alone.
    Absent,
}

/// A group of users (`sys_user_group`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupSetup {
    /// Roles of the group (`sys_group_has_role`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// Whether its members hold these roles too (`sys_group_has_role.inherits`). Default true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inherits: Option<bool>,
}
