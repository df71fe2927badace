//! Who the caller is: `GET /api/now/ui/user/current_user` (wire-core 4.9).

use http::{Method, StatusCode};
use serde_json::json;

use super::Owned;
use super::failures::Failed;
use super::query_string::Parameters;
use super::reading;
use crate::fidelity::{Behaviour, Standing};
use crate::policy::Access;
use crate::reply::Reply;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour {
        what: "`result` holds `user_sys_id`, `user_name`, `user_display_name`, `user_initials` and `user_avatar` of the caller",
        standing: Standing::Observed,
        source: "wire-core 4.9",
    },
    Behaviour {
        what: "initials are the first letters of first and last name, or of the user name; the avatar is the attachment's id, or empty",
        standing: Standing::Assumed,
        source: "wire-core 4.9 names the keys alone",
    },
    Behaviour {
        what: "everyone may ask, whatever access controls guard `sys_user`; methods but GET and HEAD are 405",
        standing: Standing::Assumed,
        source: "wire-core 4.9",
    },
];

pub(super) fn answer(call: &Owned) -> Result<Reply, Failed> {
    if !matches!(call.method, Method::GET | Method::HEAD) {
        return Err(call.failures.wrong_method(&call.method).into());
    }
    let user = call.store.schema().known("sys_user")?;
    let asked = Parameters::read("sysparm_fields=name,first_name,last_name,avatar");
    let id = &call.identity.sys_id;
    let found = call
        .store
        .read(|connection| reading::record(connection, call, user, &Access::ALL, id, &asked))?;
    let value = |name: &str| {
        let (shown, row) = found.as_ref()?;
        let at = shown.iter().position(|shown| shown.key == name)?;
        row.values.get(at)
    };
    let value = |name: &str| value(name).unwrap_or("");
    let name = &call.identity.user_name;
    Ok(Reply::json(
        StatusCode::OK,
        &json!({"result": {
            "user_sys_id": id,
            "user_name": name,
            "user_display_name": value("name"),
            "user_initials": initials(value("first_name"), value("last_name"), name),
            "user_avatar": value("avatar"),
        }}),
    ))
}

fn initials(first_name: &str, last_name: &str, user_name: &str) -> String {
    let of = |names: [&str; 2]| -> String {
        let letters = names.iter().filter_map(|name| name.chars().next());
        letters.flat_map(char::to_uppercase).collect()
    };
    match of([first_name, last_name]) {
        none if none.is_empty() => of([user_name, ""]),
        initials => initials,
    }
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_those_of_the_names_there_are() {
        assert_eq!(initials("System", "Administrator", "admin"), "SA");
        assert_eq!(initials("", "örtel", "x"), "Ö");
        assert_eq!(initials("", "", "sync.user"), "S");
    }
}
