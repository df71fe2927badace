//! snow 0.3.1, which aiosnow came from.

use super::Script;

#[test]
fn snow_works_on_a_table() {
    let script = Script {
        test: "snow_works_on_a_table",
        needs: "snow",
        file: "snow_table.py",
    };
    let Some(told) = script.run() else { return };
    insta::assert_json_snapshot!(told.said);
}
