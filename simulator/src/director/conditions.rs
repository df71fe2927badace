//! The condition of an instance, as told to whoever runs the simulator.

use serde::Serialize;

use crate::instance::{Instance, Subject};
use crate::journal::Cause;
use crate::setup::{Certificate, Handshake, InstanceState, Port, Proxy};

/// The condition of one instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InstanceConditions {
    /// The instance.
    pub instance: String,
    /// Whether it is awake.
    pub state: InstanceState,
    /// What its port presents.
    pub certificate: Certificate,
    /// How the forward proxy treats calls for it; `open` where there is none.
    pub proxy: Proxy,
    /// What its port does with whoever connects.
    pub port: Port,
    /// How its port answers a TLS handshake.
    pub handshake: Handshake,
    /// What was changed since the start, in the order of the last change.
    pub changes: Vec<Change>,
}

/// A condition that is not as it was set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What was changed, such as `lock of sync.user`.
    pub what: String,
    /// Who changed it last.
    pub by: Cause,
}

pub(super) fn of(instance: &Instance) -> InstanceConditions {
    let (presents, _) = instance.presents(None);
    InstanceConditions {
        instance: instance.name.clone(),
        state: instance.state(),
        certificate: presents.certificate,
        proxy: instance.proxy().0,
        port: instance.doors().port(),
        handshake: instance.handshake().0,
        changes: instance
            .with_causes(|causes| causes.changed())
            .into_iter()
            .map(|(subject, by)| Change {
                what: words(&subject),
                by,
            })
            .collect(),
    }
}

fn words(subject: &Subject) -> String {
    match subject {
        Subject::State => "state".to_owned(),
        Subject::Certificate => "certificate".to_owned(),
        Subject::Password(user) => format!("password of {user}"),
        Subject::Lock(user) => format!("lock of {user}"),
        Subject::Active(user) => format!("activity of {user}"),
        Subject::Roles(user) => format!("roles of {user}"),
        Subject::RateRule(rule) => format!("rate rule {rule}"),
        Subject::AccessControls => "access controls".to_owned(),
        Subject::Records(table) => format!("records of {table}"),
        Subject::Proxy => "proxy".to_owned(),
        Subject::Port => "port".to_owned(),
        Subject::Semaphores => "semaphores".to_owned(),
        Subject::SessionQueues => "session queues".to_owned(),
        Subject::IpAccess => "IP address access control".to_owned(),
        Subject::Script(table) => format!("script of {table}"),
        Subject::OauthClient(name) => format!("OAuth application {name}"),
        Subject::Token(number) => format!("token {number}"),
        Subject::Code(number) => format!("authorization code {number}"),
        Subject::ApiAccess => "API keys and access policies".to_owned(),
        Subject::Redirects => "redirects".to_owned(),
        Subject::Handshake => "answer to handshakes".to_owned(),
        Subject::Sessions => "sessions".to_owned(),
    }
}
