//! servicenow-cli 0.5.3: each of its commands that meets an instance.

use super::Script;

#[test]
fn servicenow_cli_does_what_its_help_shows() {
    let script = Script {
        test: "servicenow_cli_does_what_its_help_shows",
        needs: "bin/servicenow",
        file: "servicenow_cli.py",
    };
    let Some(told) = script.run() else { return };
    insta::assert_json_snapshot!(told.said);
}
