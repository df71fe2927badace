//! Users, groups, access controls and address ranges of a set-up in plain words.

use snowproof_simulator::journal::Condition;
use snowproof_simulator::setup::{
    AclSetup, Denial, GroupSetup, InstanceSetup, IpRangeKind, IpRangeSetup, Mfa, Operation,
    Password, UserSetup,
};

/// A user.
pub(super) fn user(name: &str, setup: &UserSetup) -> String {
    let mut facts = vec![format!("has {}", roles(&setup.roles))];
    if let Some(groups) = &setup.groups {
        facts.push(format!("is in {}", groups.join(", ")));
    }
    match setup.password.unwrap_or_default() {
        Password::Given => {}
        Password::Another => {
            facts.push("has another password than the connector was given".to_owned());
        }
        Password::Expired => facts.push("has let the password expire".to_owned()),
        Password::Absent => {
            facts.push("has no local password, only single sign-on".to_owned());
        }
    }
    for (set, fact) in [
        (setup.password_needs_reset, "has to reset the password"),
        (setup.web_service_access_only, "may only call web services"),
        (
            setup.mfa.map(|mfa| mfa == Mfa::Required),
            "needs a code with every password",
        ),
        (setup.locked_out, "is locked out"),
        (setup.active.map(|active| !active), "is inactive"),
    ] {
        if set == Some(true) {
            facts.push(fact.to_owned());
        }
    }
    if let Some(zone) = &setup.time_zone {
        facts.push(format!("lives in {zone}"));
    }
    format!("user `{name}` {}", facts.join(", "))
}

/// A group.
pub(super) fn group(name: &str, setup: &GroupSetup) -> String {
    let gives = if setup.inherits == Some(false) {
        "has, and does not pass on,"
    } else {
        "gives"
    };
    format!("group `{name}` {gives} {}", roles(&setup.roles))
}

fn roles(roles: &Option<Vec<String>>) -> String {
    match roles.as_deref() {
        None | Some([]) => "no role".to_owned(),
        Some([role]) => format!("the role {role}"),
        Some(roles) => format!("the roles {}", roles.join(", ")),
    }
}

/// An access control.
pub(super) fn acl(name: &str, setup: &AclSetup) -> String {
    let operation = match setup.operation.unwrap_or_default() {
        Operation::Read => "read",
        Operation::Create => "create",
        Operation::Write => "write",
        Operation::Delete => "delete",
    };
    let mut text = match &setup.api {
        Some(api) => format!("access control `{name}`: to call the {api} takes"),
        None => {
            let table = setup.table.as_deref().unwrap_or("every table");
            format!("access control `{name}`: to {operation} `{table}` takes")
        }
    };
    match setup.roles.as_deref() {
        None | Some([]) => text.push_str(" no role"),
        Some(roles) => text.extend([" ", &roles.join(" or ")]),
    }
    if let Some(condition) = setup.condition.as_deref() {
        text.extend([" and a record with `", condition, "`"]);
    }
    match setup.denial {
        Some(Denial::Refuse) => text.push_str("; else 403"),
        Some(Denial::Hide) => text.push_str("; else 200 with no rows"),
        None => {}
    }
    text
}

/// A range of addresses.
pub(super) fn ip_range(name: &str, setup: &IpRangeSetup) -> String {
    let does = match setup.kind.unwrap_or_default() {
        IpRangeKind::Deny => "denies",
        IpRangeKind::Allow => "allows",
    };
    let from = setup.from.map(|from| from.to_string()).unwrap_or_default();
    match setup.to {
        Some(to) => format!("address range `{name}` {does} {from} to {to}"),
        None => format!("address range `{name}` {does} {from}"),
    }
}

/// Conditions that follow from them, and whether this set-up brings them about.
pub(super) fn conditions(setup: &InstanceSetup) -> Vec<(bool, Condition)> {
    let any_user =
        |is: fn(&UserSetup) -> bool| setup.users.iter().flatten().any(|(_, user)| is(user));
    let any_acl = |is: fn(&AclSetup) -> bool| setup.acls.iter().flatten().any(|(_, acl)| is(acl));
    let mut tables = setup.tables.iter().flatten();
    let mut ranges = setup.ip_access.iter().flatten();
    vec![
        (
            any_user(|user| matches!(user.password, Some(Password::Another | Password::Absent))),
            Condition::PasswordRefused,
        ),
        (
            any_user(|user| user.locked_out == Some(true)),
            Condition::AccountLocked,
        ),
        (
            any_user(|user| user.active == Some(false)),
            Condition::AccountInactive,
        ),
        (
            any_acl(|acl| acl.condition.is_some()),
            Condition::RowsHidden,
        ),
        (
            any_user(|user| user.password == Some(Password::Expired)),
            Condition::PasswordExpired,
        ),
        (
            any_user(|user| user.password_needs_reset == Some(true)),
            Condition::PasswordNeedsReset,
        ),
        (any_acl(|acl| acl.api.is_some()), Condition::ApiDenied),
        (
            tables.any(|(_, table)| table.web_service_access == Some(false)),
            Condition::TableNotExposed,
        ),
        (
            ranges.any(|(_, range)| range.kind.unwrap_or_default() == IpRangeKind::Deny),
            Condition::AddressBlocked,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_brings_about_what_is_wrong_with_it() {
        let setup: InstanceSetup = serde_json::from_value(serde_json::json!({
            "users": { "u": { "password": "another", "active": false } }
        }))
        .unwrap();
        let brought = conditions(&setup).into_iter();
        assert_eq!(
            brought
                .filter(|(is_so, _)| *is_so)
                .map(|(_, condition)| condition)
                .collect::<Vec<_>>(),
            [Condition::PasswordRefused, Condition::AccountInactive]
        );
    }

    #[test]
    fn people_and_controls_read_as_sentences() {
        let written = |json| serde_json::from_value::<UserSetup>(json).unwrap();
        assert_eq!(
            user(
                "sync.user",
                &written(serde_json::json!({
                    "roles": ["itil"], "password": "expired", "locked_out": true
                }))
            ),
            "user `sync.user` has the role itil, has let the password expire, is locked out"
        );
        let api = AclSetup {
            api: Some("Table API".into()),
            roles: Some(vec!["rest_service".into()]),
            ..AclSetup::default()
        };
        assert_eq!(
            acl("endpoint", &api),
            "access control `endpoint`: to call the Table API takes rest_service"
        );
        let range = IpRangeSetup {
            from: Some([127, 0, 0, 1].into()),
            ..IpRangeSetup::default()
        };
        assert_eq!(
            ip_range("here", &range),
            "address range `here` denies 127.0.0.1"
        );
    }
}
