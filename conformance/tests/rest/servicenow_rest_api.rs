//! servicenow-rest-api 1.2.2: all of its methods.

use super::Script;

#[test]
fn servicenow_rest_api_does_all_its_methods() {
    let script = Script {
        test: "servicenow_rest_api_does_all_its_methods",
        needs: "node/node_modules/servicenow-rest-api",
        file: "servicenow_rest_api.cjs",
    };
    let Some(told) = script.run() else { return };
    insta::assert_json_snapshot!(told.said);
}
