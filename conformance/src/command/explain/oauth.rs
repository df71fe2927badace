//! OAuth applications of a set-up in plain words.

use snowproof_simulator::journal::Condition;
use snowproof_simulator::setup::{
    Action, InstanceSetup, Issued, OauthClientSetup, ScopeRestriction, TokenState,
};

use super::plain::length;

/// An application.
pub(super) fn client(name: &str, setup: &OauthClientSetup) -> String {
    let mut facts = Vec::new();
    for (is_so, fact) in [
        (setup.active == Some(false), "is inactive"),
        (
            setup.client_id == Some(Issued::Another),
            "has another client id than the connector was given",
        ),
        (
            setup.secret == Some(Issued::Another),
            "has another secret than the connector was given",
        ),
        (setup.public_client == Some(true), "is a public client"),
        (
            setup.scope_restriction == Some(ScopeRestriction::SecurelyScoped),
            "is securely scoped",
        ),
        (
            setup.assertion_key == Some(Issued::Another),
            "knows another key than the connector signs with",
        ),
    ] {
        if is_so {
            facts.push(fact.to_owned());
        }
    }
    if let Some(url) = setup.redirect_url.as_deref().filter(|url| *url != "given") {
        facts.push(format!("redirects to `{url}`"));
    }
    if let Some(grants) = &setup.grants {
        let grants: Vec<&str> = grants.iter().map(|grant| grant.type_name()).collect();
        facts.push(format!("allows {}", grants.join(", ")));
    }
    if let Some(user) = &setup.user {
        facts.push(format!("calls as `{user}`"));
    }
    if let Some(scopes) = &setup.scopes {
        facts.push(format!("gives the scopes {}", scopes.join(", ")));
    }
    for (kind, lifetime) in [
        ("access", setup.access_token_lifetime),
        ("refresh", setup.refresh_token_lifetime),
    ] {
        if let Some(lifetime) = lifetime {
            facts.push(format!("{kind} tokens live {}", length(lifetime)));
        }
    }
    for (kind, state) in [
        ("access", setup.access_token),
        ("refresh", setup.refresh_token),
    ] {
        facts.extend(match state {
            None | Some(TokenState::Absent) => None,
            Some(TokenState::Valid) => Some(format!("has issued the connector's {kind} token")),
            Some(TokenState::Expired) => Some(format!("the connector's {kind} token has expired")),
            Some(TokenState::Revoked) => Some(format!("the connector's {kind} token was revoked")),
        });
    }
    let mut text = format!("OAuth application `{name}`");
    if !facts.is_empty() {
        text.extend([": ", &facts.join(", ")]);
    }
    text
}

/// Conditions that follow from them, and whether this set-up brings them about.
pub(super) fn conditions(setup: &InstanceSetup) -> Vec<(bool, Condition)> {
    let any = |is: fn(&OauthClientSetup) -> bool| {
        let mut clients = setup.oauth_clients.iter().flatten();
        clients.any(|(_, client)| is(client))
    };
    vec![
        (
            any(|it| it.access_token == Some(TokenState::Expired)),
            Condition::AccessTokenExpired,
        ),
        (
            any(|it| it.access_token == Some(TokenState::Revoked)),
            Condition::AccessTokenRevoked,
        ),
        (
            any(|it| it.client_id == Some(Issued::Another)),
            Condition::ClientUnknown,
        ),
        (
            any(|it| it.active == Some(false)),
            Condition::ClientInactive,
        ),
        (
            any(|it| it.secret == Some(Issued::Another)),
            Condition::ClientSecretRefused,
        ),
        (
            any(|it| it.refresh_token == Some(TokenState::Expired)),
            Condition::RefreshTokenExpired,
        ),
        (
            any(|it| it.refresh_token == Some(TokenState::Revoked)),
            Condition::RefreshTokenRevoked,
        ),
        (
            any(|it| it.redirect_url.as_deref().is_some_and(|url| url != "given")),
            Condition::RedirectMismatch,
        ),
        (
            any(|it| it.scope_restriction == Some(ScopeRestriction::SecurelyScoped)),
            Condition::ScopeRefused,
        ),
        (
            any(|it| it.assertion_key == Some(Issued::Another)),
            Condition::AssertionRefused,
        ),
    ]
}

/// The condition that an action brings about, if it is one of OAuth's.
pub(super) const fn of_action(action: &Action) -> Option<Condition> {
    match action {
        Action::RevokeAccessToken(_) => Some(Condition::AccessTokenRevoked),
        Action::ExpireAccessTokens => Some(Condition::AccessTokenExpired),
        Action::RevokeRefreshToken => Some(Condition::RefreshTokenRevoked),
        Action::ExpireAuthorizationCodes => Some(Condition::CodeRefused),
        Action::RegenerateClientSecret(_) => Some(Condition::ClientSecretRefused),
        Action::DeactivateOauthClient(_) => Some(Condition::ClientInactive),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_reads_as_a_sentence() {
        let setup: OauthClientSetup = serde_json::from_value(serde_json::json!({
            "secret": "another", "grants": ["password"], "refresh_token": "expired",
            "access_token_lifetime": "1800s as 3s"
        }))
        .unwrap();
        assert_eq!(
            client("app", &setup),
            "OAuth application `app`: has another secret than the connector was given, \
             allows password, access tokens live 30m shown as 3s, \
             the connector's refresh token has expired"
        );
        assert_eq!(
            client("app", &OauthClientSetup::default()),
            "OAuth application `app`"
        );
    }
}
