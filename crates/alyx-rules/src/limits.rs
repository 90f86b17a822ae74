//! What a rule may ask for. A text over a limit is a fault of the schema; an evaluation over one is unknown.

/// Longest rule, in bytes.
pub(crate) const MAX_TEXT: usize = 4096;
/// Deepest nesting of brackets, outside string literals.
pub(crate) const MAX_BRACKETS: usize = 64;
/// Most operators, selections and calls that stand in a row without `&&`, `||` or a comma between them,
/// counted over all open brackets: what bounds the depth of the tree.
pub(crate) const MAX_CHAIN: usize = 160;
/// Most nodes of one rule, those that `cel.bind` repeats counted each time.
pub(crate) const MAX_NODES: usize = 2000;
/// Most nodes within each other, to which `cel.bind` adds those of what it binds.
pub(crate) const MAX_DEPTH: usize = 250;
/// Most conditions that a rule may become, conditional expressions repeating theirs.
pub(crate) const MAX_CONDITIONS: usize = 4000;
/// Most parts of what is left of a rule once lists of a request are put in, each as often as it is asked.
pub(crate) const MAX_LEFT: usize = 20_000;
/// Most `exists_in` of one rule.
pub(crate) const MAX_EXISTS_IN: usize = 8;
/// Deepest nesting of `exists_in`.
pub(crate) const MAX_EXISTS_IN_DEPTH: usize = 3;
/// Most foreign keys followed in a row.
pub(crate) const MAX_HOPS: usize = 4;
/// Longest regular expression, in characters.
pub(crate) const MAX_PATTERN: usize = 1000;
/// Largest compiled regular expression, in bytes.
pub(crate) const MAX_PATTERN_SIZE: usize = 1 << 18;
/// Steps of one evaluation, of one partial evaluation, and of one test of a document.
pub(crate) const MAX_STEPS: u32 = 10_000;
/// Bytes of text that are worked on in one step.
pub(crate) const BYTES_A_STEP: usize = 64;
/// Most work that a value can be to look at, in bytes: more than there are steps for.
pub(crate) const MAX_WEIGHT: usize = (MAX_STEPS as usize + 1) * BYTES_A_STEP;
/// Most work that a value can be which stands in a rule, in bytes.
pub(crate) const MAX_CONSTANT: usize = 1 << 16;
/// Longest text or list that an evaluation makes.
pub(crate) const MAX_LENGTH: usize = 1 << 20;
/// Longest list that `all` and `exists` are written out for, and longest `in` that becomes one.
pub(crate) const MAX_ITEMS: usize = 1000;
/// Most variables of list macros in one rule: as many as a set of them has bits.
pub(crate) const MAX_VARIABLES: usize = 64;
