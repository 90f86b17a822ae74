//! A value as SQLite hands it to a function.

use std::ffi::c_int;

use libsqlite3_sys as ffi;

/// A value of a row, borrowed for the time of one call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SqlValue<'a> {
    /// Null.
    Null,
    /// A whole number.
    Integer(i64),
    /// A float.
    Real(f64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

impl<'a> SqlValue<'a> {
    /// Reads an argument; `None` for text that is not UTF-8.
    ///
    /// # Safety
    /// `value` must be an argument of the function call that is running, and nothing else may read it
    /// while the result lives.
    pub(crate) unsafe fn read(value: *mut ffi::sqlite3_value) -> Option<SqlValue<'a>> {
        // SAFETY: the caller vouches for the argument.
        let kind = unsafe { ffi::sqlite3_value_type(value) };
        Some(match kind {
            // SAFETY: as above.
            ffi::SQLITE_INTEGER => SqlValue::Integer(unsafe { ffi::sqlite3_value_int64(value) }),
            // SAFETY: as above.
            ffi::SQLITE_FLOAT => SqlValue::Real(unsafe { ffi::sqlite3_value_double(value) }),
            ffi::SQLITE_TEXT => {
                // SAFETY: as above. Text before length, as SQLite wants it.
                let start = unsafe { ffi::sqlite3_value_text(value) };
                // SAFETY: as above.
                let length = unsafe { ffi::sqlite3_value_bytes(value) };
                // SAFETY: SQLite gave both for this value.
                let bytes = unsafe { bytes(start, length) };
                SqlValue::Text(std::str::from_utf8(bytes).ok()?)
            }
            ffi::SQLITE_BLOB => {
                // SAFETY: as above. The pointer before the length, as SQLite wants it.
                let start = unsafe { ffi::sqlite3_value_blob(value) }.cast();
                // SAFETY: as above.
                let length = unsafe { ffi::sqlite3_value_bytes(value) };
                // SAFETY: SQLite gave both for this value.
                SqlValue::Blob(unsafe { bytes(start, length) })
            }
            _ => SqlValue::Null,
        })
    }
}

/// # Safety
/// `start` must be null or point at `length` bytes that live as long as the result.
unsafe fn bytes<'a>(start: *const u8, length: c_int) -> &'a [u8] {
    match usize::try_from(length) {
        // SAFETY: the caller vouches for pointer and length.
        Ok(length) if !start.is_null() && length > 0 => unsafe { std::slice::from_raw_parts(start, length) },
        _ => &[],
    }
}
