//! What one query may ask for. A query over a limit is refused.

/// Most conditions in one query, over all its parameters.
pub const MAX_CONDITIONS: usize = 200;
/// Deepest nesting of `$and`, `$or` and `$not`.
pub const MAX_DEPTH: usize = 32;
/// Most values in one `in`.
pub const MAX_IN_VALUES: usize = 1000;
/// Longest `like` pattern, in characters.
pub const MAX_PATTERN: usize = 1000;
/// Most `%` in one `like` pattern.
pub const MAX_WILDCARDS: usize = 16;
/// Most keys that a sort may name.
pub const MAX_SORT_KEYS: usize = 8;
/// The documents of a page that does not say how many it wants.
pub const DEFAULT_LIMIT: u32 = 100;
/// Most documents of a page.
pub const MAX_LIMIT: u32 = 1000;
/// Largest offset: 2^53, up to which every JSON reader counts exactly.
pub const MAX_OFFSET: u64 = 1 << 53;
/// Most steps of a path to expand.
pub const MAX_EXPAND_DEPTH: usize = 6;
/// Most paths to expand.
pub const MAX_EXPAND_PATHS: usize = 32;
/// Most lists within lists on one path: each of them multiplies the answer.
pub const MAX_LISTS_ON_PATH: usize = 2;
/// Most documents of one expanded list; further ones are left out.
pub const MAX_LISTED: u32 = 1000;
/// Most faults that one answer lists.
pub(crate) const MAX_FAULTS: usize = 100;
