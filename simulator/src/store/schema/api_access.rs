//! API keys, access policies of REST APIs, and certificates that stand for users.
//!
//! Columns of `sys_api_access_policy`, `api_key`, `sys_auth_profile_mapping`, `http_key_auth` and
//! `sys_token_auth_parameter` are those that published set-up scripts and a schema listing name;
//! choices beyond `basic_auth` and `auth_header`, and the columns of certificates and OpenID Connect
//! providers, are *assumed*.

use super::{
    Column, Kind, Table, boolean, child, choice, datetime, int, list, reference, root, text,
};

pub(super) static TABLES: &[Table] = &[
    child(
        "sys_api_access_policy",
        "API Access Policy",
        "sys_metadata",
        &[
            text("name"),
            boolean("active").or("true"),
            text("api"),
            text("api_path"),
            text("http_method"),
            text("version"),
            text("api_resource"),
            list("api_tablename", "sys_db_object"),
            boolean("apply_global"),
            boolean("apply_all"),
            boolean("apply_all_methods"),
            boolean("apply_all_resources"),
            boolean("apply_all_versions"),
            boolean("apply_all_tables"),
            boolean("all_authn_scheme_authenticate_header"),
        ],
    )
    .shown_as("name"),
    child(
        "inbound_auth_profile",
        "Authentication Profile",
        "sys_metadata",
        &[
            text("name"),
            text("description"),
            boolean("active").or("true"),
            boolean("auth_processor"),
        ],
    )
    .shown_as("name"),
    child(
        "std_http_auth",
        "Standard HTTP Authentication Profile",
        "inbound_auth_profile",
        &[choice(
            "type",
            &[
                ("basic_auth", "Basic Auth"),
                ("id_token", "ID Token"),
                ("certificate_auth", "Certificate based Auth"),
                ("oauth", "OAuth"),
            ],
        )],
    ),
    child(
        "http_key_auth",
        "API Key Authentication Profile",
        "inbound_auth_profile",
        &[reference("auth_parameter", "sys_token_auth_parameter")],
    ),
    root(
        "sys_token_auth_parameter",
        "REST API Auth Parameter",
        "name",
        &[
            text("name"),
            text("parameter_name"),
            choice(
                "type",
                &[
                    ("auth_header", "Auth Header"),
                    ("query_parameter", "Query Parameter"),
                ],
            ),
            text("prefix"),
        ],
    ),
    root(
        "sys_auth_profile_mapping",
        "Authentication Profile Mapping",
        "sys_id",
        &[
            reference("api_access_policy", "sys_api_access_policy"),
            reference("inbound_auth_profile", "inbound_auth_profile"),
            // Which of several of one second was mapped last: the simulator's own column.
            int("u_place"),
        ],
    ),
    root(
        "api_key",
        "REST API Key",
        "name",
        &[
            text("name"),
            text("description"),
            boolean("active").or("true"),
            reference("user", "sys_user"),
            text("auth_scope"),
            Column::of("token", Kind::Password).typed("password2"),
            datetime("expires"),
        ],
    ),
    root(
        "sys_user_certificate",
        "User to Certificate Mapping",
        "name",
        &[
            text("name"),
            boolean("active").or("true"),
            reference("user", "sys_user"),
            // SHA-256 of the certificate in DER, in hexadecimal: the simulator's own column, in the
            // place of the attached file.
            text("u_fingerprint"),
        ],
    ),
    // The metadata are never fetched: the key is the simulator's own column, and so is the client id,
    // which a real instance keeps with its application registry.
    root(
        "oidc_provider_configuration",
        "OIDC Provider Configuration",
        "oidc_provider",
        &[
            text("oidc_provider"),
            boolean("active").or("true"),
            text("issuer_uri"),
            text("oidc_metadata_url"),
            text("user_claim").or("email"),
            text("user_field").or("email"),
            boolean("enable_jti_verification"),
            text("jti_claim"),
            int("clock_skew").or("300"),
            text("u_client_id"),
            text("u_public_key"),
        ],
    ),
];
