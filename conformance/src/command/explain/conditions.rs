//! The conditions that a scenario's instances and steps bring about.

use snowproof_simulator::journal::Condition;
use snowproof_simulator::setup::{
    Action, ExpectContinue, InstanceSetup, InstanceState, PlainHttp, Port, Proxy,
};

use super::{access, handshakes, oauth, schemes};
use crate::scenario::Scenario;

/// The conditions that a scenario brings about, each once, in their own order.
pub(super) fn of(scenario: &Scenario) -> Vec<Condition> {
    let mut found: Vec<Condition> = scenario
        .instances
        .values()
        .flat_map(of_instance)
        .chain(
            scenario
                .steps
                .values()
                .flat_map(|step| step.actions.iter().flatten())
                .filter_map(of_action),
        )
        .collect();
    found.extend(
        Condition::ALL
            .into_iter()
            .filter(|condition| scenario.met.contains_key(condition.name())),
    );
    Condition::ALL
        .into_iter()
        .filter(|condition| found.contains(condition))
        .collect()
}

fn of_instance(setup: &InstanceSetup) -> Vec<Condition> {
    let switches = || setup.switches.iter();
    let brought = [
        (
            switches().any(|switches| switches.page_cap.is_some()),
            Condition::PageCapped,
        ),
        (
            setup.broken_tables.iter().flatten().next().is_some(),
            Condition::ScriptError,
        ),
        (setup.missing_apis.is_some(), Condition::UnknownApi),
        (
            setup.plain_http == Some(PlainHttp::Redirect),
            Condition::PlainHttp,
        ),
        (
            setup.rate_rules.iter().flatten().next().is_some(),
            Condition::RateLimited,
        ),
        (
            setup.query_quota.is_some() || setup.batch_quota.is_some(),
            Condition::QueryCancelled,
        ),
        (setup.semaphores.is_some(), Condition::QueueFull),
        (
            setup
                .semaphores
                .as_ref()
                .is_some_and(|it| it.longest_wait.is_some()),
            Condition::QueuedTooLong,
        ),
        (setup.session_queue.is_some(), Condition::SessionQueueFull),
        (setup.gateway.is_some(), Condition::GatewayRefused),
        (
            setup.redirects.as_ref().is_some_and(|it| it.to.is_some()),
            Condition::Redirected,
        ),
        (
            setup.expect_continue == Some(ExpectContinue::Refused),
            Condition::ContinueRefused,
        ),
    ];
    brought
        .into_iter()
        .chain(access::conditions(setup))
        .chain(oauth::conditions(setup))
        .chain(handshakes::conditions(setup))
        .chain(schemes::conditions(setup))
        .filter_map(|(is_so, condition)| is_so.then_some(condition))
        .chain(setup.port.and_then(of_port))
        .chain(setup.proxy.and_then(of_proxy))
        .chain(setup.state.and_then(of_state))
        .collect()
}

const fn of_port(port: Port) -> Option<Condition> {
    match port {
        Port::Open => None,
        Port::Closed => Some(Condition::PortClosed),
        Port::Filtered => Some(Condition::PortFiltered),
        Port::Mute => Some(Condition::PortMute),
        Port::HangsUp => Some(Condition::PortHangsUp),
        Port::Resets => Some(Condition::PortResets),
    }
}

fn of_proxy(kind: Proxy) -> Option<Condition> {
    match kind {
        Proxy::Open | Proxy::Refuses => None,
        Proxy::RequiresCredentials | Proxy::RefusesCredentials => {
            Some(Condition::ProxyCredentialsRequired)
        }
        Proxy::BadGateway => Some(Condition::ProxyBadGateway),
        Proxy::Hangs => Some(Condition::ProxyHangs),
    }
}

const fn of_state(state: InstanceState) -> Option<Condition> {
    match state {
        InstanceState::Awake => None,
        InstanceState::Hibernating => Some(Condition::Hibernating),
        InstanceState::Waking => Some(Condition::Waking),
        InstanceState::Down => Some(Condition::Down),
        InstanceState::Restarting => Some(Condition::Restarting),
        InstanceState::Overloaded => Some(Condition::Overloaded),
        InstanceState::Maintenance => Some(Condition::Maintenance),
        InstanceState::LoginPage => Some(Condition::LoginPage),
        InstanceState::Absent => Some(Condition::NoInstance),
        InstanceState::FailingOver => Some(Condition::FailingOver),
        InstanceState::DeveloperSite | InstanceState::IdentityProvider => {
            Some(Condition::AnotherSite)
        }
    }
}

fn of_action(action: &Action) -> Option<Condition> {
    match action {
        Action::Hibernate => Some(Condition::Hibernating),
        Action::LockUser(_) => Some(Condition::AccountLocked),
        Action::DeactivateUser(_) => Some(Condition::AccountInactive),
        Action::RotatePassword(_) => Some(Condition::PasswordRefused),
        Action::RevokeRole(_) => Some(Condition::TableDenied),
        Action::SetRateRule(_) => Some(Condition::RateLimited),
        Action::PresentCertificate(_) | Action::SetHandshake(_) => handshakes::of_action(action),
        Action::OccupySemaphores(others) if *others > 0 => Some(Condition::QueueFull),
        Action::OccupySessions(others) if *others > 0 => Some(Condition::SessionQueueFull),
        Action::Respond(_) => Some(Condition::Scripted),
        Action::Stall(_) => Some(Condition::Stalled),
        Action::HangUp(_) => Some(Condition::HungUp),
        Action::SetPort(port) => of_port(*port),
        Action::Drip(_) => Some(Condition::Dripping),
        Action::Truncate(_) => Some(Condition::Truncated),
        Action::Malform(_) => Some(Condition::Malformed),
        Action::EndStream(_) => Some(Condition::StreamEnded),
        Action::SetRedirects(redirects) => redirects.to.map(|_| Condition::Redirected),
        Action::SetProxy(kind) => of_proxy(*kind),
        Action::Enter(state) => of_state(*state),
        Action::BreakTable(_) => Some(Condition::ScriptError),
        Action::RevokeAccessToken(_)
        | Action::ExpireAccessTokens
        | Action::RevokeRefreshToken
        | Action::ExpireAuthorizationCodes
        | Action::RegenerateClientSecret(_)
        | Action::DeactivateOauthClient(_)
        | Action::ActivateOauthClient(_) => oauth::of_action(action),
        Action::RequireMfa(_) | Action::DeactivateApiKey(_) | Action::SetAccessPolicy(_) => {
            schemes::of_action(action)
        }
        Action::EndSessions => None,
        Action::SignIn => Some(Condition::Waking),
        Action::FailOver(_) => Some(Condition::FailingOver),
        Action::Upgrade(_) => Some(Condition::Maintenance),
        Action::Wake
        | Action::UnlockUser(_)
        | Action::ActivateUser(_)
        | Action::GrantRole(_)
        | Action::RemoveRateRule(_)
        | Action::InsertRecords(_)
        | Action::UpdateRecords(_)
        | Action::DeleteRecords(_)
        | Action::OccupySemaphores(_)
        | Action::OccupySessions(_)
        | Action::MendTable(_) => None,
    }
}
