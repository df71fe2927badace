//! Rebuilds the binary when an embedded file changes.

fn main() {
    println!("cargo::rerun-if-changed=../scenarios");
}
