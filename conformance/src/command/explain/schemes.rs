//! API keys, access policies, client certificates and identity providers of a set-up in plain words.

use snowproof_simulator::journal::Condition;
use snowproof_simulator::setup::{
    Action, ApiAccessPolicySetup, ApiKeySetup, ClientCertificateSetup, GivenCertificate,
    InstanceSetup, Issued, Mfa, MutualTls, OidcProviderSetup,
};

use super::plain::length;

/// Everything of this kind that a set-up says, a sentence each.
pub(super) fn facts(setup: &InstanceSetup) -> Vec<String> {
    let keys = setup.api_keys.iter().flatten();
    let policies = setup.api_access_policies.iter().flatten();
    let certificates = setup.client_certificates.iter().flatten();
    let providers = setup.oidc_providers.iter().flatten();
    let edge = match setup.mutual_tls {
        None | Some(MutualTls::Off) => None,
        Some(MutualTls::Asks) => Some("the edge asks for a client certificate"),
        Some(MutualTls::Requires) => Some("the edge requires a client certificate"),
    };
    let given = setup.given_certificate.map(|kind| match kind {
        GivenCertificate::Valid => "the connector's certificate is good",
        GivenCertificate::Expired => "the connector's certificate has expired",
        GivenCertificate::UnknownAuthority => {
            "the connector's certificate is of an authority that the edge does not know"
        }
        GivenCertificate::SelfSigned => "the connector's certificate is its own issuer",
    });
    let lockout = setup
        .unlock_after
        .map(|lasts| format!("failed logins lock an account for {}", length(lasts)));
    edge.into_iter()
        .chain(given)
        .map(str::to_owned)
        .chain(lockout)
        .chain(keys.map(|(name, key)| api_key(name, key)))
        .chain(policies.map(|(name, it)| policy(name, it)))
        .chain(certificates.map(|(name, it)| certificate(name, it)))
        .chain(providers.map(|(name, it)| provider(name, it)))
        .collect()
}

fn api_key(name: &str, setup: &ApiKeySetup) -> String {
    let mut text = format!("API key `{name}` of {}", whose(setup.user.as_deref()));
    for (is_so, fact) in [
        (
            setup.key == Some(Issued::Another),
            ", another than the connector was given",
        ),
        (setup.expired == Some(true), ", expired"),
        (setup.active == Some(false), ", inactive"),
    ] {
        if is_so {
            text.push_str(fact);
        }
    }
    text
}

fn whose(user: Option<&str>) -> String {
    user.map_or_else(|| "nobody".to_owned(), |user| format!("`{user}`"))
}

fn policy(name: &str, setup: &ApiAccessPolicySetup) -> String {
    let schemes = setup.schemes.iter().flatten();
    let schemes: Vec<&str> = schemes.map(|scheme| scheme.name()).collect();
    let narrowed: Vec<&str> = [&setup.method, &setup.version, &setup.resource]
        .into_iter()
        .filter_map(Option::as_deref)
        .chain(setup.tables.iter().flatten().map(String::as_str))
        .collect();
    let narrowed = match narrowed[..] {
        [] => String::new(),
        _ => format!(" ({})", narrowed.join(", ")),
    };
    let active = match setup.active {
        Some(false) => ", were it active,",
        _ => "",
    };
    format!(
        "API access policy `{name}`{active} lets {} into {}{narrowed} and nothing else",
        schemes.join(", "),
        setup
            .api
            .as_deref()
            .map_or("every API".to_owned(), |api| format!("the {api}")),
    )
}

fn certificate(name: &str, setup: &ClientCertificateSetup) -> String {
    let which = match setup.certificate.unwrap_or_default() {
        Issued::Given => "the connector's certificate",
        Issued::Another => "another certificate",
    };
    let active = match setup.active {
        Some(false) => ", inactive",
        _ => "",
    };
    let user = whose(setup.user.as_deref());
    format!("`{name}`: {which} stands for {user}{active}")
}

fn provider(name: &str, setup: &OidcProviderSetup) -> String {
    let active = match setup.active {
        Some(false) => ", inactive",
        _ => "",
    };
    let issuer = setup.issuer.as_deref().unwrap_or("nobody");
    format!("identity provider `{name}` issues tokens as `{issuer}`{active}")
}

/// Conditions that follow from them, and whether this set-up brings them about.
pub(super) fn conditions(setup: &InstanceSetup) -> Vec<(bool, Condition)> {
    let mut users = setup.users.iter().flatten();
    let mut keys = setup.api_keys.iter().flatten();
    let policies = setup.api_access_policies.iter().flatten();
    let asks = !matches!(setup.mutual_tls, None | Some(MutualTls::Off));
    vec![
        (
            users.any(|(_, user)| user.mfa == Some(Mfa::Required)),
            Condition::MfaRequired,
        ),
        (
            keys.any(|(_, key)| {
                key.expired == Some(true)
                    || key.active == Some(false)
                    || key.key == Some(Issued::Another)
            }),
            Condition::ApiKeyRefused,
        ),
        (policies.count() > 0, Condition::PolicyExcludesScheme),
        (
            asks && setup
                .given_certificate
                .is_some_and(|kind| kind != GivenCertificate::Valid),
            Condition::ClientCertificateRefused,
        ),
    ]
}

/// The condition that an action brings about, if it is one of these.
pub(super) const fn of_action(action: &Action) -> Option<Condition> {
    match action {
        Action::RequireMfa(_) => Some(Condition::MfaRequired),
        Action::DeactivateApiKey(_) => Some(Condition::ApiKeyRefused),
        Action::SetAccessPolicy(_) => Some(Condition::PolicyExcludesScheme),
        _ => None,
    }
}

/// An action on them in plain words.
pub(super) fn action(action: &Action) -> String {
    match action {
        Action::RequireMfa(user) => format!("`{user}` needs a code with every password"),
        Action::DeactivateApiKey(name) => format!("the API key `{name}` is switched off"),
        Action::SetAccessPolicy(named) => policy(&named.name, &named.policy),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_reads_as_a_sentence() {
        let setup: InstanceSetup = serde_json::from_value(json!({
            "mutual_tls": "requires",
            "api_keys": { "sync": { "user": "sync.user", "expired": true } },
            "api_access_policies": { "keys": {
                "api": "Table API", "version": "v2", "schemes": ["basic", "api_key"],
            } },
        }))
        .unwrap();
        assert_eq!(
            facts(&setup),
            [
                "the edge requires a client certificate",
                "API key `sync` of `sync.user`, expired",
                "API access policy `keys` lets basic, api_key into the Table API (v2) and nothing else",
            ]
        );
        let met: Vec<_> = conditions(&setup)
            .into_iter()
            .filter_map(|(is_so, condition)| is_so.then_some(condition))
            .collect();
        assert_eq!(
            met,
            [Condition::ApiKeyRefused, Condition::PolicyExcludesScheme]
        );
    }
}
