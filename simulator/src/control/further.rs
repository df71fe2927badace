//! What whoever runs the simulator answers on the control plane, beside what the simulator does.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use super::Plane;
use super::handlers::{Answer, problem, unknown};

/// Paths of one part that are handed on: `POST /NAME`. One call is waited for at a time.
#[derive(Debug, Clone)]
pub struct Further {
    /// Their names, without a slash.
    pub names: &'static [&'static str],
    /// Where the calls go.
    pub calls: mpsc::Sender<Call>,
}

/// Somebody asks for something. Dropping it unanswered tells the caller that nobody answers.
#[derive(Debug)]
pub struct Call {
    /// One of [`Further::names`].
    pub name: &'static str,
    answer: oneshot::Sender<(StatusCode, Value)>,
}

impl Call {
    /// Answers 200 with what was asked for.
    pub fn grant(self, body: Value) {
        let _caller_may_be_gone = self.answer.send((StatusCode::OK, body));
    }

    /// Answers 500: it cannot be had, and why.
    pub fn fail(self, why: impl Into<String>) {
        let (status, Json(body)) = problem(StatusCode::INTERNAL_SERVER_ERROR, why);
        let _caller_may_be_gone = self.answer.send((status, body));
    }
}

pub(super) async fn call(State(plane): State<Plane>, Path(name): Path<String>) -> Answer {
    let known = plane.further.as_ref().and_then(|further| {
        let name = further.names.iter().find(|known| **known == name)?;
        Some((further, *name))
    });
    let Some((further, name)) = known else {
        return unknown(State(plane.clone())).await;
    };
    let (answer, answered) = oneshot::channel();
    if further.calls.send(Call { name, answer }).await.is_ok()
        && let Ok((status, body)) = answered.await
    {
        return (status, Json(body));
    }
    problem(
        StatusCode::SERVICE_UNAVAILABLE,
        "nobody answers this any more",
    )
}
