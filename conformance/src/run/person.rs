//! The person whom a connector sends to the instance: opens the page, signs in, allows or denies.
//!
//! The runner plays it, by HTTP or in Chromium and through a listener of its own, so that nothing of
//! it is taken for the subject's.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Url;
use snowproof_browser::Chromium;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::places::PersonPlace;
use crate::evidence::WENT_BACK;
use crate::scenario::Person as Part;

mod browser;
mod by_http;
mod callback_port;
mod form;
mod in_chromium;

use browser::{Browser, PageKind, Seen};
use by_http::ByHttp;
pub(super) use callback_port::CallbackPort;
use in_chromium::InChromium;

/// A user name and a password.
type Login = (String, String);

/// A person, and what they know.
#[derive(Clone)]
pub(super) struct Person {
    /// What they do.
    pub(super) part: Part,
    /// Their browser, and their place among those who act in it; without one they act by HTTP.
    pub(super) chromium: Option<(Arc<Chromium>, PersonPlace)>,
    /// The host name of the instance.
    pub(super) host: String,
    /// Where their browser finds the instance.
    pub(super) instance: SocketAddr,
    /// The authority that it trusts, PEM.
    pub(super) authority: String,
    /// The account that the connector is to use.
    pub(super) user: Login,
    /// Another account of theirs.
    pub(super) other: Login,
}

/// A person at work. Whoever drops it takes their browser away.
pub(super) struct Playing {
    task: JoinHandle<()>,
    notes: Notes,
    /// How long after the connector's end they may still be on their way.
    told_within: Duration,
}

/// What was done, in our words.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn note(&self, what: impl Into<String>) {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        notes.push(what.into());
    }
}

impl Playing {
    /// Ends it, and tells what was done. A browser that was answered a moment ago has yet to be
    /// told so.
    pub(super) async fn end(mut self) -> Vec<String> {
        let _ = timeout(self.told_within, &mut self.task).await;
        let mut notes = self.notes.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *notes)
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Person {
    /// Opens `url`, and does what the part says.
    pub(super) fn play(self, url: String) -> Playing {
        let notes = Notes::default();
        let kept = notes.clone();
        let told_within = match self.chromium {
            None => Duration::from_millis(300),
            // It has a page to show.
            Some(_) => Duration::from_secs(3),
        };
        let task = tokio::spawn(async move {
            if let Err(why) = self.acts(&url, &notes).await {
                notes.note(why);
            }
            if let Some((_, place)) = &self.chromium {
                place.leave();
            }
        });
        Playing {
            task,
            notes: kept,
            told_within,
        }
    }

    async fn acts(&self, url: &str, notes: &Notes) -> Result<(), String> {
        if self.part == Part::NeverSees {
            notes.note("the browser blocked the window");
            return Ok(());
        }
        let url = Url::parse(url).map_err(|error| format!("the page has no URL: {error}"))?;
        let Some((mut browser, back)) = self.consents(&url, notes).await? else {
            return Ok(());
        };
        let back = match self.part {
            Part::ForeignState => with(&back, "state", "of-another-connection"),
            Part::ForeignCode => {
                notes.note("somebody else's code is slipped in");
                let foreign = with(&url, "state", "of-another-connection");
                let foreign = with(&foreign, "code_challenge", FOREIGN_CHALLENGE);
                let other = self.consents(&foreign, notes).await?;
                let code = other.as_ref().and_then(|(_, url)| value(url, "code"));
                with(&back, "code", &code.ok_or("no other code was granted")?)
            }
            _ => back,
        };
        let arrival = browser.go_back(&back).await?;
        notes.note(format!("{WENT_BACK}: {}", arrival.told()));
        if let Some(page) = arrival.page {
            notes.note(page);
        }
        if self.part == Part::Reloads {
            let again = browser.reload(&back).await;
            let again = again.map_or_else(|why| why, |arrival| arrival.told());
            notes.note(format!("the page was loaded again: {again}"));
        }
        Ok(())
    }

    /// A browser that knows no cookies.
    async fn browser(&self) -> Result<Browser, String> {
        Ok(match &self.chromium {
            None => Browser::ByHttp(Box::new(ByHttp::new(&self.authority, self.instance)?)),
            Some((chromium, _)) => {
                let tab = InChromium::new(chromium, &self.host, self.instance).await?;
                Browser::InChromium(Box::new(tab))
            }
        })
    }

    /// Goes through the pages; the browser, and where it is sent in the end, if anywhere.
    async fn consents(&self, url: &Url, notes: &Notes) -> Result<Option<(Browser, Url)>, String> {
        /// Pages that may follow each other.
        const MOST_PAGES: usize = 6;
        let mut browser = self.browser().await?;
        let mut passwords = self.passwords().into_iter();
        let mut seen = browser.open(url).await?;
        for _ in 0..MOST_PAGES {
            seen = match seen {
                Seen::LeadsAway(url) => {
                    notes.note("the instance sent the browser back");
                    return Ok(Some((browser, url)));
                }
                Seen::Page {
                    kind: PageKind::Login,
                    status,
                } => {
                    notes.note(format!("a login page was shown: {status}"));
                    let Some((user, password)) = passwords.next() else {
                        return Ok(None);
                    };
                    browser.sign_in(&user, &password).await?
                }
                Seen::Page {
                    kind: PageKind::Consent,
                    status,
                } => {
                    let choice = self.choice();
                    notes.note(format!(
                        "a consent page was shown: {status}; {choice} was pressed"
                    ));
                    browser.press(choice).await?
                }
                Seen::Page {
                    kind: PageKind::Other,
                    status,
                } => {
                    notes.note(format!("another page was shown: {status}"));
                    return Ok(None);
                }
            };
        }
        notes.note("the pages came to no end");
        Ok(None)
    }

    /// What is typed into login pages, one after the other.
    fn passwords(&self) -> Vec<Login> {
        let (user, _) = &self.user;
        match self.part {
            Part::Abandons => Vec::new(),
            Part::OtherUser => vec![self.other.clone()],
            Part::WrongPasswordFirst => {
                vec![(user.clone(), "mistyped".to_owned()), self.user.clone()]
            }
            _ => vec![self.user.clone()],
        }
    }

    const fn choice(&self) -> &'static str {
        match self.part {
            Part::Denies => "Deny",
            _ => "Allow",
        }
    }
}

/// The digest of a verifier that nobody has.
const FOREIGN_CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn value(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
}

/// The URL with another value of a parameter that it has.
fn with(url: &Url, name: &str, value: &str) -> Url {
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let mut changed = url.clone();
    changed
        .query_pairs_mut()
        .clear()
        .extend_pairs(pairs.iter().map(|(key, old)| {
            let new = if key == name { value } else { old };
            (key.as_str(), new)
        }));
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_replaced_and_nothing_else() {
        let url = Url::parse("http://h/cb?code=a%2Bb&state=s").unwrap();
        assert_eq!(
            with(&url, "state", "t").as_str(),
            "http://h/cb?code=a%2Bb&state=t"
        );
        assert_eq!(with(&url, "other", "t").as_str(), url.as_str());
        assert_eq!(value(&url, "code").as_deref(), Some("a+b"));
    }
}
