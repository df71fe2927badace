//! The Email API: `/api/now/email` (wire-core 4.8). Nothing is ever sent.

use http::{Method, StatusCode};
use serde_json::json;

use super::Owned;
use super::failures::Failed;
use super::opened;
use super::query_string::Parameters;
use super::reading;
use crate::fidelity::{Behaviour, Standing};
use crate::journal::Condition;
use crate::reply::Reply;
use crate::setup::Operation;

mod message;

use message::Message;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour {
        what: "POST keeps the message in `sys_email` as `send-ready` and `ready`, and answers 200 with its id and the links `self` and `status`",
        standing: Standing::Documented,
        source: "Email API; wire-core 4.8",
    },
    Behaviour {
        what: "POST asks for the role `email_api_send`, and for the right to create in `sys_email`",
        standing: Standing::Documented,
        source: "Email API",
    },
    Behaviour {
        what: "links begin with `/now/vN`, v1 where the request names no version",
        standing: Standing::Documented,
        source: "Email API, sample",
    },
    Behaviour {
        what: "`to` is required; `to`, `cc` and `bcc` hold 100 addresses at most; `table_name` and `table_record_id` need each other",
        standing: Standing::Documented,
        source: "Email API",
    },
    Behaviour {
        what: "what breaks that is 400 `Exception while reading request`, with a detail that names the field",
        standing: Standing::Assumed,
        source: "Email API says 400 without words",
    },
    Behaviour {
        what: "GET shows the fields of the sample, or those of `sysparm_fields`; an empty `cc` is a list of one empty text",
        standing: Standing::Documented,
        source: "Email API; wire-core 4.8",
    },
    Behaviour {
        what: "`error` is shown where `sysparm_fields` asks for it; unknown fields are left out",
        standing: Standing::Assumed,
        source: "Email API names it in the link `status` alone",
    },
    Behaviour {
        what: "403 where the role or the right is missing, and where there is no such message or related record",
        standing: Standing::Documented,
        source: "Email API; wire-core 4.8",
    },
    Behaviour {
        what: "the words of that 403 are `User Not Authorized`, `Failed API level ACL Validation`",
        standing: Standing::Assumed,
        source: "wire-core 4.8, inferred",
    },
    Behaviour {
        what: "holders of `email_api_send` may read and create in `sys_email`; others see no row of it",
        standing: Standing::Assumed,
        source: "Email API names the role alone",
    },
    Behaviour {
        what: "nothing is sent: a message stays `send-ready` until a record change says otherwise",
        standing: Standing::Assumed,
        source: "an instance sends within minutes",
    },
];

const TABLE: &str = "sys_email";

/// The fields of an answer and the columns they stand for, in the order of wire-core 4.8.
const FIELDS: [(&str, &str); 12] = [
    ("id", "sys_id"),
    ("type", "type"),
    ("state", "state"),
    ("subject", "subject"),
    ("to", "recipients"),
    ("cc", "copied"),
    ("bcc", "blind_copied"),
    ("html", "body"),
    ("text", "body_text"),
    ("importance", "importance"),
    ("headers", "headers"),
    ("error", "error_string"),
];

pub(super) fn answer(call: &Owned) -> Result<Reply, Failed> {
    call.check_sound(TABLE)?;
    match (&call.method, call.target.sys_id.as_deref()) {
        (&Method::POST, None) => create(call),
        (&Method::GET | &Method::HEAD, Some(id)) => show(call, id),
        (method, _) => Err(call.failures.wrong_method(method).into()),
    }
}

fn create(call: &Owned) -> Result<Reply, Failed> {
    let roles = &call.identity.roles;
    if !roles.contains("email_api_send") && !roles.contains("admin") {
        return Err(call
            .failures
            .closed(Condition::ApiDenied, "`email_api_send` is missing")
            .into());
    }
    let creatable = call.access_to(Operation::Create, TABLE);
    let message = Message::read(call)?;
    if let Some((table, record)) = &message.related {
        related(call, table, record)?;
    }
    let values = message.values(call);
    let id = call.store.write(&call.author(), |records| {
        let id = records.insert(TABLE, &values)?;
        let class = records.schema().known(TABLE)?;
        match opened::is_covered(records.connection, call, class, &creatable, &id)? {
            true => Ok(id),
            false => Err(Failed::from(
                call.failures
                    .closed(Condition::WriteDenied, "access controls close `sys_email`"),
            )),
        }
    })?;
    let version = call.target.version.unwrap_or(1);
    let own = format!("/now/v{version}/email/{id}");
    let status = format!("{own}?sysparm_fields=id,type,state,error");
    let links = json!([{"rel": "self", "href": own}, {"rel": "status", "href": status}]);
    Ok(Reply::json(
        StatusCode::OK,
        &json!({"result": {"id": id, "links": links}}),
    ))
}

/// The record that the message is about must be there for the caller.
fn related(call: &Owned, table: &str, record: &str) -> Result<(), Failed> {
    let Some(class) = call.store.schema().class(table) else {
        return Err(call.failures.invalid_table(table).into());
    };
    let access = call.access_to(Operation::Read, table);
    let open = call
        .store
        .read(|connection| opened::is_covered(connection, call, class, &access, record))?;
    match open {
        true => Ok(()),
        false => Err(call
            .failures
            .closed(Condition::RecordNotFound, "there is no such related record")
            .into()),
    }
}

fn show(call: &Owned, id: &str) -> Result<Reply, Failed> {
    let class = call.store.schema().known(TABLE)?;
    let access = call.access_to(Operation::Read, TABLE);
    let columns: Vec<&str> = FIELDS.iter().map(|(_, column)| *column).collect();
    let all = format!("sysparm_fields={}", columns.join(","));
    let found = call.store.read(|connection| {
        reading::record(
            connection,
            call,
            class,
            &access,
            id,
            &Parameters::read(&all),
        )
    })?;
    let Some((shown, row)) = found.filter(|(_, row)| row.visible) else {
        let reason = "there is no such message for the caller";
        return Err(call
            .failures
            .closed(Condition::RecordNotFound, reason)
            .into());
    };
    let value = |column: &str| {
        let mut pairs = shown.iter().zip(row.values.iter());
        let named = pairs.find(|(shown, _)| shown.key == column);
        named.map_or("", |(_, value)| value)
    };
    let parameters = Parameters::read(&call.query);
    let wanted = parameters.value("sysparm_fields").unwrap_or("");
    let wanted: Vec<&str> = wanted.split(',').map(str::trim).collect();
    let fields = FIELDS.iter().filter(|(field, _)| match wanted[..] {
        [""] => *field != "error",
        _ => wanted.contains(field),
    });
    let result: serde_json::Map<_, _> = fields
        .map(|(field, column)| ((*field).to_owned(), message::shown(field, value(column))))
        .collect();
    Ok(Reply::json(StatusCode::OK, &json!({"result": result})))
}
