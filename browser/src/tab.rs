//! A tab with cookies of its own, used as a person with a screen reader does: by roles and names.

use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::error::BrowserError;
use crate::landing::{Landing, MayVisit, Seen};
use crate::pipe::Pipe;
use crate::reader::{self, Told, text};

const LOADED: &str = "Page.loadEventFired";
const PAUSED: &str = "Fetch.requestPaused";
const ASKED: &str = "Network.requestWillBeSent";
const ANSWERED: &str = "Network.responseReceived";
const FAILED: &str = "Network.loadingFailed";

/// A tab. Whoever drops it closes it, and its cookies are gone.
pub struct Tab {
    pipe: Arc<Pipe>,
    context: String,
    session: String,
    frame: String,
    may_visit: Option<MayVisit>,
}

impl fmt::Debug for Tab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Tab");
        shown.field("frame", &self.frame).finish_non_exhaustive()
    }
}

impl Tab {
    /// A new tab that knows no cookies.
    pub(crate) async fn open_in(pipe: Arc<Pipe>) -> Result<Self, BrowserError> {
        let context = pipe.call(None, "Target.createBrowserContext", json!({}));
        let context = text(&context.await?["browserContextId"]);
        let target = pipe.call(
            None,
            "Target.createTarget",
            json!({ "url": "about:blank", "browserContextId": context }),
        );
        let frame = text(&target.await?["targetId"]);
        let attached = pipe.call(
            None,
            "Target.attachToTarget",
            json!({ "targetId": frame, "flatten": true }),
        );
        let session = text(&attached.await?["sessionId"]);
        let tab = Self {
            pipe,
            context,
            session,
            frame,
            may_visit: None,
        };
        for domain in ["Page", "Network", "DOM", "Accessibility", "Log"] {
            tab.call(&format!("{domain}.enable"), json!({})).await?;
        }
        // The keyboard works in tabs that are not in front too.
        let focus = tab.call(
            "Emulation.setFocusEmulationEnabled",
            json!({ "enabled": true }),
        );
        focus.await?;
        Ok(tab)
    }

    /// Opens by itself only what `may_visit` allows from here on; all else is held.
    ///
    /// # Errors
    ///
    /// The browser has ended, or is late.
    pub async fn visits_only(&mut self, may_visit: MayVisit) -> Result<(), BrowserError> {
        let documents = json!({ "patterns": [{ "urlPattern": "*", "resourceType": "Document" }] });
        self.call("Fetch.enable", documents).await?;
        self.may_visit = Some(may_visit);
        Ok(())
    }

    /// Calls any method of the protocol for this tab, and gives its result.
    ///
    /// # Errors
    ///
    /// The browser refuses the call, has ended, or is late.
    pub async fn call(&self, method: &str, params: Value) -> Result<Value, BrowserError> {
        self.pipe.call(Some(&self.session), method, params).await
    }

    fn tell(&self, method: &str, params: Value) {
        self.pipe.tell(Some(&self.session), method, params);
    }

    /// What every event of this name tells, so far.
    #[must_use]
    pub fn events(&self, method: &str) -> Vec<Value> {
        let events = self.pipe.events(0, &self.session, method).into_iter();
        events.map(|event| event.params).collect()
    }

    /// Opens a URL.
    ///
    /// # Errors
    ///
    /// The browser has ended, or is late.
    pub async fn open(&self, url: &str) -> Result<Landing, BrowserError> {
        let from = self.pipe.next();
        self.tell("Page.navigate", json!({ "url": url }));
        self.lands(from).await
    }

    /// Loads the page again, as a person does.
    ///
    /// # Errors
    ///
    /// The browser has ended, or is late.
    pub async fn reload(&self) -> Result<Landing, BrowserError> {
        let from = self.pipe.next();
        self.tell("Page.reload", json!({}));
        self.lands(from).await
    }

    /// Lets a request go that was held, wherever it leads.
    ///
    /// # Errors
    ///
    /// The browser has ended, or is late.
    pub async fn lets_go(&self, request: &str) -> Result<Landing, BrowserError> {
        let from = self.pipe.next();
        self.tell("Fetch.continueRequest", json!({ "requestId": request }));
        self.lands(from).await
    }

    /// Gives up a request that was held; the page stays.
    ///
    /// # Errors
    ///
    /// The browser refuses the call, has ended, or is late.
    pub async fn gives_up(&self, request: &str) -> Result<(), BrowserError> {
        let from = self.pipe.next();
        let params = json!({ "requestId": request, "errorReason": "Aborted" });
        self.call("Fetch.failRequest", params).await?;
        // Whatever is opened next must not be taken for what failed here.
        let failed = self.pipe.event(from, &self.session, &[FAILED]);
        failed.await.map(drop)
    }

    /// Clicks where the one thing of this role and name is shown, and waits for the page that
    /// follows.
    ///
    /// # Errors
    ///
    /// There is no such thing, nothing follows, or the browser has ended.
    pub async fn click(&self, role: &str, name: &str) -> Result<Landing, BrowserError> {
        let node = json!({ "backendNodeId": self.find(role, name).await?.node });
        self.call("DOM.scrollIntoViewIfNeeded", node.clone())
            .await?;
        let quads = self.call("DOM.getContentQuads", node).await?;
        let corner = |at: usize| quads["quads"][0][at].as_f64();
        let middle = |one: usize| Some(f64::midpoint(corner(one)?, corner(one + 4)?));
        let (Some(x), Some(y)) = (middle(0), middle(1)) else {
            return Err(BrowserError::Unseen {
                role: role.to_owned(),
                name: name.to_owned(),
            });
        };
        let from = self.pipe.next();
        for kind in ["mousePressed", "mouseReleased"] {
            self.tell(
                "Input.dispatchMouseEvent",
                json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 }),
            );
        }
        self.lands(from).await
    }

    /// Presses Enter, and waits for the page that follows.
    ///
    /// # Errors
    ///
    /// Nothing follows, or the browser has ended.
    pub async fn enter(&self) -> Result<Landing, BrowserError> {
        let from = self.pipe.next();
        for kind in ["keyDown", "keyUp"] {
            self.tell("Input.dispatchKeyEvent", key(kind, "Enter", 13, "\r"));
        }
        self.lands(from).await
    }

    /// Presses the tabulator key.
    ///
    /// # Errors
    ///
    /// The browser has ended, or is late.
    pub async fn tabulate(&self) -> Result<(), BrowserError> {
        for kind in ["keyDown", "keyUp"] {
            let pressed = self.call("Input.dispatchKeyEvent", key(kind, "Tab", 9, ""));
            pressed.await?;
        }
        Ok(())
    }

    /// Types where the keyboard is.
    ///
    /// # Errors
    ///
    /// The browser has ended, or is late.
    pub async fn write(&self, value: &str) -> Result<(), BrowserError> {
        let typed = self.call("Input.insertText", json!({ "text": value }));
        typed.await.map(drop)
    }

    /// Replaces what stands in the one field of this label.
    ///
    /// # Errors
    ///
    /// There is no such field, or the browser has ended.
    pub async fn fill(&self, label: &str, value: &str) -> Result<(), BrowserError> {
        let field = self.find("textbox", label).await?;
        let node = json!({ "backendNodeId": field.node });
        self.call("DOM.focus", node).await?;
        self.evaluate("document.activeElement.select()").await?;
        self.write(value).await
    }

    /// What a script makes of the page; a promise is waited for.
    ///
    /// # Errors
    ///
    /// The browser has ended, or is late.
    pub async fn evaluate(&self, script: &str) -> Result<Value, BrowserError> {
        let params = json!({ "expression": script, "returnByValue": true, "awaitPromise": true });
        let mut made = self.call("Runtime.evaluate", params).await?;
        Ok(made["result"]["value"].take())
    }

    /// What a screen reader finds on the page, in order.
    ///
    /// # Errors
    ///
    /// The browser has ended, or is late.
    pub async fn told(&self) -> Result<Vec<Told>, BrowserError> {
        let tree = self.call("Accessibility.getFullAXTree", json!({})).await?;
        Ok(reader::told(&tree))
    }

    /// The one thing of this role and name.
    ///
    /// # Errors
    ///
    /// There is none or more than one, or the browser has ended.
    pub async fn find(&self, role: &str, name: &str) -> Result<Told, BrowserError> {
        let mut told = self.told().await?;
        told.retain(|it| it.role == role && it.name == name);
        match told.len() {
            1 => Ok(told.remove(0)),
            count => Err(BrowserError::NotOne {
                count,
                role: role.to_owned(),
                name: name.to_owned(),
            }),
        }
    }

    /// Waits for the page that follows, or until it is held.
    async fn lands(&self, from: u64) -> Result<Landing, BrowserError> {
        let mut next = from;
        loop {
            let event = self
                .pipe
                .event(next, &self.session, &[LOADED, PAUSED, FAILED]);
            let event = event.await?;
            next = event.at + 1;
            let seen = || {
                let of = |from, method| self.pipe.events(from, &self.session, method);
                Seen {
                    // A request that was held was asked for before.
                    asked: of(0, ASKED),
                    answered: of(from, ANSWERED),
                    failed: of(from, FAILED),
                }
            };
            match event.method.as_str() {
                PAUSED => {
                    let url = text(&event.params["request"]["url"]);
                    let request = text(&event.params["requestId"]);
                    if self.may_visit.as_ref().is_some_and(|may| !may(&url)) {
                        return Ok(Landing::Held { url, request });
                    }
                    self.tell("Fetch.continueRequest", json!({ "requestId": request }));
                }
                // What is not shown, such as an empty answer with status 204, is not loaded either.
                FAILED => {
                    let seen = seen();
                    let own = seen.request(&self.frame) == Some(&event.params["requestId"]);
                    if own && event.params["errorText"] == "net::ERR_ABORTED" {
                        return Ok(seen.landing(&self.frame));
                    }
                }
                _ => return Ok(seen().landing(&self.frame)),
            }
        }
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        let context = json!({ "browserContextId": self.context });
        self.pipe
            .tell(None, "Target.disposeBrowserContext", context);
        self.pipe.forget(&self.session);
    }
}

fn key(kind: &str, name: &str, code: u32, text: &str) -> Value {
    json!({ "type": kind, "key": name, "code": name, "windowsVirtualKeyCode": code, "text": text })
}
