//! Writes the journal to a file, off the threads that serve.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

use super::{Entry, Header};

/// A thread that owns the file. Dropping it writes out what it was given.
#[derive(Debug)]
pub(super) struct Writer {
    entries: Option<Sender<Arc<Entry>>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Writer {
    pub(super) fn create(path: &Path, header: &Header) -> io::Result<Self> {
        let mut file = BufWriter::new(File::create(path)?);
        write_line(&mut file, header)?;
        file.flush()?;
        let (entries, incoming) = channel::<Arc<Entry>>();
        let thread = thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || {
                while let Ok(entry) = incoming.recv() {
                    write_line(&mut file, &*entry)?;
                    for entry in incoming.try_iter() {
                        write_line(&mut file, &*entry)?;
                    }
                    file.flush()?;
                }
                file.flush()
            })?;
        Ok(Self {
            entries: Some(entries),
            thread: Some(thread),
        })
    }

    pub(super) fn write(&self, entry: &Arc<Entry>) {
        // The thread ends early only when writing failed; `finish` says so.
        if let Some(entries) = &self.entries {
            let _write_failure_is_reported_by_finish = entries.send(Arc::clone(entry));
        }
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.join()
    }

    fn join(&mut self) -> io::Result<()> {
        drop(self.entries.take());
        match self.thread.take() {
            Some(thread) => thread
                .join()
                .unwrap_or_else(|_| Err(io::Error::other("the journal's writer panicked"))),
            None => Ok(()),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _nobody_left_to_tell = self.join();
    }
}

fn write_line(file: &mut impl Write, line: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *file, line)?;
    file.write_all(b"\n")
}
