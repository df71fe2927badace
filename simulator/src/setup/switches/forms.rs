//! Named choices about the form of answers and of the values in them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether references are objects with a link or plain values. Each caller asks for the one or the
/// other by `sysparm_exclude_reference_link` (wire-core 1.5); that something on the way answers
/// otherwise than was asked is *assumed*.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceShape {
    /// As the caller asks.
    #[default]
    AsAsked,
    /// With a link, whatever is asked for.
    Linked,
    /// Without one, whatever is asked for.
    Plain,
}

impl ReferenceShape {
    /// Whether links are left out, for a caller who asks for that or does not.
    #[must_use]
    pub const fn leaves_links_out(self, asked: bool) -> bool {
        match self {
            Self::AsAsked => asked,
            Self::Linked => false,
            Self::Plain => true,
        }
    }
}

/// The form of an answer to a caller who names none: no `Accept`, or an empty one. That it is JSON
/// is inferred (wire-core 1.6); clients report errors in XML (failure catalogue,
/// data-xml-error-body). That lists stay JSON where errors are XML is *assumed*.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnnamedForm {
    /// JSON.
    #[default]
    Json,
    /// JSON where the call succeeds, XML where it does not.
    XmlErrors,
}
