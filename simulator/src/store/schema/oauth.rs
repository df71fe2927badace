//! OAuth: the clients that may ask for tokens, their grants, scopes and keys, and the tokens
//! (wire-failures 2; Application registry, Create an OAuth JWT API endpoint, Manage tokens).
//!
//! Names of tables and columns are those that the documentation and published clients use;
//! `scope_restriction`, the columns of scopes, and which tables extend `sys_metadata` are *assumed*.

use super::{
    Choices, Column, Kind, Table, boolean, child, choice, datetime, int, reference, root, text,
};

const TYPES: Choices = &[
    ("client", "OAuth Client"),
    ("oauth_provider", "OAuth Provider"),
    ("oidc_provider", "External OIDC Provider"),
];
const RESTRICTIONS: Choices = &[
    ("broadly_scoped", "Broadly scoped"),
    ("securely_scoped", "Securely scoped"),
];
const TOKEN_TYPES: Choices = &[
    ("access_token", "Access Token"),
    ("refresh_token", "Refresh Token"),
];

pub(super) static TABLES: &[Table] = &[
    child(
        "oauth_entity",
        "Application Registries",
        "sys_metadata",
        &[
            text("name"),
            choice("type", TYPES).or("client"),
            boolean("active").or("true"),
            text("client_id"),
            Column::of("client_secret", Kind::Password),
            text("redirect_url"),
            text("logo_url"),
            text("login_url"),
            text("auth_url"),
            text("token_url"),
            text("revoke_token_url"),
            boolean("public_client"),
            text("default_grant_type"),
            text("inbound_grant_type"),
            text("client_type"),
            reference("user", "sys_user"),
            int("access_token_lifespan").or("1800"),
            int("refresh_token_lifespan").or("8640000"),
            choice("scope_restriction", RESTRICTIONS).or("broadly_scoped"),
            text("comments"),
            // What the clock uses where it is less than the lifespan: the simulator's own.
            text("u_access_token_lifespan"),
            text("u_refresh_token_lifespan"),
        ],
    )
    .shown_as("name"),
    child(
        "oauth_jwt",
        "OAuth JWT application",
        "oauth_entity",
        &[
            text("user_field").or("email"),
            int("clock_skew").or("300"),
            boolean("enable_jti_verification").or("true"),
            text("jti_claim").or("jti"),
        ],
    ),
    root(
        "oauth_entity_profile",
        "OAuth Entity Profile",
        "name",
        &[
            text("name"),
            reference("oauth_entity", "oauth_entity"),
            text("grant_type"),
            boolean("default"),
        ],
    ),
    root(
        "oauth_entity_scope",
        "OAuth Entity Scope",
        "name",
        &[
            text("name"),
            reference("oauth_entity", "oauth_entity"),
            text("oauth_entity_scope"),
        ],
    ),
    root(
        "sys_certificate",
        "X.509 Certificate",
        "name",
        &[
            text("name"),
            boolean("active").or("true"),
            text("type").or("trust_store_cert"),
            text("format").or("pem"),
            text("pem_certificate"),
            text("issuer"),
            text("subject"),
            datetime("valid_from"),
            datetime("expires"),
        ],
    ),
    root(
        "jwt_verifier_map",
        "JWT Verifier Map",
        "name",
        &[
            text("name"),
            reference("oauth_jwt", "oauth_jwt"),
            reference("sys_certificate", "sys_certificate"),
            text("kid"),
            Column::of("shared_key", Kind::Password),
        ],
    ),
    root(
        "oauth_credential",
        "OAuth Credential",
        "name",
        &[
            text("name"),
            choice("type", TOKEN_TYPES),
            reference("peer", "oauth_entity"),
            reference("user", "sys_user"),
            datetime("expires"),
            Column::of("token", Kind::Password),
            text("scopes"),
        ],
    ),
];
