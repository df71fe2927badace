//! servicenowpy 0.1.0, which follows the header `Link`.

use super::Script;

#[test]
fn servicenowpy_follows_links() {
    let script = Script {
        test: "servicenowpy_follows_links",
        needs: "servicenowpy",
        file: "servicenowpy_table.py",
    };
    let Some(told) = script.run() else { return };
    insta::assert_json_snapshot!(told.said);
}
