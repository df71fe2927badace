//! snowloader 0.8.1: its commands and the loaders of its library.

use super::Script;

#[test]
fn snowloader_loads_what_is_there() {
    let script = Script {
        test: "snowloader_loads_what_is_there",
        needs: "bin/snowloader",
        file: "snowloader_loads.py",
    };
    let Some(told) = script.run() else { return };
    insta::assert_json_snapshot!(told.said);
}
