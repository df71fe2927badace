//! Who put each condition of an instance in force.

use std::collections::HashMap;

use crate::journal::{Cause, Condition};
use crate::policy::Setting;

/// What a cause can stand behind.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Subject {
    State,
    Certificate,
    Password(String),
    Lock(String),
    Active(String),
    Roles(String),
    RateRule(String),
    AccessControls,
    Records(String),
    Proxy,
    Port,
    Semaphores,
    SessionQueues,
    IpAccess,
    Script(String),
    /// The OAuth application of this name.
    OauthClient(String),
    /// The token of this number.
    Token(u64),
    /// The authorization code of this number.
    Code(u64),
    ApiAccess,
    Redirects,
    Handshake,
    Sessions,
}

impl From<Setting> for Subject {
    fn from(setting: Setting) -> Self {
        match setting {
            Setting::Password(user) => Self::Password(user),
            Setting::Lock(user) => Self::Lock(user),
            Setting::Active(user) => Self::Active(user),
            Setting::Roles(user) => Self::Roles(user),
            Setting::RateRule(name) => Self::RateRule(name),
            Setting::Controls => Self::AccessControls,
            Setting::IpAccess => Self::IpAccess,
            Setting::OauthClient(name) => Self::OauthClient(name),
            Setting::ApiAccess => Self::ApiAccess,
        }
    }
}

/// Tables of business rules and data policies.
const RULES: [&str; 3] = ["sys_script", "sys_data_policy2", "sys_data_policy_rule"];

/// The causes by what they stand behind; whatever nobody changed is as it was set up.
#[derive(Debug, Default)]
pub(crate) struct Causes {
    known: HashMap<Subject, Known>,
    changes: u64,
}

#[derive(Debug)]
struct Known {
    cause: Cause,
    change: u64,
    /// The change removed a hindrance or added data, so that good answers follow from it.
    for_the_better: bool,
}

/// What an answer was about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer<'a> {
    pub(crate) condition: Option<Condition>,
    /// The user that the credentials name, accepted or not.
    pub(crate) user: Option<&'a str>,
    pub(crate) table: Option<&'a str>,
    pub(crate) rule: Option<&'a str>,
    /// The OAuth application that it was about, by name.
    pub(crate) client: Option<&'a str>,
    /// The token that was presented, by number.
    pub(crate) token: Option<u64>,
    /// The authorization code that was presented, by number.
    pub(crate) code: Option<u64>,
}

impl Causes {
    pub(crate) fn set(&mut self, subject: Subject, cause: Cause, for_the_better: bool) {
        self.changes += 1;
        self.known.insert(
            subject,
            Known {
                cause,
                change: self.changes,
                for_the_better,
            },
        );
    }

    pub(crate) fn of(&self, subject: &Subject) -> Cause {
        self.known
            .get(subject)
            .map_or(Cause::Setup, |known| known.cause.clone())
    }

    /// Everything that was changed, with its cause, in order.
    pub(crate) fn changed(&self) -> Vec<(Subject, Cause)> {
        let mut known: Vec<_> = self.known.iter().collect();
        known.sort_by_key(|(_, known)| known.change);
        known
            .into_iter()
            .map(|(subject, known)| (subject.clone(), known.cause.clone()))
            .collect()
    }

    /// Who brought an answer about. A bad answer has the cause of its condition, none where the
    /// caller brought it about; a good one the cause of the last change that it follows from.
    pub(crate) fn behind(&self, answer: Answer<'_>) -> Option<Cause> {
        let user = |subject: fn(String) -> Subject| {
            answer
                .user
                .map(|user| self.of(&subject(user.to_lowercase())))
        };
        match answer.condition {
            None => self.behind_good(answer),
            // A hang-up that no step scripted is the edge's doing.
            Some(
                Condition::Hibernating
                | Condition::Waking
                | Condition::Down
                | Condition::Restarting
                | Condition::Overloaded
                | Condition::Maintenance
                | Condition::LoginPage
                | Condition::NoInstance
                | Condition::HungUp
                | Condition::FailingOver
                | Condition::AnotherSite,
            ) => Some(self.of(&Subject::State)),
            Some(Condition::SessionLost) => Some(self.of(&Subject::Sessions)),
            Some(Condition::ScriptError) => answer
                .table
                .map(|table| self.of(&Subject::Script(table.to_owned()))),
            Some(Condition::BadCertificate) => Some(self.of(&Subject::Certificate)),
            Some(
                Condition::ProxyCredentialsRequired
                | Condition::ProxyBadGateway
                | Condition::ProxyHangs,
            ) => Some(self.of(&Subject::Proxy)),
            Some(
                Condition::PortClosed
                | Condition::PortFiltered
                | Condition::PortMute
                | Condition::PortHangsUp
                | Condition::PortResets,
            ) => Some(self.of(&Subject::Port)),
            Some(Condition::Redirected) => Some(self.of(&Subject::Redirects)),
            Some(Condition::ContinueRefused) => Some(Cause::Setup),
            Some(Condition::HandshakeBroken) => Some(self.of(&Subject::Handshake)),
            Some(
                Condition::PasswordRefused
                | Condition::PasswordExpired
                | Condition::PasswordNeedsReset
                | Condition::MfaRequired,
            ) => user(Subject::Password),
            Some(
                Condition::ApiKeyRefused
                | Condition::PolicyExcludesScheme
                | Condition::ClientCertificateRefused
                | Condition::IdTokenRefused,
            ) => Some(self.of(&Subject::ApiAccess)),
            Some(Condition::AddressBlocked) => Some(self.of(&Subject::IpAccess)),
            Some(Condition::TableNotExposed) => Some(self.of(&Subject::AccessControls)),
            Some(Condition::AccountLocked) => user(Subject::Lock),
            Some(Condition::AccountInactive) => user(Subject::Active),
            Some(
                Condition::TableDenied
                | Condition::RowsHidden
                | Condition::FieldDenied
                | Condition::FieldsHidden
                | Condition::FieldsDropped
                | Condition::WriteDenied
                | Condition::ApiDenied,
            ) => Some(self.behind_denial(answer.user)),
            Some(Condition::RuleAborted) => Some(self.behind_records(&RULES)),
            Some(Condition::RateLimited) => answer
                .rule
                .map(|rule| self.of(&Subject::RateRule(rule.to_owned()))),
            Some(Condition::QueueFull | Condition::QueuedTooLong) => {
                Some(self.of(&Subject::Semaphores))
            }
            Some(Condition::SessionQueueFull) => Some(self.of(&Subject::SessionQueues)),
            // How long a query may run is as it was set up.
            Some(Condition::QueryCancelled) => Some(Cause::Setup),
            Some(Condition::PageCapped | Condition::QueryWidened) => Some(Cause::Setup),
            Some(Condition::GatewayRefused | Condition::RequestTooLong) => Some(Cause::Setup),
            Some(
                Condition::AccessTokenExpired
                | Condition::SessionOutlivesToken
                | Condition::AccessTokenRevoked
                | Condition::RefreshTokenExpired
                | Condition::RefreshTokenRevoked,
            ) => Some(
                answer
                    .token
                    .map_or(Cause::Setup, |number| self.of(&Subject::Token(number))),
            ),
            Some(
                Condition::ClientUnknown
                | Condition::ClientInactive
                | Condition::ClientSecretRefused
                | Condition::GrantNotEnabled
                | Condition::NoApplicationUser
                | Condition::RedirectMismatch
                | Condition::ScopeRefused
                | Condition::AssertionRefused,
            ) => Some(answer.client.map_or(Cause::Setup, |name| {
                self.of(&Subject::OauthClient(name.to_owned()))
            })),
            Some(
                Condition::AccessTokenUnknown
                | Condition::RefreshTokenUnknown
                | Condition::NonInteractiveUser,
            ) => Some(Cause::Setup),
            // Nothing but a change of the instance makes a code old before its time.
            Some(Condition::CodeRefused) => answer
                .code
                .and_then(|number| self.known.get(&Subject::Code(number)))
                .map(|known| known.cause.clone()),
            Some(
                Condition::CodeVerifierRefused
                | Condition::StateMissing
                | Condition::ConsentDenied
                | Condition::ConsentAllowed
                | Condition::SignedIn
                | Condition::TokenGivenAgain
                | Condition::ParametersInUrl,
            ) => None,
            Some(
                Condition::NoCredentials
                | Condition::Scripted
                | Condition::Stalled
                | Condition::InvalidTable
                | Condition::UnknownApi
                | Condition::RecordNotFound
                | Condition::InvalidRequest
                | Condition::Dripping
                | Condition::Truncated
                | Condition::Malformed
                | Condition::StreamEnded
                | Condition::PlainHttp,
            ) => None,
        }
    }

    /// Access follows from the user's roles and from the controls that ask for them: the later
    /// change of the two.
    fn behind_denial(&self, user: Option<&str>) -> Cause {
        let roles = user.map(|user| Subject::Roles(user.to_lowercase()));
        roles
            .into_iter()
            .chain([Subject::AccessControls])
            .filter_map(|subject| self.known.get(&subject))
            .max_by_key(|known| known.change)
            .map_or(Cause::Setup, |known| known.cause.clone())
    }

    /// What records say follows from the last change of their tables.
    fn behind_records(&self, tables: &[&str]) -> Cause {
        let subjects = tables.iter().map(ToString::to_string);
        subjects
            .filter_map(|table| self.known.get(&Subject::Records(table)))
            .max_by_key(|known| known.change)
            .map_or(Cause::Setup, |known| known.cause.clone())
    }

    fn behind_good(&self, answer: Answer<'_>) -> Option<Cause> {
        let of_user =
            |subject: fn(String) -> Subject| answer.user.map(|user| subject(user.to_lowercase()));
        [
            Some(Subject::State),
            Some(Subject::Port),
            Some(Subject::Handshake),
            Some(Subject::Semaphores),
            Some(Subject::SessionQueues),
            Some(Subject::IpAccess),
            Some(Subject::ApiAccess),
            Some(Subject::Redirects),
            of_user(Subject::Password),
            of_user(Subject::Lock),
            of_user(Subject::Active),
            of_user(Subject::Roles),
            answer.rule.map(|rule| Subject::RateRule(rule.to_owned())),
            answer.table.map(|table| Subject::Records(table.to_owned())),
            answer.table.map(|table| Subject::Script(table.to_owned())),
            answer
                .client
                .map(|name| Subject::OauthClient(name.to_owned())),
        ]
        .into_iter()
        .flatten()
        .filter_map(|subject| self.known.get(&subject))
        .filter(|known| known.for_the_better)
        .max_by_key(|known| known.change)
        .map(|known| known.cause.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &str) -> Cause {
        Cause::Step(name.to_owned())
    }

    fn answer(condition: Option<Condition>) -> Answer<'static> {
        Answer {
            condition,
            user: Some("Sync.User"),
            table: Some("incident"),
            rule: None,
            client: None,
            token: None,
            code: None,
        }
    }

    #[test]
    fn a_bad_answer_has_the_cause_of_its_condition() {
        let mut causes = Causes::default();
        causes.set(Subject::Lock("sync.user".into()), step("lock"), false);
        let behind = |condition| causes.behind(answer(Some(condition)));
        assert_eq!(behind(Condition::AccountLocked), Some(step("lock")));
        assert_eq!(behind(Condition::PasswordRefused), Some(Cause::Setup));
        assert_eq!(behind(Condition::InvalidTable), None);
    }

    #[test]
    fn a_rule_s_abort_has_the_cause_of_the_rule() {
        let mut causes = Causes::default();
        let condition = Some(Condition::RuleAborted);
        assert_eq!(causes.behind(answer(condition)), Some(Cause::Setup));
        causes.set(Subject::Roles("sync.user".into()), step("revoke"), false);
        causes.set(Subject::Records("sys_script".into()), step("rule"), true);
        causes.set(Subject::Records("incident".into()), step("grow"), true);
        assert_eq!(causes.behind(answer(condition)), Some(step("rule")));
    }

    #[test]
    fn a_good_answer_has_the_cause_of_the_last_change_for_the_better() {
        let mut causes = Causes::default();
        assert_eq!(causes.behind(answer(None)), None);
        causes.set(Subject::State, step("wake"), true);
        assert_eq!(causes.behind(answer(None)), Some(step("wake")));
        causes.set(Subject::Records("incident".into()), step("grow"), true);
        assert_eq!(causes.behind(answer(None)), Some(step("grow")));
        causes.set(Subject::Roles("sync.user".into()), step("revoke"), false);
        assert_eq!(causes.behind(answer(None)), Some(step("grow")));
    }
}
