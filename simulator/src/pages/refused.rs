//! The page for a request that an instance shows to the person in place of sending it back to an
//! application. The heading and the advice are *assumed*.

use askama::Template;
use http::StatusCode;

use super::{Allows, Frame, page};
use crate::journal::Condition;
use crate::reply::Reply;

/// Characters of a value that the page repeats.
const SHOWN: usize = 200;

/// Why a request is not carried out.
#[derive(Debug)]
pub(crate) struct Refused<'a> {
    /// What went wrong, in an instance's words where they are known.
    pub(crate) problem: &'a str,
    /// What whoever meets the page can do.
    pub(crate) remedy: &'a str,
    /// What the request asked for, by name.
    pub(crate) asked: &'a [(&'a str, &'a str)],
}

#[derive(Template)]
#[template(path = "refused.html")]
struct Html<'a> {
    frame: Frame<'a>,
    heading: &'static str,
    problem: &'a str,
    remedy: &'a str,
    asked: Vec<(&'a str, String)>,
}

impl Refused<'_> {
    /// The page for a form of which more was sent than is read; its words are *assumed*.
    pub(crate) fn too_large(frame: Frame<'_>) -> Reply {
        let refused = Refused {
            problem: "The form is too large.",
            remedy: "Go back and start again.",
            asked: &[],
        };
        let reason = "more of the form was sent than is read";
        refused.reply(frame, Condition::InvalidRequest, reason)
    }

    /// 400 and the page; the status is *assumed*.
    pub(crate) fn reply(
        &self,
        frame: Frame<'_>,
        condition: Condition,
        reason: impl Into<String>,
    ) -> Reply {
        let asked = self.asked.iter().map(|(name, value)| (*name, cut(value)));
        let html = Html {
            frame,
            heading: "This request cannot be carried out",
            problem: self.problem,
            remedy: self.remedy,
            asked: asked.collect(),
        };
        let mut reply = page(StatusCode::BAD_REQUEST, &html, Allows::default());
        reply.condition = Some(condition);
        reply.reason = reason.into();
        reply
    }
}

fn cut(value: &str) -> String {
    match value.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}\u{2026}", &value[..at]),
        None => value.to_owned(),
    }
}
