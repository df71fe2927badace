//! The person whom a connector sends to the instance: opens the page, signs in, allows or denies.
//!
//! The runner plays it, by HTTP and through a listener of its own, so that nothing of it is taken
//! for the subject's.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Url;
use tokio::net::TcpSocket;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::evidence::WENT_BACK;
use crate::scenario::Person as Part;

mod browser;
mod form;

use browser::{Browser, Page};

/// The path at which a connector receives the browser.
const CALLBACK_PATH: &str = "/oauth/callback";

/// A user name and a password.
type Login = (String, String);

/// A person, and what they know.
#[derive(Clone)]
pub(super) struct Person {
    /// What they do.
    pub(super) part: Part,
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
        const TOLD_WITHIN: Duration = Duration::from_millis(300);
        let _ = timeout(TOLD_WITHIN, &mut self.task).await;
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
        let task = tokio::spawn(async move {
            if let Err(why) = self.acts(&url, &notes).await {
                notes.note(why);
            }
        });
        Playing { task, notes: kept }
    }

    async fn acts(&self, url: &str, notes: &Notes) -> Result<(), String> {
        if self.part == Part::NeverSees {
            notes.note("the browser blocked the window");
            return Ok(());
        }
        let url = Url::parse(url).map_err(|error| format!("the page has no URL: {error}"))?;
        let Some(back) = self.consents(&url, notes).await? else {
            return Ok(());
        };
        let back = match self.part {
            Part::ForeignState => with(&back, "state", "of-another-connection"),
            Part::ForeignCode => {
                notes.note("somebody else's code is slipped in");
                let foreign = with(&url, "state", "of-another-connection");
                let foreign = with(&foreign, "code_challenge", FOREIGN_CHALLENGE);
                let other = self.consents(&foreign, notes).await?;
                let code = other.as_ref().and_then(|url| value(url, "code"));
                with(&back, "code", &code.ok_or("no other code was granted")?)
            }
            _ => back,
        };
        let browser = Browser::new(&self.authority, self.instance)?;
        let told = |status: Option<u16>| {
            status.map_or_else(|| "no answer".to_owned(), |status| status.to_string())
        };
        let status = told(browser.visit(&back).await?);
        notes.note(format!("{WENT_BACK}: {status}"));
        if self.part == Part::Reloads {
            notes.note("the page is loaded again");
            let status = told(browser.visit(&back).await?);
            notes.note(format!("{WENT_BACK}: {status}"));
        }
        Ok(())
    }

    /// Goes through the pages; where the browser is sent in the end, if anywhere.
    async fn consents(&self, url: &Url, notes: &Notes) -> Result<Option<Url>, String> {
        /// Pages that may follow each other.
        const MOST_PAGES: usize = 6;
        let mut browser = Browser::new(&self.authority, self.instance)?;
        let mut passwords = self.passwords().into_iter();
        let mut page = browser.open(url).await?;
        for _ in 0..MOST_PAGES {
            let (status, text) = match page {
                Page::LeadsAway(url) => {
                    notes.note("the instance sent the browser back");
                    return Ok(Some(url));
                }
                Page::Shown { status, text } => (status, text),
            };
            let forms = form::forms(&text);
            page = if let Some(login) = forms.iter().find(|form| form.has("user_password")) {
                notes.note(format!("a login page was shown: {status}"));
                let Some((user, password)) = passwords.next() else {
                    return Ok(None);
                };
                let filled = login.filled(&[("user_name", &user), ("user_password", &password)]);
                browser.submit(&login.action, &filled).await?
            } else if let Some((form, button)) = forms.iter().find_map(|form| self.choice(form)) {
                notes.note(format!(
                    "a consent page was shown: {status}; {} was pressed",
                    button.text
                ));
                browser.submit(&form.action, &form.pressed(button)).await?
            } else {
                notes.note(format!("another page was shown: {status}"));
                return Ok(None);
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

    fn choice<'f>(&self, form: &'f form::Form) -> Option<(&'f form::Form, &'f form::Button)> {
        let label = if self.part == Part::Denies {
            "Deny"
        } else {
            "Allow"
        };
        Some((form, form.button(label)?))
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

/// A port of this machine that nobody else is given, and on which the connector may listen: it is
/// bound and never listened on, which two sockets may that both allow it.
pub(super) struct CallbackPort {
    port: u16,
    _taken: TcpSocket,
}

impl CallbackPort {
    pub(super) fn take() -> std::io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        Ok(Self {
            port: socket.local_addr()?.port(),
            _taken: socket,
        })
    }

    /// Where the browser returns to.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}{CALLBACK_PATH}", self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connector_may_listen_on_the_port_that_is_kept_for_it() {
        let callback = CallbackPort::take().unwrap();
        let url = Url::parse(&callback.url()).unwrap();
        let address = (Ipv4Addr::LOCALHOST, url.port().unwrap());
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let (accepted, connected) =
            tokio::join!(listener.accept(), tokio::net::TcpStream::connect(address));
        assert!(accepted.is_ok() && connected.is_ok());
    }

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
