//! Roles and access controls that every instance ships with.
//!
//! The denial forms are as measured (wire-core 2.5); which roles open what is simplified from the
//! shipped product and *assumed* where no measurement names it.

/// Roles, and the roles they contain.
pub(super) const ROLES: &[(&str, &[&str])] = &[
    ("admin", &[]),
    ("security_admin", &[]),
    ("user_admin", &[]),
    (
        "itil",
        &[
            "cmdb_read",
            "sn_incident_read",
            "sn_incident_write",
            "sn_problem_read",
            "sn_change_read",
        ],
    ),
    ("itil_admin", &["itil"]),
    ("cmdb_read", &[]),
    ("cmdb_write", &["cmdb_read"]),
    ("cmdb_inst_admin", &["cmdb_write"]),
    ("sn_cmdb_user", &["cmdb_read"]),
    ("sn_cmdb_editor", &["cmdb_write"]),
    ("sn_incident_read", &[]),
    ("sn_incident_write", &["sn_incident_read"]),
    ("sn_problem_read", &[]),
    ("sn_problem_write", &["sn_problem_read"]),
    ("sn_change_read", &[]),
    ("sn_change_write", &["sn_change_read"]),
    ("snc_read_only", &[]),
    ("snc_internal", &[]),
    ("snc_external", &[]),
    ("snc_platform_rest_api_access", &[]),
    ("rest_service", &[]),
    ("web_service_admin", &["rest_service"]),
    ("email_api_send", &[]),
    ("import_transformer", &[]),
    ("import_set_loader", &[]),
    ("asset", &[]),
    ("catalog", &[]),
    ("knowledge", &[]),
    ("approver_user", &[]),
    ("personalize_dictionary", &[]),
    ("mid_server", &[]),
    ("discovery_admin", &[]),
    ("evt_mgmt_user", &[]),
    ("oauth_admin", &[]),
    ("api_service_admin", &[]),
    ("adaptive_auth_policy_admin", &[]),
    ("sso_config_admin", &[]),
    ("cmdb_admin", &[]),
    ("snc_required_script_writer_permission", &[]),
];

/// Operations, roles any of which opens them (none: nobody is asked for one), denial.
type Shipped = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static str,
);

const CHANGES: &[&str] = &["create", "write", "delete"];
const ALL: &[&str] = &["read", "create", "write", "delete"];
const API_ACCESS: &[&str] = &["admin", "api_service_admin", "adaptive_auth_policy_admin"];
const OAUTH: &[&str] = &["admin", "oauth_admin"];

/// Table by table. `*` stands for tables without controls of their own.
pub(super) const CONTROLS: &[Shipped] = &[
    ("*", &["read"], &[], "hide"),
    ("*", CHANGES, &["admin"], "refuse"),
    ("task", ALL, &["itil"], "hide"),
    ("incident", &["read"], &["itil", "sn_incident_read"], "hide"),
    ("incident", CHANGES, &["itil", "sn_incident_write"], "hide"),
    ("problem", &["read"], &["itil", "sn_problem_read"], "hide"),
    ("problem", CHANGES, &["itil", "sn_problem_write"], "hide"),
    (
        "change_request",
        &["read"],
        &["itil", "sn_change_read"],
        "hide",
    ),
    (
        "change_request",
        CHANGES,
        &["itil", "sn_change_write"],
        "hide",
    ),
    ("cmdb_ci", &["read"], &["itil", "cmdb_read"], "hide"),
    ("cmdb_ci", CHANGES, &["itil", "cmdb_write"], "hide"),
    ("cmdb_rel_ci", &["read"], &["itil", "cmdb_read"], "hide"),
    ("cmdb_rel_ci", CHANGES, &["itil", "cmdb_write"], "hide"),
    ("sys_user", CHANGES, &["admin", "user_admin"], "refuse"),
    (
        "sys_user_group",
        CHANGES,
        &["admin", "user_admin"],
        "refuse",
    ),
    (
        "sys_user_grmember",
        CHANGES,
        &["admin", "user_admin"],
        "refuse",
    ),
    (
        "sys_user_has_role",
        CHANGES,
        &["admin", "user_admin"],
        "refuse",
    ),
    ("sys_properties", &["read"], &["admin", "itil"], "refuse"),
    (
        "sys_security_acl",
        &["read"],
        &["admin", "security_admin"],
        "refuse",
    ),
    (
        "sys_security_acl_role",
        &["read"],
        &["admin", "security_admin"],
        "refuse",
    ),
    (
        "sys_rate_limit_rules",
        &["read"],
        &["admin", "web_service_admin"],
        "refuse",
    ),
    ("sys_script", &["read"], &["admin"], "refuse"),
    ("sys_script_client", &["read"], &["admin"], "refuse"),
    ("sys_script_include", &["read"], &["admin"], "refuse"),
    ("sysevent_script_action", ALL, &["admin"], "refuse"),
    ("sys_ui_policy", &["read"], &["admin"], "refuse"),
    ("sys_ui_policy_action", &["read"], &["admin"], "refuse"),
    ("sys_data_policy2", &["read"], &["admin"], "refuse"),
    ("sys_data_policy_rule", &["read"], &["admin"], "refuse"),
    ("sys_update_set", &["read"], &["admin"], "refuse"),
    ("sys_update_xml", &["read"], &["admin"], "refuse"),
    ("sys_audit_delete", &["read"], &["admin"], "refuse"),
    (
        "sys_email",
        &["read", "create"],
        &["email_api_send"],
        "hide",
    ),
    (
        "sys_import_set_row",
        ALL,
        &["import_set_loader", "import_transformer"],
        "refuse",
    ),
    (
        "sys_import_set",
        &["read"],
        &["import_set_loader", "import_transformer"],
        "refuse",
    ),
    ("oauth_entity", ALL, OAUTH, "refuse"),
    ("oauth_entity_profile", ALL, OAUTH, "refuse"),
    ("oauth_entity_scope", ALL, OAUTH, "refuse"),
    ("oauth_credential", ALL, OAUTH, "refuse"),
    ("jwt_verifier_map", ALL, OAUTH, "refuse"),
    ("sys_certificate", ALL, OAUTH, "refuse"),
    ("sys_api_access_policy", ALL, API_ACCESS, "refuse"),
    ("inbound_auth_profile", ALL, API_ACCESS, "refuse"),
    ("sys_token_auth_parameter", ALL, API_ACCESS, "refuse"),
    ("sys_auth_profile_mapping", ALL, API_ACCESS, "refuse"),
    ("api_key", ALL, API_ACCESS, "refuse"),
    ("oidc_provider_configuration", ALL, OAUTH, "refuse"),
    (
        "sys_user_certificate",
        ALL,
        &["admin", "sso_config_admin"],
        "refuse",
    ),
    // Entries and attachments are read as the record is that they belong to.
    ("sys_journal_field", &["read"], &[], "hide"),
    ("sys_attachment", &["read", "create"], &[], "hide"),
    ("sys_attachment_attribute", &["read"], &[], "hide"),
    ("sys_tiny_url", &["read"], &["admin"], "refuse"),
    ("syslog", &["read"], &["admin"], "refuse"),
];

/// Platform tables that any role opens and a user without one is refused (wire-core 2.5).
pub(super) const OPEN_TO_ANY_ROLE: &[&str] =
    &["sys_db_object", "sys_dictionary", "sys_glide_object"];
