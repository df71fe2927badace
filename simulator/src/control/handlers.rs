//! What the control plane answers.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Plane;
use crate::director::InstanceConditions;
use crate::journal::Cause;
use crate::setup::Action;

pub(super) type Answer = (StatusCode, Json<Value>);

/// `{"error": WHY}`.
pub(super) fn problem(status: StatusCode, why: impl Into<String>) -> Answer {
    (status, Json(json!({ "error": why.into() })))
}

pub(super) async fn health() -> Answer {
    (StatusCode::OK, Json(json!({ "status": "ok" })))
}

pub(super) async fn unknown(State(plane): State<Plane>) -> Answer {
    let further = plane.further.iter().flat_map(|further| further.names);
    let further: String = further.map(|name| format!(", `POST /{name}`")).collect();
    problem(
        StatusCode::NOT_FOUND,
        format!(
            "no such path; there are `GET /health`, `GET /journal`, `GET /conditions`, \
             `POST /conditions`, `POST /steps/NAME/fire`{further}"
        ),
    )
}

#[derive(Debug, Deserialize)]
pub(super) struct From {
    from: Option<u64>,
}

pub(super) async fn journal(State(plane): State<Plane>, Query(query): Query<From>) -> Response {
    let journal = plane.site().journal;
    let from = query.from.unwrap_or(1);
    let mut lines = Vec::new();
    if from <= 1 {
        lines.push(serde_json::to_string(journal.header()));
    }
    lines.extend(
        journal
            .since(from)
            .iter()
            .map(|entry| serde_json::to_string(&**entry)),
    );
    let lines: Result<Vec<String>, _> = lines.into_iter().collect();
    match lines {
        Ok(lines) => (
            [(header::CONTENT_TYPE, "application/jsonl")],
            lines.join("\n") + "\n",
        )
            .into_response(),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

pub(super) async fn conditions(State(plane): State<Plane>) -> Json<Vec<InstanceConditions>> {
    Json(plane.site().director.conditions())
}

#[derive(Debug, Deserialize)]
pub(super) struct Which {
    instance: Option<String>,
}

pub(super) async fn apply(
    State(plane): State<Plane>,
    Query(which): Query<Which>,
    body: Bytes,
) -> Answer {
    let action: Action = match serde_json::from_slice(&body) {
        Ok(action) => action,
        Err(error) => {
            return problem(StatusCode::BAD_REQUEST, format!("read the action: {error}"));
        }
    };
    let site = plane.site();
    let instance = which.instance.unwrap_or(site.main);
    match site.director.apply(&instance, &action, Cause::Hand).await {
        Ok(()) => (StatusCode::OK, Json(json!({ "applied": action }))),
        Err(error) => problem(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()),
    }
}

pub(super) async fn fire(State(plane): State<Plane>, Path(step): Path<String>) -> Answer {
    match plane.site().director.fire(&step).await {
        Ok(()) => (StatusCode::OK, Json(json!({ "fired": step }))),
        Err(error) => problem(StatusCode::NOT_FOUND, error.to_string()),
    }
}
