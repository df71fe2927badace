//! The OAuth flows of PySNC 1.2.1 and pysnow 0.7.17, with applications made through the Table API.

use snowproof_simulator::journal::{Event, TokenCall};

use super::Script;

#[test]
fn pysnc_and_pysnow_sign_in_with_oauth() {
    let script = Script {
        test: "pysnc_and_pysnow_sign_in_with_oauth",
        needs: "pysnc",
        file: "oauth_flows.py",
    };
    let Some(told) = script.run() else { return };
    insta::assert_json_snapshot!(told.said);
    let calls: Vec<&TokenCall> = told
        .entries
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::Request(request) => request.token_call.as_deref(),
            _ => None,
        })
        .collect();
    let given = |grant: &str| {
        let given = calls.iter().filter(|call| call.access_token.is_some());
        given.filter(|call| call.grant.ends_with(grant)).count()
    };
    let grants = [
        "password",
        "client_credentials",
        "refresh_token",
        "jwt-bearer",
    ];
    assert_eq!(grants.map(given), [3, 1, 1, 1], "{calls:?}");
}
