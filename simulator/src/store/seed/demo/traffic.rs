//! What an instance gathers as it runs: its log, e-mails, an attachment; and business rules.
//!
//! The names of the business rules are *assumed*.

use sha2::{Digest, Sha256};

use super::{id, put};
use crate::store::records::{Records, row};
use crate::store::{StoreError, attachments, hex, named_id};

/// Lines of the log: more than one page of 100.
const LOG_LINES: usize = 130;

const SOURCES: [&str; 4] = ["Scheduler", "REST", "EMAIL.Outbound", "LDAP"];

const TEXT: &[u8] = "Shop answers 502 since 10:00.\nBüro Köln: ebenso.\n".as_bytes();

/// Name, table, when, order, and whether it runs on insert, update, delete.
const RULES: [(&str, &str, &str, &str, [&str; 3]); 6] = [
    (
        "Calculate Priority",
        "task",
        "before",
        "100",
        ["true", "true", "false"],
    ),
    (
        "mark_closed",
        "task",
        "before",
        "200",
        ["false", "true", "false"],
    ),
    (
        "incident reopen",
        "incident",
        "before",
        "100",
        ["false", "true", "false"],
    ),
    (
        "Copy Attachments to Change",
        "change_request",
        "after",
        "100",
        ["true", "false", "false"],
    ),
    (
        "Update Related Incidents",
        "problem",
        "async",
        "100",
        ["false", "true", "false"],
    ),
    (
        "Cascade Location",
        "cmdb_ci",
        "after",
        "1000",
        ["false", "true", "false"],
    ),
];

pub(super) fn ship(records: &mut Records<'_>) -> Result<(), StoreError> {
    for at in 0..LOG_LINES {
        let message = match at % 10 {
            0 => format!("Job {at} failed: Verbindung zu \"ldap-1\" verloren"),
            3 => format!("Slow transaction {at}: 1.234 s"),
            _ => format!("Job {at} done"),
        };
        let level = match at % 10 {
            0 => "2",
            3 => "1",
            _ => "0",
        };
        let values = row([
            ("sys_id", id("syslog", &at.to_string()).as_str()),
            ("level", level),
            ("message", message.as_str()),
            ("source", SOURCES[at % SOURCES.len()]),
            ("sequence", format!("{at:06}").as_str()),
        ]);
        put(records, "syslog", at, &values)?;
    }
    emails(records)?;
    attachment(records)?;
    rules(records)
}

fn emails(records: &mut Records<'_>) -> Result<(), StoreError> {
    let sent = [
        (
            "sent",
            "processed",
            "sent",
            "INC0000001 opened: Cannot reach the shared drive",
        ),
        (
            "sent",
            "processed",
            "sent",
            "INC0000002: Kalender langsam (Büro Köln)",
        ),
        (
            "received",
            "processed",
            "inbox",
            "Re: INC0000002: Kalender langsam (Büro Köln)",
        ),
        ("send-ready", "ready", "outbox", "INC0000004 is on hold"),
        ("send-failed", "error", "outbox", "Your request"),
        ("received-ignored", "ignored", "junk", "Out of office"),
    ];
    let incident = id("task", "incident/Cannot reach the shared drive");
    for (at, (kind, state, mailbox, subject)) in sent.iter().enumerate() {
        let about = at < 4;
        let values = row([
            ("sys_id", id("sys_email", &at.to_string()).as_str()),
            ("type", kind),
            ("state", state),
            ("mailbox", mailbox),
            ("subject", subject),
            ("recipients", "employee@example.com"),
            ("user_id", id("sys_user", "employee").as_str()),
            ("body", "<p>Guten Tag,</p>"),
            ("body_text", "Guten Tag,"),
            ("content_type", "text/html"),
            ("target_table", if about { "incident" } else { "" }),
            ("instance", if about { incident.as_str() } else { "" }),
            (
                "error_string",
                if *state == "error" {
                    "Invalid recipient"
                } else {
                    ""
                },
            ),
        ]);
        put(records, "sys_email", at, &values)?;
    }
    Ok(())
}

fn attachment(records: &mut Records<'_>) -> Result<(), StoreError> {
    let size = TEXT.len().to_string();
    let values = row([
        ("sys_id", id("sys_attachment", "notes.txt").as_str()),
        ("file_name", "notes.txt"),
        ("content_type", "text/plain"),
        ("table_name", "incident"),
        (
            "table_sys_id",
            id("task", "incident/Shop answers 502").as_str(),
        ),
        ("size_bytes", size.as_str()),
        ("size_compressed", size.as_str()),
        ("chunk_size_bytes", "700000"),
        ("hash", hex(&Sha256::digest(TEXT)).as_str()),
        ("state", "available"),
    ]);
    let sys_id = put(records, "sys_attachment", 0, &values)?;
    attachments::keep(records, &sys_id, TEXT)?;
    Ok(())
}

/// Business rules are shipped, not demo data: they stay whatever a set-up names.
fn rules(records: &mut Records<'_>) -> Result<(), StoreError> {
    records.set_time(crate::store::seed::SHIPPED);
    for (name, table, when, order, [insert, update, delete]) in RULES {
        let values = row([
            ("sys_id", named_id(&["sys_script:", name].concat()).as_str()),
            ("name", name),
            ("collection", table),
            ("when", when),
            ("order", order),
            ("action_insert", insert),
            ("action_update", update),
            ("action_delete", delete),
        ]);
        records.insert("sys_script", &values)?;
    }
    Ok(())
}
