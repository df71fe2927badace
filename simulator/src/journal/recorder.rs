//! Where entries are appended and read.
//!
//! Sequence and time are given under one short lock, so that their order is the order of the file.
//! Secrets are replaced on the way in. It knows nothing of what the entries mean.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::writer::Writer;
use super::{Actor, Cause, Entry, Event, Header, cleansing};
use crate::clock::Clock;
use crate::redaction::Redactor;

/// The journal of one simulator; clones write to the same.
#[derive(Clone)]
pub struct Journal {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Clock,
    header: Header,
    redactor: Redactor,
    /// Entries kept in memory at most, the newest ones.
    kept: usize,
    book: Mutex<Book>,
    length: watch::Sender<Length>,
}

#[derive(Default)]
struct Book {
    entries: VecDeque<Arc<Entry>>,
    /// Entries that were let go.
    gone: u64,
    act: u32,
    closed: bool,
    writer: Option<Writer>,
}

/// What waiting subscribers are told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Length {
    entries: u64,
    closed: bool,
}

impl Book {
    /// Entries so far, those that were let go included.
    fn length(&self) -> u64 {
        self.gone + self.entries.len() as u64
    }

    /// The entry after the first `count` ones, if there is one and it is kept.
    fn after(&self, count: u64) -> Option<&Arc<Entry>> {
        let place = count.checked_sub(self.gone)?;
        self.entries.get(usize::try_from(place).ok()?)
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal")
            .field("header", &self.inner.header)
            .field("entries", &self.book().length())
            .finish()
    }
}

impl Journal {
    /// An empty journal, written to `file` too if there is one. Of its entries the newest `kept`
    /// stay in memory, all of them where it is none.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub(crate) fn open(
        clock: Clock,
        header: Header,
        redactor: Redactor,
        file: Option<&Path>,
        kept: Option<NonZeroUsize>,
    ) -> io::Result<Self> {
        let writer = match file {
            Some(path) => Some(Writer::create(path, &header)?),
            None => None,
        };
        Ok(Self {
            inner: Arc::new(Inner {
                clock,
                header,
                redactor,
                kept: kept.map_or(usize::MAX, NonZeroUsize::get),
                book: Mutex::new(Book {
                    writer,
                    ..Book::default()
                }),
                length: watch::Sender::new(Length::default()),
            }),
        })
    }

    /// The first line.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.inner.header
    }

    /// Every entry that is kept, in order: every one so far, unless the simulator was told to keep
    /// fewer.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.book()
            .entries
            .iter()
            .map(|entry| Entry::clone(entry))
            .collect()
    }

    /// The entries that are kept from sequence number `from` on, in order, without copying them.
    #[must_use]
    pub fn since(&self, from: u64) -> Vec<Arc<Entry>> {
        let book = self.book();
        let skip = from.saturating_sub(1).saturating_sub(book.gone);
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        book.entries.iter().skip(skip).cloned().collect()
    }

    /// The entries from here on, as they are appended.
    #[must_use]
    pub fn subscribe(&self) -> Subscription {
        let next = self.book().length();
        Subscription {
            journal: self.clone(),
            length: self.inner.length.subscribe(),
            next,
        }
    }

    /// Appends what happened and gives its sequence number; nothing after [`Journal::close`].
    pub(crate) fn append(
        &self,
        actor: Actor,
        instance: &str,
        cause: Option<Cause>,
        event: Event,
    ) -> Option<u64> {
        let event = cleansing::cleanse(event, &self.inner.redactor);
        let mut book = self.book();
        if book.closed {
            return None;
        }
        let entry = Arc::new(Entry {
            seq: book.length() + 1,
            at_ns: self.inner.clock.now().nanos(),
            act: book.act,
            actor,
            instance: instance.to_owned(),
            cause,
            event,
        });
        if let Some(writer) = &book.writer {
            writer.write(&entry);
        }
        let seq = entry.seq;
        book.entries.push_back(entry);
        if book.entries.len() > self.inner.kept {
            book.entries.pop_front();
            book.gone += 1;
        }
        // Under the lock, so that subscribers never see the length shrink.
        self.tell(&book);
        Some(seq)
    }

    /// The act that entries belong to from here on.
    pub(crate) fn enter_act(&self, act: u32) {
        self.book().act = act;
    }

    /// The act that entries belong to.
    #[must_use]
    pub fn act(&self) -> u32 {
        self.book().act
    }

    /// Ends the journal: later entries are refused, subscriptions end, the file is written out.
    ///
    /// # Errors
    /// When the file could not be written whole.
    pub(crate) fn close(&self) -> io::Result<()> {
        let writer = {
            let mut book = self.book();
            book.closed = true;
            self.tell(&book);
            book.writer.take()
        };
        writer.map_or(Ok(()), Writer::finish)
    }

    pub(crate) fn redactor(&self) -> &Redactor {
        &self.inner.redactor
    }

    /// Whoever subscribes looks into the book before it waits, so that only those who are there
    /// need to be told.
    fn tell(&self, book: &Book) {
        if self.inner.length.receiver_count() == 0 && !book.closed {
            return;
        }
        self.inner.length.send_replace(Length {
            entries: book.length(),
            closed: book.closed,
        });
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.inner
            .book
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Entries as they are appended. None is skipped, however slowly they are read, but those that the
/// journal has let go meanwhile.
#[derive(Debug)]
pub struct Subscription {
    journal: Journal,
    length: watch::Receiver<Length>,
    /// Entries that were read or skipped.
    next: u64,
}

impl Subscription {
    /// The next entry; `None` after the last one of a closed journal.
    pub async fn next(&mut self) -> Option<Arc<Entry>> {
        loop {
            {
                let book = self.journal.book();
                self.next = self.next.max(book.gone);
                if let Some(entry) = book.after(self.next) {
                    self.next += 1;
                    return Some(Arc::clone(entry));
                }
            }
            let next = self.next;
            let seen = self
                .length
                .wait_for(|length| length.closed || length.entries > next)
                .await
                .ok()
                .map(|length| *length)?;
            if seen.closed && seen.entries <= next {
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{ActEnded, Unmodelled, VERSION};

    fn journal(file: Option<&Path>) -> Journal {
        keeping(file, None)
    }

    fn keeping(file: Option<&Path>, kept: Option<usize>) -> Journal {
        let header = Header {
            journal: VERSION.to_owned(),
            started: "2026-11-22T00:00:00Z".to_owned(),
            seed: 7,
            instances: [("main".to_owned(), "dev10001.instance.test".to_owned())].into(),
        };
        let redactor = Redactor::new([("password", "hunter22")]);
        let kept = kept.and_then(NonZeroUsize::new);
        Journal::open(Clock::start(), header, redactor, file, kept).unwrap()
    }

    fn unmodelled(what: &str) -> Event {
        Event::Unmodelled(Unmodelled {
            request: None,
            what: what.to_owned(),
        })
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn concurrent_entries_are_ordered_without_gaps() {
        let journal = journal(None);
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let journal = journal.clone();
            tasks.spawn(async move {
                for act in 0..50 {
                    journal.append(
                        Actor::Instance,
                        "main",
                        None,
                        Event::ActEnded(ActEnded { act }),
                    );
                }
            });
        }
        tasks.join_all().await;
        let entries = journal.entries();
        assert_eq!(entries.len(), 400);
        for (index, pair) in entries.windows(2).enumerate() {
            assert_eq!(pair[0].seq, index as u64 + 1);
            assert!(pair[0].at_ns <= pair[1].at_ns);
        }
    }

    #[tokio::test]
    async fn a_subscription_gives_what_follows_and_ends() {
        let journal = journal(None);
        journal.append(Actor::Instance, "main", None, unmodelled("before"));
        let mut subscription = journal.subscribe();
        journal.append(Actor::Instance, "main", None, unmodelled("after"));
        let entry = subscription.next().await.unwrap();
        assert_eq!((entry.seq, &entry.event), (2, &unmodelled("after")));
        journal.close().unwrap();
        assert_eq!(
            journal.append(Actor::Instance, "main", None, unmodelled("late")),
            None
        );
        assert!(subscription.next().await.is_none());
    }

    #[tokio::test]
    async fn a_bounded_journal_keeps_the_newest_and_writes_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let journal = keeping(Some(&path), Some(3));
        let mut slow = journal.subscribe();
        for act in 1..=10 {
            let ended = Event::ActEnded(ActEnded { act });
            journal.append(Actor::Instance, "main", None, ended);
        }
        let kept = |entries: Vec<Arc<Entry>>| entries.iter().map(|e| e.seq).collect::<Vec<_>>();
        assert_eq!(journal.entries().len(), 3);
        assert_eq!(kept(journal.since(1)), [8, 9, 10]);
        assert_eq!(kept(journal.since(9)), [9, 10]);
        assert_eq!(kept(journal.since(11)), [0; 0]);
        assert_eq!(slow.next().await.unwrap().seq, 8);
        let ended = Event::ActEnded(ActEnded { act: 11 });
        assert_eq!(
            journal.append(Actor::Instance, "main", None, ended),
            Some(11)
        );
        journal.close().unwrap();
        for seq in 9..=11 {
            assert_eq!(slow.next().await.unwrap().seq, seq);
        }
        assert!(slow.next().await.is_none());
        let text = std::fs::read_to_string(path).unwrap();
        assert_eq!(text.lines().count(), 12);
    }

    #[test]
    fn the_file_holds_header_and_entries_without_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let journal = journal(Some(&path));
        journal.append(Actor::Subject, "main", None, unmodelled("GET /?p=hunter22"));
        journal.close().unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        let header: Header = serde_json::from_str(lines[0]).unwrap();
        assert_eq!(&header, journal.header());
        let entry: Entry = serde_json::from_str(lines[1]).unwrap();
        assert_eq!(entry.event, unmodelled("GET /?p=<secret:password>"));
    }
}
