//! What a worker prints outside of calls: read line by line, never more than a line at a time.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Child,
    task::JoinHandle,
};

use crate::worker::Output;

/// Longest line in bytes; what is longer is cut into several.
pub(crate) const LONGEST_LINE: usize = 8 * 1024;
/// Lines kept for whoever asks why a worker ended.
const LAST_WORDS: usize = 20;
/// How long is waited for the rest of the output of a process that has ended: another may hold it open.
const REST: Duration = Duration::from_millis(500);

/// The last lines on standard error.
#[derive(Clone, Default)]
pub(crate) struct LastWords(Arc<Mutex<VecDeque<String>>>);

impl LastWords {
    pub(crate) fn add(&self, line: &str) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LAST_WORDS {
            lines.pop_front();
        }
        lines.push_back(line.to_owned());
    }

    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }
}

/// Both outputs being read.
pub(super) struct Reading(Vec<JoinHandle<()>>);

impl Reading {
    /// Waits for what was still to be read.
    pub(super) async fn end(self) {
        for mut reading in self.0 {
            if tokio::time::timeout(REST, &mut reading).await.is_err() {
                reading.abort();
            }
        }
    }
}

/// Reads both outputs of a process until they end.
pub(super) fn read(child: &mut Child, output: &Output, last_words: &LastWords) -> Reading {
    let (to_output, to_error) = (output.clone(), output.clone());
    let last_words = last_words.clone();
    let standard = child.stdout.take().map(|pipe| tokio::spawn(lines(pipe, move |line| to_output(false, line))));
    let error = child.stderr.take().map(|pipe| {
        tokio::spawn(lines(pipe, move |line| {
            last_words.add(line);
            to_error(true, line);
        }))
    });
    Reading(standard.into_iter().chain(error).collect())
}

async fn lines(mut pipe: impl AsyncRead + Unpin, mut take: impl FnMut(&str)) {
    let mut rest: Vec<u8> = Vec::new();
    let mut buffer = vec![0; LONGEST_LINE];
    while let Ok(count) = pipe.read(&mut buffer).await {
        if count == 0 {
            break;
        }
        for piece in buffer[..count].split_inclusive(|byte| *byte == b'\n') {
            rest.extend_from_slice(piece);
            if rest.ends_with(b"\n") || rest.len() >= LONGEST_LINE {
                take(String::from_utf8_lossy(&rest).trim_end());
                rest.clear();
            }
        }
    }
    if !rest.is_empty() {
        take(String::from_utf8_lossy(&rest).trim_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_are_cut_and_a_last_one_needs_no_end() {
        let text = format!("one\n{}\ntwo", "x".repeat(LONGEST_LINE * 2 + 5));
        let mut found = Vec::new();
        lines(text.as_bytes(), |line| found.push(line.len())).await;
        assert_eq!(found.iter().sum::<usize>(), 3 + LONGEST_LINE * 2 + 5 + 3);
        assert!(found.iter().all(|length| *length <= 2 * LONGEST_LINE), "{found:?}");
        assert_eq!((found[0], *found.last().unwrap()), (3, 3));
    }
}
