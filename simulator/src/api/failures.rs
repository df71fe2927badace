//! Errors of the REST APIs in ServiceNow's words (wire-core 2.1, wire-failures 4).

use std::fmt::Display;

use http::StatusCode;

use crate::journal::Condition;
use crate::reply::Reply;
use crate::setup::{DeniedWrite, ErrorKeys, Operation, Switches, UnknownApi};
use crate::store::StoreError;

/// Makes error answers in the wording the switches choose.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failures {
    keys: ErrorKeys,
    unknown_api: UnknownApi,
    denied_write: DeniedWrite,
}

/// Why a call ends without the answer it asked for.
pub(super) enum Failed {
    /// This is the answer instead.
    Reply(Box<Reply>),
    /// The simulator's own database failed.
    Store(StoreError),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<Reply> for Failed {
    fn from(reply: Reply) -> Self {
        Self::Reply(Box::new(reply))
    }
}

/// The message of a cancelled query, word for word (wire-failures 5.3).
pub(crate) const CANCELLED: &str = "Transaction cancelled: maximum execution time exceeded";

const INSUFFICIENT: &str = "Insufficient rights to query records";
const CLOSED_FIELD: &str = "Field(s) present in the query do not have permission to be read";

impl Failures {
    pub(super) fn new(switches: &Switches) -> Self {
        Self {
            keys: switches.error_keys.unwrap_or_default(),
            unknown_api: switches.unknown_api.unwrap_or_default(),
            denied_write: switches.denied_write.unwrap_or_default(),
        }
    }

    fn failure(
        self,
        status: StatusCode,
        message: &str,
        detail: Option<&str>,
        condition: Condition,
        reason: impl Into<String>,
    ) -> Reply {
        Reply::failure(status, message, detail, self.keys, condition, reason)
    }

    pub(super) fn unknown_api(self, asked: &str) -> Reply {
        let status = match self.unknown_api {
            UnknownApi::BadRequest => StatusCode::BAD_REQUEST,
            UnknownApi::NotFound => StatusCode::NOT_FOUND,
        };
        let message = "Requested URI does not represent any resource";
        let reason = format!("no API at `{asked}`");
        self.failure(status, message, None, Condition::UnknownApi, reason)
    }

    pub(super) fn invalid_table(self, table: &str) -> Reply {
        self.failure(
            StatusCode::BAD_REQUEST,
            &format!("Invalid table {table}"),
            None,
            Condition::InvalidTable,
            format!("no table `{table}`"),
        )
    }

    /// Status 200 and the error alone; what came before it is put in front by the list.
    pub(super) fn query_cancelled(self, quota: usize) -> Reply {
        let detail = format!(
            "{CANCELLED} Check logs for error trace or enable glide.rest.debug property to verify \
             REST request processing"
        );
        self.failure(
            StatusCode::OK,
            CANCELLED,
            Some(&detail),
            Condition::QueryCancelled,
            format!("the query returns more than the {quota} rows that its time allows"),
        )
    }

    /// `reason` tells an absent record from a hidden one; the answer does not.
    pub(super) fn no_record(self, condition: Condition, reason: &str) -> Reply {
        self.failure(
            StatusCode::NOT_FOUND,
            "No Record found",
            Some("Record doesn't exist or ACL restricts the record retrieval"),
            condition,
            reason,
        )
    }

    /// A table that the caller may not read. The detail is null on lists and names the table on
    /// aggregates.
    pub(super) fn table_refused(self, detail: Option<&str>) -> Reply {
        let reason = "the user's roles do not open the table";
        self.failure(
            StatusCode::FORBIDDEN,
            INSUFFICIENT,
            detail,
            Condition::TableDenied,
            reason,
        )
    }

    /// The third regime of wire-core 3.3.
    pub(super) fn query_refused(self, part: &str) -> Reply {
        self.failure(
            StatusCode::FORBIDDEN,
            INSUFFICIENT,
            Some(CLOSED_FIELD),
            Condition::InvalidRequest,
            format!("`{part}` is invalid in the query"),
        )
    }

    pub(super) fn write_refused(self, operation: Operation, table: &str) -> Reply {
        let reason = "the access controls do not let the user make this change";
        Reply::write_denied(operation, table, self.denied_write, self.keys, reason)
    }

    /// Seen for 0 (wire-failures 4.13); for a negative value *assumed*.
    pub(super) fn invalid_limit(self, value: &str) -> Reply {
        self.failure(
            StatusCode::BAD_REQUEST,
            "Invalid value given for sysparm_limit",
            Some("sysparm_limit value must be a positive integer"),
            Condition::InvalidRequest,
            format!("`sysparm_limit={value}`"),
        )
    }

    /// Message inferred, detail *assumed* (wire-core 1.6).
    pub(super) fn malformed_body(self, error: impl Display) -> Reply {
        self.failure(
            StatusCode::BAD_REQUEST,
            "Exception while reading request",
            Some("The payload is not valid JSON."),
            Condition::InvalidRequest,
            format!("the body is not valid JSON: {error}"),
        )
    }

    pub(super) fn oversize_body(self, bytes: usize, allowed: usize) -> Reply {
        self.failure(
            StatusCode::BAD_REQUEST,
            "Exception while reading request",
            Some(&format!(
                "Rejected large REST payload with content-length = {bytes} bytes. Max allowed: {allowed} bytes."
            )),
            Condition::InvalidRequest,
            "the body is larger than `glide.rest.max_content_length`",
        )
    }

    /// Seen in a client's mock only (wire-core 2.1).
    pub(super) fn no_aggregate(self) -> Reply {
        self.failure(
            StatusCode::BAD_REQUEST,
            "No request parameter for aggregate operation specified",
            Some(""),
            Condition::InvalidRequest,
            "no aggregate is asked for",
        )
    }

    /// The text is *assumed* (wire-core 8).
    pub(super) fn wrong_method(self, method: &http::Method) -> Reply {
        self.failure(
            StatusCode::METHOD_NOT_ALLOWED,
            "Method not supported",
            None,
            Condition::InvalidRequest,
            format!("`{method}` is not allowed there"),
        )
    }

    /// The text is *assumed* (wire-core 8).
    pub(super) fn not_acceptable(self, accept: &str) -> Reply {
        self.failure(
            StatusCode::NOT_ACCEPTABLE,
            "Unsupported Accept media type",
            None,
            Condition::InvalidRequest,
            format!("`Accept: {accept}`"),
        )
    }

    /// The text is *assumed* (wire-core 8).
    pub(super) fn unsupported_body(self, content_type: &str) -> Reply {
        self.failure(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Unsupported media type",
            None,
            Condition::InvalidRequest,
            format!("`Content-Type: {content_type}`"),
        )
    }

    pub(super) fn store(self, error: &StoreError) -> Reply {
        self.broken(error)
    }

    /// An unhandled exception of a script (wire-core 2.1); that `null` is what a thrown script
    /// leaves of its message is *assumed*.
    pub(super) fn script_error(self) -> Reply {
        let message = "Exception while executing request: null";
        let detail = format!(
            "{message} Check logs for error trace or enable glide.rest.debug property to verify REST request processing"
        );
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        let condition = Condition::ScriptError;
        let reason = "a script on the table throws";
        self.failure(status, message, Some(&detail), condition, reason)
    }

    /// The simulator itself failed: never the caller's fault, so the run cannot be judged.
    pub(super) fn broken(self, error: &dyn Display) -> Reply {
        let reason = format!("the simulator failed: {error}");
        let mut reply = self.script_error();
        reply.condition = None;
        reply.reason.clone_from(&reason);
        reply.unmodelled.push(reason);
        reply
    }

    /// Message as for JSON (wire-core 1.6, inferred); the detail is *assumed*.
    pub(super) fn malformed_xml(self, error: &dyn Display) -> Reply {
        self.failure(
            StatusCode::BAD_REQUEST,
            "Exception while reading request",
            Some("The payload is not valid XML."),
            Condition::InvalidRequest,
            format!("the body is not valid XML: {error}"),
        )
    }

    /// The text is *assumed* (wire-core 8).
    pub(super) fn unsupported_coding(self, coding: &str) -> Reply {
        self.failure(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Unsupported media type",
            None,
            Condition::InvalidRequest,
            format!("`Content-Encoding: {coding}`"),
        )
    }

    /// Something that must be given is missing; both texts are *assumed*.
    pub(super) fn parameters_missing(self, names: &[&str]) -> Reply {
        let names = names.join(", ");
        self.failure(
            StatusCode::BAD_REQUEST,
            "Missing mandatory parameter",
            Some(&format!("The following is required: {names}")),
            Condition::InvalidRequest,
            format!("without {names}"),
        )
    }

    /// A file that is not taken. The message is *assumed*; the detail for a missing file was seen
    /// in a client's test.
    pub(super) fn attachment_refused(self, detail: &str, why: &str) -> Reply {
        self.failure(
            StatusCode::BAD_REQUEST,
            "Failed to create the attachment",
            Some(detail),
            Condition::InvalidRequest,
            why,
        )
    }

    /// An attribute that cannot be added; both texts are *assumed*.
    pub(super) fn attribute_refused(self, why: &str) -> Reply {
        self.failure(
            StatusCode::BAD_REQUEST,
            "Failed to create the attribute",
            Some(why),
            Condition::InvalidRequest,
            why,
        )
    }

    /// An API or a table that is closed to the user (wire-core 2.1). The Email API's 403 for a
    /// missing record has the same words (wire-core 4.8, inferred).
    pub(super) fn closed(self, condition: Condition, reason: &str) -> Reply {
        self.failure(
            StatusCode::FORBIDDEN,
            "User Not Authorized",
            Some("Failed API level ACL Validation"),
            condition,
            reason,
        )
    }

    /// A class that is none of the CMDB: the status is documented (CMDB Meta API), the words are
    /// those of a missing record (*assumed*).
    pub(super) fn no_class(self, table: &str) -> Reply {
        let reason = format!("`{table}` is no class of the CMDB");
        self.no_record(Condition::InvalidTable, &reason)
    }

    /// What the caller sent made the instance throw: 500 with what was thrown (wire-core 2.1, CMDB
    /// Instance API).
    pub(super) fn thrown(self, what: &str, reason: impl Into<String>) -> Reply {
        let message = format!("Exception while executing request: {what}");
        let detail = format!(
            "{message} Check logs for error trace or enable glide.rest.debug property to verify REST request processing"
        );
        self.failure(
            StatusCode::INTERNAL_SERVER_ERROR,
            &message,
            Some(&detail),
            Condition::InvalidRequest,
            reason,
        )
    }

    /// A call that takes longer than the instance's quota rules let it (wire-core 2.1).
    pub(super) fn transaction_cancelled(self, reason: impl Into<String>) -> Reply {
        let detail = format!(
            "{CANCELLED}. Check logs for error trace or enable glide.rest.debug property to verify REST request processing"
        );
        self.failure(
            StatusCode::INTERNAL_SERVER_ERROR,
            CANCELLED,
            Some(&detail),
            Condition::QueryCancelled,
            reason,
        )
    }

    /// A body that is JSON and lacks what the API needs, or holds what it cannot take. That the
    /// detail names it is *assumed*.
    pub(super) fn unfit_body(self, detail: &str) -> Reply {
        self.failure(
            StatusCode::BAD_REQUEST,
            "Exception while reading request",
            Some(detail),
            Condition::InvalidRequest,
            detail,
        )
    }

    /// A table that exists and takes no imports. The words are seen within an import's result
    /// (the connector for IT service management of a monitoring product); that they stand alone,
    /// and the status, are *assumed*.
    pub(super) fn invalid_staging_table(self, table: &str) -> Reply {
        self.failure(
            StatusCode::BAD_REQUEST,
            "Invalid staging table",
            None,
            Condition::InvalidTable,
            format!("`{table}` does not extend `sys_import_set_row`"),
        )
    }

    /// A field that the caller may not read (wire-failures 4.3).
    pub(super) fn field_refused(self, field: &str) -> Reply {
        self.failure(
            StatusCode::FORBIDDEN,
            INSUFFICIENT,
            Some(CLOSED_FIELD),
            Condition::FieldDenied,
            format!("the user may not read `{field}`"),
        )
    }

    /// A business rule aborted the change: seen, with its status (wire-core 2.1).
    pub(super) fn aborted(self, table: &str, rule: &str, sys_id: &str) -> Reply {
        self.failure(
            StatusCode::FORBIDDEN,
            "Operation Failed",
            Some(&format!(
                "Operation against file '{table}' was aborted by Business Rule '{rule}^{sys_id}'. \
                 Business Rule Stack:{rule}"
            )),
            Condition::RuleAborted,
            format!("the business rule `{rule}` aborts it"),
        )
    }

    /// A data policy aborted the change: seen, with its status (wire-core 2.1).
    pub(super) fn against_data_policy(self, policy: &str, told: &str) -> Reply {
        self.failure(
            StatusCode::FORBIDDEN,
            "Operation Failed",
            Some(&format!("Data Policy Exception: {told}")),
            Condition::RuleAborted,
            format!("the data policy `{policy}` aborts it"),
        )
    }
}
