//! What a service writes that lives longer than an act: read to the end, searched for secrets, and
//! given to whoever is asking it just then.
//!
//! It may tell secrets of another scenario, such as one that is over. Those are replaced as well, and
//! count for whoever hears them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::PipeReader;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nix::errno::Errno;
use snowproof_simulator::redaction::Redactor;
use tokio::net::unix::pipe::Receiver;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::evidence::SecretHit;
use crate::run::output::Capture;
use crate::run::words;

/// Where a secret is said to be found that no act's stderr shows.
const FOUND_IN: &str = "service output";
/// Bytes that are read at once.
const PIECE: usize = 16 * 1024;
/// Bytes that are read at most before something that never stops writing counts as heard.
const SETTLED_AFTER: usize = 4 * 1024 * 1024;

/// Reads what a service writes.
pub(super) struct Log {
    settle: mpsc::Sender<oneshot::Sender<()>>,
    reading: JoinHandle<()>,
}

impl Log {
    /// Reads a pipe to its end. The error is the system's.
    pub(super) fn read(pipe: PipeReader, audience: Audience) -> std::io::Result<Self> {
        let pipe = Receiver::from_owned_fd(OwnedFd::from(pipe))?;
        let (settle, asked) = mpsc::channel(1);
        Ok(Self {
            settle,
            reading: tokio::spawn(read(pipe, asked, audience)),
        })
    }

    /// Returns once all that was written until now was heard.
    pub(super) async fn settle(&self) {
        let (heard, waiting) = oneshot::channel();
        // Nobody reads any more once it has ended and all was heard.
        if self.settle.send(heard).await.is_ok() {
            let _read_or_ended = waiting.await;
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

async fn read(pipe: Receiver, mut asked: mpsc::Receiver<oneshot::Sender<()>>, audience: Audience) {
    let mut piece = vec![0; PIECE];
    loop {
        tokio::select! {
            ready = pipe.readable() => match ready.and_then(|()| pipe.try_read(&mut piece)) {
                Ok(0) => return,
                Ok(length) => audience.hear(&piece[..length]),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            },
            Some(heard) = asked.recv() => {
                // The pipe itself is asked: what the runtime knows of it may be older.
                let mut left = SETTLED_AFTER;
                let ended = loop {
                    match nix::unistd::read(&pipe, &mut piece) {
                        Ok(0) => break true,
                        Ok(length) => {
                            audience.hear(&piece[..length]);
                            left = left.saturating_sub(length);
                            if left == 0 {
                                break false;
                            }
                        }
                        Err(Errno::EINTR) => {}
                        Err(Errno::EAGAIN) => break false,
                        Err(_) => break true,
                    }
                };
                let _nobody_may_wait = heard.send(());
                if ended {
                    return;
                }
            }
        }
    }
}

/// Everybody who hears what a service writes; clones share it.
#[derive(Clone)]
pub(super) struct Audience(Arc<Mutex<Hearing>>);

struct Hearing {
    /// Knows the secrets of every scenario that has ever listened.
    everyone: Redactor,
    /// Of those that listen no longer. Who still does is charged with what is told of its own.
    past: Redactor,
    /// What is written while nobody listens: searched, and of no act.
    meanwhile: Capture,
    guests: BTreeMap<u64, Ears>,
    last: u64,
}

/// What one scenario hears.
struct Ears {
    redactor: Redactor,
    /// By name.
    secrets: Vec<(String, String)>,
    /// What is written between its acts: searched, and of no act.
    between: Capture,
    act: Option<Capture>,
}

impl Default for Audience {
    fn default() -> Self {
        let past = Redactor::default();
        Self(Arc::new(Mutex::new(Hearing {
            everyone: Redactor::default(),
            meanwhile: Capture::new(&past),
            past,
            guests: BTreeMap::new(),
            last: 0,
        })))
    }
}

impl Audience {
    /// A scenario begins to listen, whose secrets these are: its number.
    pub(super) fn enter(&self, redactor: &Redactor, secrets: Vec<(String, String)>) -> u64 {
        let mut hearing = self.lock();
        let secrets = of_others(secrets);
        hearing.everyone.learn(&secrets);
        hearing.last += 1;
        let number = hearing.last;
        let ears = Ears {
            redactor: redactor.clone(),
            secrets,
            between: Capture::new(redactor),
            act: None,
        };
        hearing.guests.insert(number, ears);
        number
    }

    /// Knows the secrets of every scenario that has ever listened, as those of another one.
    pub(super) fn everyone(&self) -> Redactor {
        self.lock().everyone.clone()
    }

    /// An act of a scenario begins.
    pub(super) fn begin_act(&self, number: u64) {
        if let Some(ears) = self.lock().guests.get_mut(&number) {
            ears.act = Some(Capture::new(&ears.redactor));
        }
    }

    /// It ends: what was written meanwhile, and the secrets that were found in that and since the
    /// act before.
    pub(super) fn end_act(&self, number: u64) -> (Option<Capture>, BTreeSet<SecretHit>) {
        let mut hearing = self.lock();
        let mut hits = hearing.hits_meanwhile();
        let past = hearing.past.clone();
        let Some(ears) = hearing.guests.get_mut(&number) else {
            return (None, hits);
        };
        hits.extend(ears.hits_between(&past));
        let act = ears.act.take();
        if let Some(act) = &act {
            hits.extend(searched(act, &past));
        }
        (act, hits)
    }

    /// A scenario listens no longer, during which these secrets were made: what was found since its
    /// last act.
    pub(super) fn leave(&self, number: u64, made: Vec<(String, String)>) -> BTreeSet<SecretHit> {
        let mut hearing = self.lock();
        let Some(mut ears) = hearing.guests.remove(&number) else {
            return BTreeSet::new();
        };
        let mut hits = hearing.hits_meanwhile();
        hits.extend(ears.hits_between(&hearing.past));
        let made = of_others(made);
        hearing.everyone.learn(&made);
        hearing.past.learn(&made);
        hearing.past.learn(&ears.secrets);
        hits
    }

    fn hear(&self, piece: &[u8]) {
        let hearing = self.lock();
        if hearing.guests.is_empty() {
            hearing.meanwhile.add(piece);
        }
        for ears in hearing.guests.values() {
            ears.act.as_ref().unwrap_or(&ears.between).add(piece);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Hearing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hearing {
    fn hits_meanwhile(&mut self) -> BTreeSet<SecretHit> {
        let heard = Capture::new(&self.past);
        let heard = std::mem::replace(&mut self.meanwhile, heard);
        heard.finish();
        heard.hits(FOUND_IN)
    }
}

impl Ears {
    fn hits_between(&mut self, past: &Redactor) -> BTreeSet<SecretHit> {
        let heard = Capture::new(&self.redactor);
        searched(&std::mem::replace(&mut self.between, heard), past)
    }
}

/// The secrets in what was heard: a scenario's own, and in what is kept those of scenarios that are
/// over, which are replaced now.
fn searched(heard: &Capture, past: &Redactor) -> BTreeSet<SecretHit> {
    heard.finish();
    let mut hits = heard.hits(FOUND_IN);
    hits.extend(words::cover_stream(heard, FOUND_IN, past));
    hits
}

fn of_others(secrets: Vec<(String, String)>) -> Vec<(String, String)> {
    let named = |(name, value)| (format!("{name} of another scenario"), value);
    secrets.into_iter().map(named).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn secret(name: &str, value: &str) -> (Redactor, Vec<(String, String)>) {
        let secrets = vec![(name.to_owned(), value.to_owned())];
        (Redactor::new(secrets.clone()), secrets)
    }

    fn names(hits: &BTreeSet<SecretHit>) -> Vec<&str> {
        hits.iter().map(|hit| hit.secret.as_str()).collect()
    }

    #[tokio::test]
    async fn an_act_hears_what_is_written_between_its_begin_and_its_end() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let audience = Audience::default();
        let log = Log::read(reader, audience.clone()).unwrap();
        let (redactor, secrets) = secret("password", "correct-horse-battery");
        let guest = audience.enter(&redactor, secrets);
        writer
            .write_all(b"starting with correct-horse-battery\n")
            .unwrap();
        log.settle().await;
        audience.begin_act(guest);
        for number in 0..500 {
            writeln!(writer, "line {number}").unwrap();
            writer.write_all(b"login correct-horse").unwrap();
            writer.write_all(b"-battery refused\n").unwrap();
            log.settle().await;
        }
        let (heard, hits) = audience.end_act(guest);
        writer.write_all(b"afterwards\n").unwrap();
        let text = String::from_utf8(heard.unwrap().text()).unwrap();
        assert!(
            text.starts_with("line 0\nlogin <secret:password> refused\nline 1\n"),
            "{text}"
        );
        assert!(
            text.ends_with("line 499\nlogin <secret:password> refused\n"),
            "{text}"
        );
        assert_eq!(names(&hits), ["password"]);
        drop(writer);
        log.settle().await;
        assert!(audience.leave(guest, Vec::new()).is_empty());
    }

    #[tokio::test]
    async fn what_is_told_between_acts_counts_and_a_secret_of_another_scenario_is_replaced_in_a_later_act()
     {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let audience = Audience::default();
        let log = Log::read(reader, audience.clone()).unwrap();
        let (redactor, secrets) = secret("password", "correct-horse-battery");
        let first = audience.enter(&redactor, secrets);
        writer.write_all(b"correct-horse-battery\n").unwrap();
        log.settle().await;
        let made = vec![("token 1".to_owned(), "minted-during-the-run".to_owned())];
        assert_eq!(names(&audience.leave(first, made)), ["password"]);
        writer.write_all(b"minted-during-the-run\n").unwrap();
        log.settle().await;

        let (redactor, secrets) = secret("password", "another-long-password");
        let second = audience.enter(&redactor, secrets);
        audience.begin_act(second);
        writer
            .write_all(b"correct-horse-battery minted-during-the-run\n")
            .unwrap();
        log.settle().await;
        let (heard, hits) = audience.end_act(second);
        let text = String::from_utf8(heard.unwrap().text()).unwrap();
        assert!(
            !text.contains("battery") && !text.contains("minted"),
            "{text}"
        );
        assert_eq!(
            names(&hits),
            [
                "password of another scenario",
                "token 1 of another scenario"
            ]
        );
    }

    #[tokio::test]
    async fn two_scenarios_at_once_are_each_searched_for_their_own() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let audience = Audience::default();
        let log = Log::read(reader, audience.clone()).unwrap();
        let numbers = ["correct-horse-battery", "another-long-password"].map(|value| {
            let (redactor, secrets) = secret("password", value);
            let number = audience.enter(&redactor, secrets);
            audience.begin_act(number);
            number
        });
        writer.write_all(b"correct-horse-battery\n").unwrap();
        log.settle().await;
        let hits = numbers.map(|number| audience.end_act(number).1.len());
        assert_eq!(hits, [1, 0]);
        let told = audience
            .everyone()
            .redact("another-long-password")
            .into_owned();
        assert_eq!(told, "<secret:password of another scenario>");
    }
}
