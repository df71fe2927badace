//! servicenow-rest 0.2.3, on which saltext-servicenow stands.

use super::Script;

#[test]
fn servicenow_rest_works_on_a_table() {
    let script = Script {
        test: "servicenow_rest_works_on_a_table",
        needs: "servicenow_rest",
        file: "servicenow_rest_table.py",
    };
    let Some(told) = script.run() else { return };
    insta::assert_json_snapshot!(told.said);
}
