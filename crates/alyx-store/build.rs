//! Rebuilds when a system migration is added: `include_str!` watches files, not their folder.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
