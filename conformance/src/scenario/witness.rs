//! How the harness knows that a subject met the failure that a scenario is about.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use snowproof_simulator::journal::Condition;
use snowproof_simulator::setup::{Action, Certificate, Handshake, Port};

use super::ScenarioFile;

/// What shows that the subject met the failure. An act's deadlines count from its first contact
/// with an instance, whatever the witness; an act that may end without contact is given its
/// allowance to make contact and then its budget, both from its start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Witness {
    /// A request arrives at an instance.
    #[default]
    Request,
    /// A TLS handshake is finished or refused, by either side.
    Handshake,
    /// A TCP connection is accepted.
    Accept,
    /// The CONNECT proxy is asked for a tunnel.
    Connect,
    /// An unanswered SYN to the instance's port stands in the socket table.
    Syn,
    /// Nothing on the wire tells: what the subject says or delivers does. It may end without
    /// contact.
    Output,
    /// No byte may leave, and the act ends by itself: no contact is right.
    Silence,
    /// The failure leaves no trace on the wire, such as a closed port. An earlier act made
    /// contact, so the subject is known to go where it is pointed; a later one may end without.
    EarlierAct,
}

impl Witness {
    /// The name it has in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Handshake => "handshake",
            Self::Accept => "accept",
            Self::Connect => "connect",
            Self::Syn => "syn",
            Self::Output => "output",
            Self::Silence => "silence",
            Self::EarlierAct => "earlier_act",
        }
    }

    /// What it looks for, in plain words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Request => "a request arrives",
            Self::Handshake => "a TLS handshake is finished or refused",
            Self::Accept => "a connection is accepted",
            Self::Connect => "the proxy is asked for a tunnel",
            Self::Syn => "an unanswered SYN stands in the socket table",
            Self::Output => "what the connector says or delivers; the wire need not show it",
            Self::Silence => "no byte leaves and the act ends by itself",
            Self::EarlierAct => "an earlier act made contact; this one may end without",
        }
    }

    /// Whether an act may end without contact, given whether an earlier one made contact.
    #[must_use]
    pub const fn allows_no_contact(self, earlier_contact: bool) -> bool {
        match self {
            Self::Output | Self::Silence => true,
            Self::EarlierAct => earlier_contact,
            Self::Request | Self::Handshake | Self::Accept | Self::Connect | Self::Syn => false,
        }
    }

    /// The witness of a scenario that names none: what its conditions can be seen by.
    pub(super) fn of(file: &ScenarioFile) -> Self {
        if let Some(witness) = file.expect.witness {
            return witness;
        }
        let met = |condition: Condition| {
            let mut names = file.expect.met.iter().flatten().map(|(name, _)| name);
            names.any(|name| name == condition.name())
        };
        let instances = || file.instances.iter().flatten().map(|(_, setup)| setup);
        let by_name = instances().flat_map(|setup| setup.certificates_by_name.iter().flatten());
        let bad_certificate = instances()
            .filter_map(|setup| setup.certificate)
            .chain(by_name.map(|(_, certificate)| *certificate))
            .any(Certificate::must_be_refused);
        let broken_handshake = instances()
            .filter_map(|setup| setup.handshake)
            .any(|handshake| handshake != Handshake::Complete);
        let port = |wanted: Port| {
            let mut setups = file.instances.iter().flatten().map(|(_, setup)| setup.port);
            let mut actions = file
                .steps
                .iter()
                .flatten()
                .flat_map(|(_, step)| step.actions.iter().flatten());
            setups.any(|port| port == Some(wanted))
                || actions.any(|action| *action == Action::SetPort(wanted))
        };
        if bad_certificate
            || broken_handshake
            || met(Condition::BadCertificate)
            || met(Condition::HandshakeBroken)
        {
            Self::Handshake
        } else if port(Port::Filtered) {
            Self::Syn
        } else if port(Port::Mute) || port(Port::HangsUp) || port(Port::Resets) {
            Self::Accept
        } else if port(Port::Closed) {
            Self::EarlierAct
        } else {
            Self::Request
        }
    }
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(expect: &str, instance: &str) -> Witness {
        let text = format!(
            r#"{{"schema":"snowproof.scenario/1","code":"SP-X01","id":"x/y","title":"t","covers":[],
            "source":{{"document":"d","says":"s"}},"profile":"core","level":"diagnose","why":"w",
            "acts":[{{"verb":"check"}}],"instances":{{"main":{instance}}},"expect":{expect}}}"#
        );
        Witness::of(&serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn what_is_written_counts_and_conditions_decide_otherwise() {
        assert_eq!(of("{}", "{}"), Witness::Request);
        assert_eq!(of(r#"{"witness":"silence"}"#, "{}"), Witness::Silence);
        let expired = r#"{"certificate":"expired"}"#;
        assert_eq!(of("{}", expired), Witness::Handshake);
        assert_eq!(
            of(r#"{"met":{"bad_certificate":1}}"#, "{}"),
            Witness::Handshake
        );
        assert_eq!(
            of(r#"{"witness":"earlier_act"}"#, expired),
            Witness::EarlierAct
        );
    }

    #[test]
    fn names_are_those_of_files() {
        for witness in [
            Witness::Request,
            Witness::Handshake,
            Witness::Accept,
            Witness::Connect,
            Witness::Syn,
            Witness::Output,
            Witness::Silence,
            Witness::EarlierAct,
        ] {
            let written = serde_json::to_value(witness).unwrap();
            assert_eq!(written, witness.name());
        }
    }
}
