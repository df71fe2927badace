//! A gateway of the customer's own, through which everything for an instance goes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a gateway for APIs lets through to the instance. Its rules were made for other callers: it
/// compares names and knows no wildcards. That such gateways stand before instances, and all that
/// they answer, is *assumed*.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gateway {
    /// The methods that it knows, such as `GET`; others are 405. Default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub methods: Option<Vec<String>>,
    /// The media types of bodies that it takes, such as `application/xml`; others are 415.
    /// Default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bodies: Option<Vec<String>>,
    /// The media types of which `Accept` must name one; without, a request is 406. Default: no
    /// `Accept` is looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepts: Option<Vec<String>>,
}
