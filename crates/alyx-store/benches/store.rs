//! Single steps: a predicate becomes SQL, one document is written, one is read.

fn main() {
    divan::main();
}
