//! ipfabric-snow 0.1.0b16: what its sync does to an instance.

use super::Script;

#[test]
fn ipfabric_snow_pushes_devices() {
    let script = Script {
        test: "ipfabric_snow_pushes_devices",
        needs: "ipfabric_snow",
        file: "apart/ipfabric_snow_sync.py",
    };
    let Some(told) = script.run() else { return };
    insta::assert_json_snapshot!(told.said);
}
