//! Tables that guard the instance and keep its traffic: applications, access control roles, rate
//! limit rules, journals, attachments, e-mail, the log (wire-core 4.2 and 6; columns that are not
//! named there are *assumed*).

use super::{Column, Kind, Table, boolean, child, choice, int, numbered, reference, root, text};

pub(super) static TABLES: &[Table] = &[
    root(
        "sys_package",
        "Package",
        "name",
        &[
            text("name"),
            text("source"),
            text("version"),
            boolean("active").or("true"),
            boolean("licensable"),
            boolean("trackable").or("true"),
        ],
    ),
    child(
        "sys_scope",
        "Application",
        "sys_package",
        &[
            text("scope"),
            text("short_description"),
            text("vendor"),
            boolean("private"),
            boolean("restrict_table_access"),
        ],
    ),
    root(
        "sys_glide_object",
        "Field class",
        "label",
        &[
            text("name"),
            text("label"),
            text("scalar_type"),
            int("scalar_length"),
            text("class_name"),
            boolean("visible").or("true"),
        ],
    ),
    root(
        "sys_security_acl_role",
        "Access Role",
        "sys_user_role",
        &[
            reference("sys_security_acl", "sys_security_acl"),
            reference("sys_user_role", "sys_user_role"),
        ],
    ),
    // Column names of address ranges are assumed.
    root(
        "ip_access",
        "IP Address Access Control",
        "description",
        &[
            choice("type", &[("deny", "Deny"), ("allow", "Allow")]).or("deny"),
            boolean("active").or("true"),
            text("range_start"),
            text("range_end"),
            text("description"),
        ],
    ),
    // Column names of rate limit rules are assumed; `u_window` and `u_neighbour` are the
    // simulator's own.
    root(
        "sys_rate_limit_rules",
        "Rate Limit Rule",
        "name",
        &[
            text("name"),
            boolean("active").or("true"),
            int("request_limit"),
            text("u_window"),
            reference("user", "sys_user"),
            reference("role", "sys_user_role"),
            text("api").or("Table API"),
            int("u_neighbour"),
        ],
    ),
    root(
        "sys_journal_field",
        "Journal Entry",
        "element",
        &[
            text("name"),
            text("element"),
            text("element_id"),
            text("value"),
        ],
    ),
    root(
        "sys_attachment",
        "Attachment",
        "file_name",
        &[
            text("file_name"),
            text("content_type"),
            text("table_name"),
            text("table_sys_id"),
            int("size_bytes"),
            int("size_compressed"),
            boolean("compressed").or("true"),
            int("chunk_size_bytes"),
            text("hash"),
            choice(
                "state",
                &[
                    ("pending", "Pending"),
                    ("available", "Available"),
                    ("not_available", "Not Available"),
                    ("available_conditionally", "Available Conditionally"),
                ],
            ),
            text("encryption_context"),
            text("average_image_color"),
            int("image_height"),
            int("image_width"),
        ],
    ),
    // The name of the reference is assumed.
    root(
        "sys_attachment_attribute",
        "Attachment Attribute",
        "key",
        &[
            reference("attachment", "sys_attachment"),
            text("key"),
            text("value"),
        ],
    ),
    root(
        "sys_email",
        "Email",
        "subject",
        &[
            choice(
                "type",
                &[
                    ("send-ready", "Send-ready"),
                    ("sent", "Sent"),
                    ("send-failed", "Send failed"),
                    ("send-ignored", "Send ignored"),
                    ("received", "Received"),
                    ("received-ignored", "Received ignored"),
                ],
            ),
            choice(
                "state",
                &[
                    ("ready", "Ready"),
                    ("processed", "Processed"),
                    ("ignored", "Ignored"),
                    ("error", "Error"),
                ],
            ),
            text("subject"),
            text("recipients"),
            text("copied"),
            text("blind_copied"),
            text("body"),
            text("body_text"),
            text("content_type"),
            text("headers"),
            choice(
                "importance",
                &[("low", "Low"), ("normal", "Normal"), ("high", "High")],
            ),
            text("reply_to"),
            text("target_table"),
            Column::of("instance", Kind::Text).typed("document_id"),
            choice(
                "mailbox",
                &[
                    ("inbox", "Inbox"),
                    ("outbox", "Outbox"),
                    ("sent", "Sent"),
                    ("drafts", "Drafts"),
                    ("junk", "Junk"),
                ],
            ),
            text("uid"),
            text("message_id"),
            reference("user_id", "sys_user"),
            text("error_string"),
            int("weight"),
            choice(
                "receive_type",
                &[
                    ("none", "None"),
                    ("new", "New"),
                    ("reply", "Reply"),
                    ("forward", "Forward"),
                ],
            ),
        ],
    ),
    root(
        "syslog",
        "Log Entry",
        "message",
        &[
            numbered(
                "level",
                &[
                    ("-1", "Debug"),
                    ("0", "Information"),
                    ("1", "Warning"),
                    ("2", "Error"),
                ],
            )
            .or("0"),
            text("message"),
            text("source"),
            text("sequence"),
        ],
    ),
    // A row for each deleted record. That there are these columns is observed of clients; what
    // `display_value` holds is assumed.
    root(
        "sys_audit_delete",
        "Audit Deleted Record",
        "display_value",
        &[
            text("tablename"),
            Column::of("documentkey", Kind::Text).typed("document_id"),
            text("display_value"),
        ],
    ),
    root(
        "sys_tiny_url",
        "Tiny URL",
        "tiny_url",
        &[text("tiny_url"), text("data")],
    ),
];
