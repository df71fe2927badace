//! What a navigation ends with.

use serde_json::Value;

use crate::pipe::Event;
use crate::reader::text;

/// Whether a tab may open the document of a URL.
pub type MayVisit = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// Where a tab is after it was led somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Landing {
    /// A page is shown.
    Shown {
        /// Its status, where it came by HTTP.
        status: Option<u16>,
    },
    /// The tab was sent to where it may not go, and the request waits; see [`crate::Tab::lets_go`].
    Held {
        /// Where to.
        url: String,
        /// The number of the request.
        request: String,
    },
    /// The page did not come.
    Failed {
        /// The browser's word for it, such as `net::ERR_CONNECTION_REFUSED`.
        why: String,
    },
}

/// The events from which a landing is read.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) asked: Vec<Event>,
    pub(crate) answered: Vec<Event>,
    pub(crate) failed: Vec<Event>,
}

impl Seen {
    /// The request for the document of this frame, the last one.
    pub(crate) fn request(&self, frame: &str) -> Option<&Value> {
        let documents = self.asked.iter().map(|it| &it.params);
        documents
            .rev()
            .find(|it| it["type"] == "Document" && it["frameId"] == *frame)
            .map(|it| &it["requestId"])
    }

    /// What became of the document of this frame.
    pub(crate) fn landing(&self, frame: &str) -> Landing {
        let request = self.request(frame);
        let of = |events: &'_ [Event]| {
            let mut events = events.iter().map(|it| &it.params);
            events
                .find(|it| request.is_some_and(|request| it["requestId"] == *request))
                .cloned()
        };
        let status = of(&self.answered).and_then(|it| it["response"]["status"].as_u64());
        let status = status.and_then(|status| u16::try_from(status).ok());
        match of(&self.failed) {
            Some(failure) if status.is_none() => Landing::Failed {
                why: text(&failure["errorText"]),
            },
            _ => Landing::Shown { status },
        }
    }
}
