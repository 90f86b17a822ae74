//! The function as C sees it.

use std::{
    ffi::{CStr, c_int, c_void},
    panic::AssertUnwindSafe,
    ptr,
    sync::Arc,
};

use libsqlite3_sys as ffi;
use sqlx::SqliteConnection;

use crate::{RowTest, SqlValue, kept};

/// What the function is called in SQL.
pub const FUNCTION: &str = "alyx_scan";

const C_NAME: &CStr = c"alyx_scan";

/// Why the function could not be installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The connection is not usable.
    #[error("the connection is not usable")]
    Connection(#[source] sqlx::Error),
    /// SQLite refused it.
    #[error("SQLite refused the function with code {0}")]
    Refused(i32),
}

/// Makes the function known to a connection, once in its life.
///
/// # Errors
/// The connection is closed or out of memory.
pub async fn install(connection: &mut SqliteConnection) -> Result<(), InstallError> {
    let mut handle = connection.lock_handle().await.map_err(InstallError::Connection)?;
    let database = handle.as_raw_handle().as_ptr();
    // Not from triggers and views, whose text lives in the file.
    let flags = ffi::SQLITE_UTF8 | ffi::SQLITE_DETERMINISTIC | ffi::SQLITE_DIRECTONLY;
    let any_number = -1;
    // SAFETY: the handle is open while it is locked; the name ends with NUL; there is no user data.
    let code = unsafe {
        ffi::sqlite3_create_function_v2(
            database,
            C_NAME.as_ptr(),
            any_number,
            flags,
            ptr::null_mut(),
            Some(scan),
            None,
            None,
            None,
        )
    };
    if code == ffi::SQLITE_OK { Ok(()) } else { Err(InstallError::Refused(code)) }
}

/// `alyx_scan(TEST, value, …)`.
///
/// # Safety
/// Called by SQLite alone, with the arguments of the call that is running.
unsafe extern "C" fn scan(context: *mut ffi::sqlite3_context, count: c_int, arguments: *mut *mut ffi::sqlite3_value) {
    let count = usize::try_from(count).unwrap_or_default();
    // SAFETY: SQLite passes `count` arguments; with none it may pass null.
    let arguments = if count == 0 { &[][..] } else { unsafe { std::slice::from_raw_parts(arguments, count) } };
    // SAFETY: `context` and `arguments` are those of this call.
    let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| unsafe { answer(context, arguments) }));
    match outcome {
        // SAFETY: `context` is that of this call.
        Ok(Ok(Some(passes))) => unsafe { ffi::sqlite3_result_int(context, passes.into()) },
        // SAFETY: as above.
        Ok(Ok(None)) => unsafe { ffi::sqlite3_result_null(context) },
        // SAFETY: as above.
        Ok(Err(fault)) => unsafe { fail(context, fault) },
        // SAFETY: as above.
        Err(_) => unsafe { fail(context, c"a test panicked") },
    }
}

/// # Safety
/// `context` must be that of the call that is running.
unsafe fn fail(context: *mut ffi::sqlite3_context, fault: &CStr) {
    // SAFETY: the caller vouches for `context`; a negative length is up to the NUL.
    unsafe { ffi::sqlite3_result_error(context, fault.as_ptr(), -1) };
}

/// # Safety
/// `context` and `arguments` must be those of the call that is running.
unsafe fn answer(
    context: *mut ffi::sqlite3_context,
    arguments: &[*mut ffi::sqlite3_value],
) -> Result<Option<bool>, &'static CStr> {
    let (first, rest) = arguments.split_first().ok_or(c"alyx_scan needs a test")?;
    // SAFETY: the caller vouches for the arguments.
    let Some(SqlValue::Integer(number)) = (unsafe { SqlValue::read(*first) }) else {
        return Err(c"alyx_scan needs the number of a test");
    };
    // SAFETY: the caller vouches for `context`.
    let test = unsafe { remembered(context, number) }.ok_or(c"the test is not kept")?;
    let mut values = Vec::with_capacity(rest.len());
    for argument in rest {
        // SAFETY: the caller vouches for the arguments; each is read once.
        values.push(unsafe { SqlValue::read(*argument) }.ok_or(c"a text is not UTF-8")?);
    }
    Ok(test.test(&values))
}

/// The test that the statement asked for before, with its number.
struct Remembered {
    number: i64,
    test: Arc<dyn RowTest>,
}

/// The test of this number: looked up for the first row, at hand for the others.
///
/// # Safety
/// `context` must be that of the call that is running.
unsafe fn remembered(context: *mut ffi::sqlite3_context, number: i64) -> Option<Arc<dyn RowTest>> {
    // SAFETY: the caller vouches for `context`.
    let known = unsafe { ffi::sqlite3_get_auxdata(context, 0) }.cast::<Remembered>();
    // SAFETY: only the call below stores something here, and SQLite keeps it until `forget`.
    if let Some(known) = unsafe { known.as_ref() }
        && known.number == number
    {
        return Some(Arc::clone(&known.test));
    }
    let test = kept::find(number)?;
    let remembered = Box::into_raw(Box::new(Remembered { number, test: Arc::clone(&test) }));
    // SAFETY: SQLite owns the box from here on and gives it back to `forget`.
    unsafe { ffi::sqlite3_set_auxdata(context, 0, remembered.cast(), Some(forget)) };
    Some(test)
}

/// # Safety
/// Called by SQLite alone, once, with what `remembered` stored.
unsafe extern "C" fn forget(remembered: *mut c_void) {
    // SAFETY: it came from `Box::into_raw` of this type.
    drop(unsafe { Box::from_raw(remembered.cast::<Remembered>()) });
}
