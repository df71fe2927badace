//! A scenario's instances and steps in plain words.

use snowproof_simulator::director::words;
use snowproof_simulator::duration::ScaledDuration;
use snowproof_simulator::setup::{
    Action, ExpectContinue, Gateway, HangUpManner, HeadPlace, InstanceSetup, Moment, PlainHttp,
    Port, Proxy, RateRuleSetup, Rows, Step, Trigger,
};

use super::{access, handshakes, oauth, schemes};

/// What an instance is like, one fact an item.
pub(super) fn instance(setup: &InstanceSetup) -> Vec<String> {
    let mut facts = Vec::new();
    if let Some(state) = setup.state {
        facts.push(format!("it is {}", state.in_words()));
    }
    if let Some(takes) = setup.wakes_in {
        facts.push(format!("it takes {} to wake up", length(takes)));
    }
    for table in setup.broken_tables.iter().flatten() {
        facts.push(format!("a script on `{table}` throws"));
    }
    if let Some(apis) = &setup.missing_apis {
        facts.push(format!("APIs that are not there: {}", words_of(apis)));
    }
    if setup.plain_http == Some(PlainHttp::Redirect) {
        facts.push("requests without TLS are sent on to https".to_owned());
    }
    facts.extend(handshakes::facts(setup));
    for (name, table) in setup.tables.iter().flatten() {
        let rows = table.rows.map_or("its demo rows".to_owned(), rows);
        let closed = table.web_service_access == Some(false);
        let closed = if closed {
            " and is closed to web services"
        } else {
            ""
        };
        facts.push(format!("`{name}` holds {rows}{closed}"));
    }
    for (name, setup) in setup.users.iter().flatten() {
        facts.push(access::user(name, setup));
    }
    for (name, group) in setup.groups.iter().flatten() {
        facts.push(access::group(name, group));
    }
    for (name, setup) in setup.acls.iter().flatten() {
        facts.push(access::acl(name, setup));
    }
    for (name, range) in setup.ip_access.iter().flatten() {
        facts.push(access::ip_range(name, range));
    }
    for (name, rule) in setup.rate_rules.iter().flatten() {
        facts.push(format!("rate rule `{name}`: {}", rate_rule(rule)));
    }
    for (name, value) in setup.properties.iter().flatten() {
        facts.push(format!("property `{name}` is `{value}`"));
    }
    if let Some(clock) = &setup.clock {
        if let Some(behind) = clock.behind {
            facts.push(format!("its clock is {} behind", length(behind)));
        }
        if clock.stands_still == Some(true) {
            facts.push("its clock stands still".to_owned());
        }
    }
    if let Some(quota) = setup.query_quota {
        let rows = rows(quota);
        facts.push(format!("a list of more than {rows} is cancelled half way"));
    }
    if let Some(time) = &setup.query_time {
        let quota = time.quota.map_or("60s".to_owned(), length);
        facts.push(format!("so many rows take {quota}"));
        if let Some(waits) = time.edge_waits {
            facts.push(format!(
                "the edge answers what takes longer than {}",
                length(waits)
            ));
        }
    }
    if let Some(pool) = &setup.semaphores {
        let (slots, queue) = (pool.slots.unwrap_or(4), pool.queue.unwrap_or(50));
        let others = pool.occupied.unwrap_or(0);
        facts.push(format!(
            "{slots} requests run at once and {queue} wait, {others} of them of other callers"
        ));
        if let Some(longest) = pool.longest_wait {
            facts.push(format!("none waits longer than {}", length(longest)));
        }
    }
    if let Some(queue) = &setup.session_queue {
        let depth = queue.depth.unwrap_or(11);
        facts.push(format!(
            "a session runs one request at a time and {depth} wait"
        ));
        if let Some(others) = queue.occupied.filter(|others| *others > 0) {
            facts.push(format!(
                "{others} slow ones stand in each session before them"
            ));
        }
    }
    if let Some(switches) = &setup.switches {
        facts.push(format!("wordings chosen: {}", words_of(switches)));
    }
    if let Some(state) = setup.port {
        facts.push(format!("its port {}", port(state)));
    }
    facts.extend(setup.gateway.as_ref().map(gateway));
    if let Some(to) = setup.redirects.as_ref().and_then(|it| it.to) {
        facts.push(format!("its edge sends every request on {}", to.in_words()));
    }
    if setup.http2 == Some(true) {
        facts.push("its port offers HTTP/2".to_owned());
    }
    match setup.expect_continue {
        Some(ExpectContinue::Ignored) => facts.push("its edge never answers 100".to_owned()),
        Some(ExpectContinue::Refused) => facts.push("its edge answers 417 to `Expect`".to_owned()),
        Some(ExpectContinue::Met) | None => {}
    }
    for (name, setup) in setup.oauth_clients.iter().flatten() {
        facts.push(oauth::client(name, setup));
    }
    facts.extend(schemes::facts(setup));
    facts.extend(setup.proxy.map(|kind| proxy(kind).to_owned()));
    facts
}

fn gateway(rules: &Gateway) -> String {
    let listed = |what: &str, names: &Option<Vec<String>>| {
        let names = names.as_ref()?.join(", ");
        Some(format!("{what} {names}"))
    };
    let rules: Vec<String> = [
        listed("methods", &rules.methods),
        listed("bodies of type", &rules.bodies),
        listed("calls that accept", &rules.accepts),
    ]
    .into_iter()
    .flatten()
    .collect();
    format!(
        "a gateway before it lets nothing through but {}",
        rules.join(" and ")
    )
}

const fn port(port: Port) -> &'static str {
    match port {
        Port::Open => "accepts connections",
        Port::Closed => "refuses connections",
        Port::Filtered => "answers no SYN",
        Port::Mute => "accepts connections and answers no TLS handshake",
        Port::HangsUp => "accepts connections and closes them at once",
        Port::Resets => "accepts connections and resets them at once",
    }
}

fn rate_rule(rule: &RateRuleSetup) -> String {
    let limit = rule.limit.unwrap_or_default();
    let window = rule.window.map_or("1h shown as 3s".to_owned(), length);
    let whom = match (&rule.user, &rule.role) {
        (Some(user), _) => format!("for user `{user}`"),
        (None, Some(role)) => format!("for holders of `{role}`"),
        (None, None) => "for everyone".to_owned(),
    };
    let api = rule.api.as_deref().unwrap_or("Table API");
    let eaten = match rule.neighbour.unwrap_or_default() {
        0 => String::new(),
        eaten => format!(", {eaten} of which another integration makes first"),
    };
    format!("{limit} requests per {window} {whom}, {api}{eaten}")
}

/// A length of time; a documented one that is not waited for says what is used instead.
pub(super) fn length(length: ScaledDuration) -> String {
    length.told()
}

fn rows(rows: Rows) -> String {
    match rows {
        Rows::Count(1) => "1 row".to_owned(),
        Rows::Count(count) => format!("{count} rows"),
        Rows::Pages(pages) => format!("{pages} pages of the connector's page size"),
    }
}

const fn proxy(kind: Proxy) -> &'static str {
    match kind {
        Proxy::Open => "a proxy lets everyone through",
        Proxy::RequiresCredentials => "a proxy wants the credentials that the connector was given",
        Proxy::RefusesCredentials => "a proxy refuses the credentials that the connector was given",
        Proxy::BadGateway => "a proxy cannot reach the instance",
        Proxy::Hangs => "a proxy never answers",
        Proxy::Refuses => "nothing listens on the proxy's port",
    }
}

/// What happens, and when.
pub(super) fn step(step: &Step) -> String {
    let when = step.when.as_ref().map(trigger).unwrap_or_default();
    let at = match step.at.unwrap_or_default() {
        Moment::Arrival => "",
        Moment::Decided => ", once its answer is decided",
        Moment::Delivered => ", once its answer is delivered",
    };
    let on = match step.instance.as_deref() {
        None | Some("main") => String::new(),
        Some(name) => format!(" (instance `{name}`)"),
    };
    let done: Vec<String> = step.actions.iter().flatten().map(action).collect();
    let done = if done.is_empty() {
        "the moment is marked".to_owned()
    } else {
        done.join(", then ")
    };
    format!("{when}{at}: {done}{on}")
}

fn trigger(trigger: &Trigger) -> String {
    let times = match (trigger.nth, trigger.every, trigger.from, trigger.to) {
        (_, Some(every), _, _) => format!("once in {every}: "),
        (_, _, Some(from), Some(to)) => format!("number {from} to {to}: "),
        (_, _, Some(from), None) => format!("number {from} and on: "),
        (Some(nth), ..) if nth > 1 => format!("number {nth}: "),
        _ => String::new(),
    };
    let mut text = if let Some(table) = &trigger.read {
        match trigger.page {
            Some(page) => format!("when page {page} of `{table}` is asked for"),
            None => format!("{times}when `{table}` is listed"),
        }
    } else if let Some(request) = &trigger.request {
        format!("{times}when `{request}` is requested")
    } else if let Some(connection) = trigger.connection {
        format!("at connection {connection}")
    } else if let Some(event) = &trigger.event {
        match trigger.after {
            Some(after) => format!("{times}{} after step `{event}`", length(after)),
            None => format!("{times}after step `{event}`"),
        }
    } else if let Some(act) = trigger.act {
        format!("when act {act} begins")
    } else if let Some(after) = trigger.after {
        format!("{} after the first contact", length(after))
    } else {
        String::new()
    };
    if let Some(caller) = trigger.caller {
        text.extend([" by ", words_of(&caller).trim_matches('"')]);
    }
    text
}

fn action(action: &Action) -> String {
    match action {
        Action::Hibernate => "the instance goes to sleep".to_owned(),
        Action::Wake => "the instance wakes up".to_owned(),
        Action::LockUser(user) => format!("`{user}` is locked out"),
        Action::UnlockUser(user) => format!("`{user}` is unlocked"),
        Action::DeactivateUser(user) => format!("`{user}` is deactivated"),
        Action::ActivateUser(user) => format!("`{user}` is activated"),
        Action::RotatePassword(user) => format!("the password of `{user}` is changed"),
        Action::GrantRole(it) => format!("`{}` is given the role {}", it.user, it.role),
        Action::RevokeRole(it) => format!("`{}` loses the role {}", it.user, it.role),
        Action::SetRateRule(named) => {
            format!(
                "rate rule `{}` is set: {}",
                named.name,
                rate_rule(&named.rule)
            )
        }
        Action::RemoveRateRule(name) => format!("rate rule `{name}` is removed"),
        Action::PresentCertificate(kind) => {
            format!("the certificate is {}", handshakes::certificate(*kind))
        }
        Action::InsertRecords(it) => {
            let late = begun(it.begun);
            format!("{} appear in `{}`{late}", rows(it.rows), it.table)
        }
        Action::UpdateRecords(it) => {
            let late = begun(it.begun);
            format!("records of `{}` change ({}){late}", it.table, it.query)
        }
        Action::DeleteRecords(it) => format!("records of `{}` go ({})", it.table, it.query),
        Action::OccupySemaphores(others) => {
            format!("{others} slow transactions of other callers run or wait")
        }
        Action::OccupySessions(others) => {
            format!("{others} slow transactions run or wait in each session")
        }
        Action::Respond(raw) => format!("the request is answered with a scripted {}", raw.status),
        Action::Stall(it) => {
            let place = after(it.after_body_bytes, it.within);
            format!("the answer falls silent{place}")
        }
        Action::HangUp(it) => {
            let how = match it.manner.unwrap_or_default() {
                HangUpManner::Reset => "reset",
                HangUpManner::Close => "closed",
            };
            let announced = match (it.announced, it.until_close) {
                (Some(true), _) => ", the whole length announced",
                (_, Some(true)) => ", by which alone the body ends",
                _ => "",
            };
            format!(
                "the connection is {how}{}{announced}",
                after(it.after_body_bytes, it.within)
            )
        }
        Action::SetPort(state) => format!("the port {}", port(*state)),
        Action::Drip(drip) => format!(
            "after {} bytes of the body the answer comes {} at a time, one every {}",
            drip.after_body_bytes.unwrap_or(0),
            drip.bytes.unwrap_or(1),
            drip.every.map_or("1s".to_owned(), length)
        ),
        Action::Truncate(it) => format!(
            "the answer ends after {} bytes as if it were whole",
            it.after_body_bytes
        ),
        Action::SetHandshake(kind) => format!("the port {}", handshakes::answer(*kind)),
        Action::SetProxy(kind) => proxy(*kind).to_owned(),
        Action::Enter(state) => format!("the instance is {}", state.in_words()),
        Action::BreakTable(table) => format!("a script on `{table}` throws from here on"),
        Action::MendTable(table) => format!("the script on `{table}` is mended"),
        Action::RevokeAccessToken(_)
        | Action::ExpireAccessTokens
        | Action::RevokeRefreshToken
        | Action::RegenerateClientSecret(_)
        | Action::DeactivateOauthClient(_)
        | Action::ActivateOauthClient(_)
        | Action::EndSessions
        | Action::ExpireAuthorizationCodes
        | Action::SignIn
        | Action::FailOver(_)
        | Action::Upgrade(_) => words(action),
        Action::Malform(_) | Action::SetRedirects(_) | Action::EndStream(_) => words(action),
        Action::RequireMfa(_) | Action::DeactivateApiKey(_) | Action::SetAccessPolicy(_) => {
            schemes::action(action)
        }
    }
}

fn after(bytes: Option<u64>, within: Option<HeadPlace>) -> String {
    match (within, bytes) {
        (Some(place), _) => format!(" after {}", place.in_words()),
        (None, Some(bytes)) => format!(" after {bytes} bytes of the body"),
        (None, None) => " before the status line".to_owned(),
    }
}

fn words_of(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// When the transaction began, where that was earlier.
fn begun(earlier: Option<ScaledDuration>) -> String {
    earlier.map_or_else(String::new, |earlier| {
        format!(", and bear a time {} before", length(earlier))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scaled_window_says_what_is_used_instead() {
        let rule = RateRuleSetup {
            limit: Some(2),
            window: Some("1h as 3s".parse().unwrap()),
            user: Some("sync.user".to_owned()),
            ..RateRuleSetup::default()
        };
        assert_eq!(
            rate_rule(&rule),
            "2 requests per 1h shown as 3s for user `sync.user`, Table API"
        );
        assert_eq!(length("150ms".parse().unwrap()), "150ms");
    }

    #[test]
    fn a_step_reads_as_a_sentence() {
        let told: Step = serde_json::from_value(serde_json::json!({
            "when": { "read": "cmdb_ci", "page": 3 },
            "at": "decided",
            "do": ["hibernate", { "hang_up": { "after_body_bytes": 64 } }],
        }))
        .unwrap();
        assert_eq!(
            step(&told),
            "when page 3 of `cmdb_ci` is asked for, once its answer is decided: the instance goes \
             to sleep, then the connection is reset after 64 bytes of the body"
        );
    }
}
