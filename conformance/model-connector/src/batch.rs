//! The verb `write` with several records: they are created by the Batch API, each once.
//!
//! The batch's own 200 says nothing of its requests (wire-core 4.4). Each record is judged by its own
//! answer: what was not processed or not run is sent again, and that alone; of what may have
//! happened it is looked up first. Whatever was created is progress, after which the count of
//! attempts begins anew. A batch that is refused for a limit comes back smaller: one that holds more
//! than a rule allows is refused for ever.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use snowproof_protocol::{LogLevel, Outcome, Verb};
use tokio::io::AsyncWrite;

use crate::answer::Became;
use crate::client::{Client, ListRequest, Rows};
use crate::diagnosis::{BAD_SETTING, EXECUTION_QUOTA, Failure, Kind, UNKNOWN_OUTCOME};
use crate::ending::{Ended, Halt};
use crate::once::{UNDER_WAY, was_not_processed};
use crate::policy::{AfterRefusal, Resume, UnknownWrite, Unserviced};
use crate::reading::read_page;
use crate::retry::{Attempts, Next};
use crate::stop::Stop;
use crate::voice::Voice;
use crate::write::SPECIAL;

/// The column by which a record is found again.
const KEY: &str = "correlation_id";

/// A record and its key.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Wanted<'a> {
    key: &'a str,
    fields: &'a Map<String, Value>,
}

/// What became of the records of one batch.
#[derive(Debug, Default)]
struct Round<'a> {
    done: Vec<Wanted<'a>>,
    /// To be sent again: not processed, or not run.
    again: Vec<Wanted<'a>>,
    /// To be looked up.
    unknown: Vec<Wanted<'a>>,
    /// Given up, and why.
    refused: Vec<Failure>,
    /// Why something is to be sent again or looked up, the first of it.
    why: Option<Failure>,
    /// Whether the instance ran out of time.
    ran_out: bool,
}

/// Creates the records.
pub(crate) async fn run<W: AsyncWrite + Unpin>(
    records: &[Map<String, Value>],
    client: &Client<'_>,
    state: Option<&Value>,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<Ended, Halt> {
    let all: Vec<Wanted<'_>> = records
        .iter()
        .map(wanted)
        .collect::<Result<_, _>>()
        .map_err(Halt::Failed)?;
    let mut writer = Writer {
        client,
        voice,
        stop,
        open: all.clone(),
        all,
        most: client.policy().batches.most.max(1),
        refused: Vec::new(),
    };
    if writer.was_begun(state) {
        let open = std::mem::take(&mut writer.open);
        writer.open = writer.missing(&open).await?;
    }
    writer.all_of_them().await
}

fn wanted(fields: &Map<String, Value>) -> Result<Wanted<'_>, Failure> {
    let key = fields.get(KEY).and_then(Value::as_str);
    key.filter(|key| !key.is_empty() && !key.contains(SPECIAL))
        .map(|key| Wanted { key, fields })
        .ok_or_else(|| {
            let why = "a record to create has no plain `correlation_id` to look it up by";
            Failure::permanent(BAD_SETTING, why)
        })
}

struct Writer<'a, 'v, W> {
    client: &'a Client<'a>,
    voice: &'a Voice<'v, W>,
    stop: &'a Stop,
    all: Vec<Wanted<'a>>,
    /// Not known to be there.
    open: Vec<Wanted<'a>>,
    /// Records in one batch at most.
    most: usize,
    refused: Vec<Failure>,
}

impl<'a, W: AsyncWrite + Unpin> Writer<'a, '_, W> {
    /// Whether an earlier run had begun.
    fn was_begun(&self, state: Option<&Value>) -> bool {
        let goes_on = self.client.policy().resume == Resume::FromState;
        goes_on && state.is_some_and(|state| state.get(UNDER_WAY).is_some())
    }

    async fn all_of_them(mut self) -> Result<Ended, Halt> {
        let policy = self.client.policy();
        self.checkpoint().await?;
        let mut attempts = Attempts::new(policy, Verb::Write);
        while !self.open.is_empty() {
            let rest = self.open.split_off(self.most.min(self.open.len()));
            let sent = std::mem::replace(&mut self.open, rest);
            let round = self.send(&sent).await?;
            let why = round.why.clone();
            let created = self.settle(round).await?;
            if created > 0 {
                attempts = Attempts::new(policy, Verb::Write);
                self.checkpoint().await?;
            }
            let Some(why) = why else { continue };
            if self.open.is_empty() || (created > 0 && !why.binds_all()) {
                continue;
            }
            match attempts.failed_with(&why, rand::random()) {
                Next::Wait(wait) => {
                    let text = format!(
                        "{}; the next batch follows in {:.1} s",
                        why.message,
                        wait.as_secs_f64()
                    );
                    self.voice.log(LogLevel::Warning, text).await?;
                    self.voice.passes(why);
                    self.stop.or(tokio::time::sleep(wait)).await?;
                }
                Next::Hopeless => return Ok(self.ended(why)),
                Next::Enough(attempts) => {
                    let text = format!("gave up after {attempts} attempts");
                    return Ok(self.ended(why.adding(&text)));
                }
                Next::TooLong(wait) => {
                    let text = format!("come back after {} s", wait.as_secs());
                    return Ok(self.ended(why.adding(&text)));
                }
            }
        }
        match self.refused.first().cloned() {
            None => Ok(Ended::success()),
            Some(failure) => Ok(self.ended(failure)),
        }
    }

    /// Sends one batch, and sorts its records by what became of them.
    async fn send(&mut self, sent: &[Wanted<'a>]) -> Result<Round<'a>, Halt> {
        self.voice
            .chat(|| format!("creating {} records", sent.len()))
            .await?;
        let records: Vec<_> = sent.iter().map(|wanted| wanted.fields).collect();
        let became = match self.stop.or(self.client.create_all(&records)).await? {
            Ok(became) => became,
            Err(failure) => {
                if failure.kind == Kind::Throttled {
                    self.most = match self.client.policy().batches.after_refusal {
                        AfterRefusal::HalfAsLarge => sent.len().div_ceil(2),
                        AfterRefusal::OneByOne => 1,
                        AfterRefusal::TheSame => sent.len(),
                    };
                }
                vec![Became::Failed(failure); sent.len()]
            }
        };
        let mut round = Round::default();
        for (wanted, became) in sent.iter().zip(became) {
            self.sort(*wanted, became, &mut round);
        }
        if round.ran_out {
            // Whatever else was met: of fewer records all may be run.
            round.why = Some(no_time());
            if self.client.policy().batches.unserviced != Unserviced::SentAgainWithAll {
                self.most = match round.done.len() {
                    0 => sent.len().div_ceil(2),
                    done => done,
                };
            }
        }
        Ok(round)
    }

    fn sort(&self, wanted: Wanted<'a>, became: Became, round: &mut Round<'a>) {
        let policy = self.client.policy();
        match became {
            Became::Created => round.done.push(wanted),
            Became::Unserviced => {
                round.ran_out = true;
                match policy.batches.unserviced {
                    Unserviced::Forgotten => round.done.push(wanted),
                    Unserviced::Told => round.refused.push(no_time()),
                    Unserviced::SentAgain | Unserviced::SentAgainWithAll => {
                        round.again.push(wanted);
                    }
                }
            }
            Became::Failed(mut failure) => {
                failure.message = self.client.settings().without_secrets(&failure.message);
                let unprocessed = was_not_processed(&failure);
                match policy.unknown_write {
                    _ if unprocessed && !failure.retryable() => round.refused.push(failure),
                    _ if unprocessed => {
                        round.why.get_or_insert(failure);
                        round.again.push(wanted);
                    }
                    UnknownWrite::ClaimSuccess => round.done.push(wanted),
                    UnknownWrite::Leave => round.refused.push(not_known(wanted, &failure.message)),
                    UnknownWrite::WriteAgain => {
                        round.why.get_or_insert(failure);
                        round.again.push(wanted);
                    }
                    UnknownWrite::LookUp => {
                        round.why.get_or_insert(failure);
                        round.unknown.push(wanted);
                    }
                }
            }
        }
    }

    /// Takes in what a batch came to; says how many records are there that were not known to be.
    async fn settle(&mut self, round: Round<'a>) -> Result<usize, Halt> {
        let mut created = round.done.len();
        self.refused.extend(round.refused);
        let mut again = Vec::new();
        if !round.unknown.is_empty() {
            again = self.missing(&round.unknown).await?;
            created += round.unknown.len() - again.len();
        }
        again.extend(round.again);
        let with_all = self.client.policy().batches.unserviced == Unserviced::SentAgainWithAll;
        if with_all && round.ran_out {
            self.open = self.all.clone();
            return Ok(0);
        }
        again.append(&mut self.open);
        self.open = again;
        Ok(created)
    }

    /// Those of the records that a look-up shows to be missing.
    async fn missing(&self, doubtful: &[Wanted<'a>]) -> Result<Vec<Wanted<'a>>, Halt> {
        let keys: Vec<&str> = doubtful.iter().map(|wanted| wanted.key).collect();
        let request = ListRequest {
            query: Some(format!("{KEY}IN{}", keys.join(","))),
            limit: u32::try_from(keys.len()).unwrap_or(u32::MAX),
            offset: 0,
            of: Rows::Configured,
        };
        let unknown = |why: &str| match doubtful.first() {
            Some(wanted) => Halt::Failed(not_known(*wanted, why)),
            None => Halt::Stopped,
        };
        let page = read_page(self.client, &request, Verb::Write, self.voice, self.stop).await;
        let page = match page {
            Err(Halt::Failed(failure)) => return Err(unknown(&failure.message)),
            page => page?,
        };
        let there: BTreeSet<&str> = page
            .rows
            .iter()
            .filter_map(|row| row.get(KEY)?.as_str())
            .collect();
        let hides_some = page
            .total
            .is_some_and(|total| total > page.rows.len() as u64);
        let shows_others = there.iter().any(|key| !keys.contains(key));
        if hides_some || shows_others {
            return Err(unknown("the look-up does not show what is there"));
        }
        let missing = doubtful.iter().filter(|wanted| !there.contains(wanted.key));
        Ok(missing.copied().collect())
    }

    async fn checkpoint(&self) -> Result<(), Halt> {
        let keys: Vec<&str> = self.open.iter().map(|wanted| wanted.key).collect();
        let state = self.client.checkpoint(json!({ UNDER_WAY: keys })).await;
        let table = &self.client.settings().table;
        Ok(self.voice.page(table, Vec::new(), state).await?)
    }

    /// What the run amounts to when not all of the records are there.
    fn ended(&self, failure: Failure) -> Ended {
        let wanted = self.all.len();
        let done = wanted.saturating_sub(self.open.len() + self.refused.len());
        Ended {
            outcome: match done {
                0 => Outcome::Failure,
                _ => Outcome::Partial,
            },
            told: Some(failure.adding(&format!("{done} of {wanted} records are there"))),
        }
    }
}

fn no_time() -> Failure {
    let message = "the instance had no time for some requests of the batch";
    Failure::new(EXECUTION_QUOTA, Kind::Transient, message)
}

fn not_known(wanted: Wanted<'_>, why: &str) -> Failure {
    let key = wanted.key;
    let message = format!("the record with {KEY} `{key}` may or may not be there: {why}");
    Failure::permanent(UNKNOWN_OUTCOME, message)
}
