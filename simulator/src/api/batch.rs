//! The Batch API: `POST /api/now/batch` (wire-core 4.4).
//!
//! Its requests are answered one after another as calls of their own would be: the same access
//! controls, the same APIs, the same caller. To the pipeline and to the journal the batch is one
//! exchange, and every change of a record refers to it.

use http::{Method, StatusCode};
use tokio::time::Instant;

use super::failures::{Failed, Failures};
use super::{Api, Call, Context, Owned, Target};
use crate::fidelity::{Behaviour, Standing};
use crate::journal::{Condition, Served};
use crate::pipeline::authorization;
use crate::policy::Access;
use crate::reply::{JSON, Reply};
use crate::setup::CancelledWrite;

mod limits;
mod request;
mod response;

use limits::Limits;
use request::{Asked, Batch, Unfit};
use response::{Answer, Serviced};

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour {
        what: "runs the requests in the order they are listed, each by its own access controls, and answers 200 whatever became of them",
        standing: Standing::Documented,
        source: "Batch API; wire-core 4.4",
    },
    Behaviour {
        what: "bodies are Base64 both ways, white space within them is passed over; `status_code` and `execution_time` are numbers, ids are strings",
        standing: Standing::Documented,
        source: "Batch API; wire-core 4.4",
    },
    Behaviour {
        what: "a `batch_request_id` that is sent as a number comes back as a string",
        standing: Standing::Observed,
        source: "wire-core 4.4 (PySNC)",
    },
    Behaviour {
        what: "`headers` of a request are those of its call, none of the batch's own reach it; `exclude_response_headers` empties those of the answer",
        standing: Standing::Documented,
        source: "Batch API",
    },
    Behaviour {
        what: "an answer's headers are the API's own and the caching headers, with `charset` after a space; cookies and transaction ids are the batch's alone",
        standing: Standing::Documented,
        source: "Batch API, sample",
    },
    Behaviour {
        what: "a request over 5 MB, an answer over 10 MB: the request and all behind it are in `unserviced_requests`",
        standing: Standing::Documented,
        source: "Batch API, size and processing limits; wire-core 4.4",
    },
    Behaviour {
        what: "`glide.rest.batch.max.inputSize`, `glide.rest.batch.max.outputSize` and `X-BATCHREQUEST-MAX-OUTPUT-SIZE` are whole megabytes, and a request whose answer was too large has run",
        standing: Standing::Assumed,
        source: "Batch API names them without a unit",
    },
    Behaviour {
        what: "the quota of 30 seconds ends the transaction: the running request is answered 500 `Transaction cancelled: maximum execution time exceeded`, those behind it are unserviced",
        standing: Standing::Observed,
        source: "wire-core 2.1 and 4.4 (CDAP sends both again)",
    },
    Behaviour {
        what: "rows stand for time: the lists of a batch return half as many rows together as `query_quota` allows one list, as 30 seconds are half of 60",
        standing: Standing::Assumed,
        source: "wire-core 2.1",
    },
    Behaviour {
        what: "writes stand for time as well: of a batch with more of them than `batch_quota` the next one is the running request, and the switch `cancelled_write` says whether it was committed",
        standing: Standing::Assumed,
        source: "wire-core 2.1 and 4.4: both were found",
    },
    Behaviour {
        what: "1000 requests and 64 MB of answers at most; those behind are unserviced",
        standing: Standing::Assumed,
        source: "no number is documented",
    },
    Behaviour {
        what: "a body that is no JSON object, or one without `rest_requests`, or a request without an id: 400 for the batch",
        standing: Standing::Assumed,
        source: "Batch API calls them required",
    },
    Behaviour {
        what: "a request without a method or URL, or whose body is no Base64, is answered 400 with `error_message`, and the others run",
        standing: Standing::Assumed,
        source: "Batch API calls them required",
    },
    Behaviour {
        what: "a URL that does not begin with `/`, one with a host included, and a batch within a batch: 400 `Requested URI does not represent any resource`",
        standing: Standing::Assumed,
        source: "Batch API: a relative path",
    },
    Behaviour {
        what: "the batch counts as one call, of the Batch API, for semaphores and, unless the switch `batch_counts` has each of its requests count, for rate limits; settings that it changes hold from the next call on",
        standing: Standing::Assumed,
        source: "Batch API: one session setup",
    },
    Behaviour {
        what: "an `Authorization` header of a request is passed over: the batch's caller is everyone's",
        standing: Standing::Assumed,
        source: "Batch API: one authentication",
    },
];

pub(super) async fn answer(context: &Context<'_>, call: &Call<'_>) -> Reply {
    let failures = Failures::new(context.switches);
    if call.method != Method::POST {
        return failures.wrong_method(call.method);
    }
    let limits = Limits::of(context, call.headers);
    let owned = Owned::of(context, call);
    let read = tokio::task::spawn_blocking(move || Batch::read(&owned, &limits)).await;
    let batch = match read {
        Ok(Ok(batch)) => batch,
        Ok(Err(Failed::Reply(reply))) => return *reply,
        Ok(Err(Failed::Store(error))) => return failures.store(&error),
        Err(error) => return failures.broken(&error),
    };
    let mut run = Run {
        context,
        call,
        failures,
        limits,
        rows: 0,
        writes: 0,
        bytes: 0,
        is_over: false,
        done: Done::default(),
    };
    let mut answer = Answer::new(batch.id);
    for request in batch.requests {
        match run.service(&request).await {
            Some(serviced) => answer.serviced.push(serviced),
            None => answer.unserviced.push(request.id),
        }
    }
    let mut reply = match tokio::task::spawn_blocking(move || answer.body()).await {
        Ok(Ok(body)) => Reply::application(StatusCode::OK, JSON, body),
        Ok(Err(error)) => return failures.broken(&error),
        Err(error) => return failures.broken(&error),
    };
    run.done.tell(&mut reply);
    if batch.wants_multipart {
        let what = "a batch answered as multipart/mixed";
        reply.unmodelled.push(what.to_owned());
    }
    reply
}

/// A batch that is under way.
struct Run<'a> {
    context: &'a Context<'a>,
    call: &'a Call<'a>,
    failures: Failures,
    limits: Limits,
    /// Rows that its lists returned.
    rows: usize,
    /// Its writes so far, the one that is under way included.
    writes: usize,
    /// Bytes of its answers.
    bytes: usize,
    /// A limit was reached: what is left is not run.
    is_over: bool,
    done: Done,
}

/// What became of the requests, for the journal.
#[derive(Default)]
struct Done {
    serviced: usize,
    unserviced: usize,
    /// The first that did not get what it asked for.
    met: Option<(Condition, String)>,
    served: Vec<Served>,
    unmodelled: Vec<String>,
}

impl Done {
    fn note(&mut self, id: &str, reply: &Reply) {
        self.serviced += 1;
        if let (None, Some(condition)) = (&self.met, reply.condition) {
            self.met = Some((condition, format!("request `{id}`: {}", reply.reason)));
        }
    }

    /// What the batch met is what its first request without a good answer met.
    fn tell(self, reply: &mut Reply) {
        let counts = format!("{} serviced, {} not", self.serviced, self.unserviced);
        reply.reason = match self.met {
            Some((condition, reason)) => {
                reply.condition = Some(condition);
                format!("{counts}; {reason}")
            }
            None => counts,
        };
        reply.served_in_batch = self.served;
        reply.unmodelled.extend(self.unmodelled);
    }
}

impl Run<'_> {
    /// The answer to a request; none once a limit is reached.
    async fn service(&mut self, request: &request::Request) -> Option<Serviced> {
        self.is_over |= self.done.serviced >= limits::MOST_REQUESTS;
        let asked = match &request.asked {
            _ if self.is_over => return self.leave(),
            Err(Unfit::TooLarge) => return self.leave(),
            Err(Unfit::Malformed(why)) => {
                let reply = self.failures.unfit_body(why);
                self.done.note(&request.id, &reply);
                return Some(Serviced::unfit(request, &reply, why));
            }
            Ok(asked) => asked,
        };
        let started = Instant::now();
        let method = super::method(&asked.method, &asked.headers);
        self.writes += usize::from(method != Method::GET && method != Method::HEAD);
        let out_of_time = self.limits.writes.is_some_and(|most| self.writes > most);
        let cancelled_write = self.context.switches.cancelled_write.unwrap_or_default();
        let mut reply = match cancelled_write {
            CancelledWrite::Undone if out_of_time => self.cancelled(),
            _ => self.run(asked, method).await,
        };
        self.rows += reply
            .served
            .as_ref()
            .map_or(0, |served| served.sys_ids.len());
        let is_late = self.limits.rows.is_some_and(|rows| self.rows > rows);
        if is_late || out_of_time || reply.condition == Some(Condition::QueryCancelled) {
            let unmodelled = reply.unmodelled;
            reply = self.cancelled();
            reply.unmodelled = unmodelled;
        }
        self.bytes += reply.body.len();
        if reply.body.len() > self.limits.output || self.bytes > limits::MOST_BYTES {
            self.done.unmodelled.append(&mut reply.unmodelled);
            return self.leave();
        }
        self.done.note(&request.id, &reply);
        self.done.served.extend(reply.served.take());
        self.done.unmodelled.append(&mut reply.unmodelled);
        self.is_over = reply.condition == Some(Condition::QueryCancelled);
        let took = started.elapsed();
        Some(Serviced::of(request, &reply, took))
    }

    fn leave(&mut self) -> Option<Serviced> {
        self.is_over = true;
        self.done.unserviced += 1;
        None
    }

    /// What the running request is answered when the time is up.
    fn cancelled(&self) -> Reply {
        let reason = "the requests of the batch take longer than its time allows";
        self.failures.transaction_cancelled(reason)
    }

    /// As the pipeline and the API would answer a call of its own.
    async fn run(&self, asked: &Asked, method: Method) -> Reply {
        let target = super::target(&method, &asked.path);
        let mut reply = self.answered(asked, &method, &target).await;
        super::dress(&mut reply, &target, &asked.headers, self.context.switches);
        if method == Method::HEAD {
            reply.body.clear();
        }
        reply
    }

    async fn answered(&self, asked: &Asked, method: &Method, target: &Target) -> Reply {
        let line = format!("{method} {}", asked.path);
        if !asked.path.starts_with('/') || target.api == Api::Batch {
            let mut reply = self.failures.unknown_api(&line);
            if target.api == Api::Batch {
                reply.unmodelled.push("a batch within a batch".to_owned());
            }
            return reply;
        }
        let (policy, switches) = (self.context.policy, self.context.switches);
        let access = match authorization::access(self.call.identity, target, policy, switches) {
            Ok(access) => access.unwrap_or(Access::ALL),
            Err(refusal) => return *refusal,
        };
        let call = Call {
            request: self.call.request,
            caller: self.call.caller,
            method,
            path: &asked.path,
            query: &asked.query,
            headers: &asked.headers,
            body: asked.body.clone(),
            target,
            identity: self.call.identity,
            access: &access,
        };
        // A call within a call: its future is as large as this one.
        Box::pin(super::answer(self.context, call)).await
    }
}
