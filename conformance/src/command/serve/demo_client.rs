//! The OAuth application of the demo instance, and what is given out of it.

use indexmap::IndexMap;
use snowproof_simulator::setup::{Given, InstanceSetup, OauthClientSetup};

use crate::run::random_password;
use crate::scenario::DEFAULT_USER;

/// Name of the application.
const NAME: &str = "Demo client";
/// Where somebody who tries the authorization code grant may listen.
const REDIRECT_URL: &str = "http://localhost:8765/callback";
/// Characters of a client id: those of a `sys_id`.
const ID_LENGTH: usize = 32;
/// What lets the client credentials grant be used (wire-failures 2.2).
const CLIENT_CREDENTIALS: &str = "glide.oauth.inbound.client.credential.grant_type.enabled";

/// Adds the application, with every grant enabled, to an instance that has none of its own.
pub(super) fn add(instance: &mut InstanceSetup) {
    if instance.oauth_clients.is_some() {
        return;
    }
    let client = OauthClientSetup {
        user: Some(DEFAULT_USER.to_owned()),
        ..OauthClientSetup::default()
    };
    instance.oauth_clients = Some(IndexMap::from([(NAME.to_owned(), client)]));
    let properties = instance.properties.get_or_insert_default();
    properties
        .entry(CLIENT_CREDENTIALS.to_owned())
        .or_insert_with(|| "true".to_owned());
}

/// Client credentials that nobody guesses.
pub(super) fn given(user: &str) -> Given {
    Given {
        client_id: random_password().to_lowercase()[..ID_LENGTH].to_owned(),
        client_secret: random_password(),
        redirect_url: REDIRECT_URL.to_owned(),
        user: user.to_owned(),
        ..Given::default()
    }
}
