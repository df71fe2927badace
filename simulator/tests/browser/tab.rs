//! A tab with cookies of its own, used as a person with a screen reader does: by roles and names.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::chromium::Chromium;

/// A tab.
pub(crate) struct Tab<'a> {
    browser: &'a Chromium,
    context: String,
    session: String,
}

/// What a screen reader tells of one thing on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) role: String,
    pub(crate) name: String,
    /// What describes it besides its name.
    pub(crate) description: String,
    /// Whether its value is refused.
    pub(crate) invalid: bool,
    /// Whether the keyboard is on it.
    pub(crate) focused: bool,
    node: i64,
}

impl<'a> Tab<'a> {
    /// A new tab that knows no cookies.
    pub(crate) fn new(browser: &'a Chromium) -> Self {
        let call = |method, params| browser.pipe.call(None, method, params);
        let context = call("Target.createBrowserContext", json!({}));
        let context = text(&context["browserContextId"]);
        let target = call(
            "Target.createTarget",
            json!({ "url": "about:blank", "browserContextId": context }),
        );
        let attached = call(
            "Target.attachToTarget",
            json!({ "targetId": target["targetId"], "flatten": true }),
        );
        let tab = Self {
            browser,
            context,
            session: text(&attached["sessionId"]),
        };
        for domain in ["Page", "DOM", "Accessibility", "Log"] {
            tab.call(&format!("{domain}.enable"), json!({}));
        }
        tab
    }

    fn call(&self, method: &str, params: Value) -> Value {
        self.browser.pipe.call(Some(&self.session), method, params)
    }

    /// Does something that leads to another page, and waits for it: until it is loaded and was
    /// drawn once, because the keyboard is put where it belongs just before that.
    fn leads(&self, act: impl FnOnce()) {
        let from = self.browser.pipe.events();
        act();
        self.browser
            .pipe
            .event(from, &self.session, "Page.loadEventFired");
        let drawn = "new Promise(drawn => requestAnimationFrame(() => drawn(true)))";
        let waited = self.call(
            "Runtime.evaluate",
            json!({ "expression": drawn, "awaitPromise": true, "returnByValue": true }),
        );
        assert_eq!(waited["result"]["value"], true, "the page is drawn");
    }

    pub(crate) fn open(&self, url: &str) {
        self.leads(|| {
            let opened = self.call("Page.navigate", json!({ "url": url }));
            assert_eq!(opened.get("errorText"), None, "{url}");
        });
    }

    /// What a script makes of the page.
    pub(crate) fn evaluate(&self, script: &str) -> Value {
        let made = self.call(
            "Runtime.evaluate",
            json!({ "expression": script, "returnByValue": true }),
        );
        made["result"]["value"].clone()
    }

    pub(crate) fn url(&self) -> String {
        text(&self.evaluate("location.href"))
    }

    pub(crate) fn text(&self) -> String {
        text(&self.evaluate("document.body.innerText"))
    }

    /// What a screen reader finds on the page, in order.
    pub(crate) fn told(&self) -> Vec<Told> {
        let tree = self.call("Accessibility.getFullAXTree", json!({}));
        in_order(tree["nodes"].as_array().unwrap())
            .into_iter()
            .filter(|node| node["ignored"] == false)
            .map(|node| {
                let is = |property: &str| {
                    let properties = node["properties"].as_array().into_iter().flatten();
                    let mut named = properties.filter(|it| it["name"] == property);
                    named.next().map(|it| it["value"]["value"].clone())
                };
                Told {
                    role: text(&node["role"]["value"]),
                    name: text(&node["name"]["value"]),
                    description: text(&node["description"]["value"]),
                    invalid: is("invalid").is_some_and(|it| it == "true"),
                    focused: is("focused").is_some_and(|it| it == true),
                    node: node["backendDOMNodeId"].as_i64().unwrap_or_default(),
                }
            })
            .collect()
    }

    /// The one thing of this role and name.
    pub(crate) fn find(&self, role: &str, name: &str) -> Told {
        let told = self.told();
        let mut found = told.iter().filter(|it| it.role == role && it.name == name);
        let first = found.next().cloned();
        let first = first.unwrap_or_else(|| panic!("no {role} `{name}` in {told:#?}"));
        assert_eq!(found.next(), None, "there is one {role} `{name}`");
        first
    }

    /// Types where the keyboard is.
    pub(crate) fn write(&self, value: &str) {
        self.call("Input.insertText", json!({ "text": value }));
    }

    fn fill(&self, label: &str, value: &str) {
        let field = self.find("textbox", label);
        self.call("DOM.focus", json!({ "backendNodeId": field.node }));
        self.evaluate("document.activeElement.select()");
        self.write(value);
    }

    /// Fills the login's form and sends it.
    pub(crate) fn sign_in(&self, user: &str, password: &str) {
        self.fill("User name", user);
        self.fill("Password", password);
        self.click("button", "Log in");
    }

    /// Clicks where the thing is shown, and waits for the page that follows.
    pub(crate) fn click(&self, role: &str, name: &str) {
        let node = json!({ "backendNodeId": self.find(role, name).node });
        self.call("DOM.scrollIntoViewIfNeeded", node.clone());
        let quads = self.call("DOM.getContentQuads", node);
        let corner = |at: usize| quads["quads"][0][at].as_f64().unwrap();
        let (x, y) = (
            f64::midpoint(corner(0), corner(4)),
            f64::midpoint(corner(1), corner(5)),
        );
        self.leads(|| {
            for kind in ["mousePressed", "mouseReleased"] {
                self.call(
                    "Input.dispatchMouseEvent",
                    json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 }),
                );
            }
        });
    }

    /// Presses a key that leads nowhere.
    pub(crate) fn press(&self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            _ => panic!("{key}"),
        };
        for kind in ["keyDown", "keyUp"] {
            self.call(
                "Input.dispatchKeyEvent",
                json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text }),
            );
        }
    }

    /// Presses Enter, and waits for the page that follows.
    pub(crate) fn enter(&self) {
        self.leads(|| self.press("Enter"));
    }

    /// Becomes a screen of this size, dark or light.
    pub(crate) fn screen(&self, width: u32, height: u32, scheme: &str) {
        self.call(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 }),
        );
        self.call(
            "Emulation.setEmulatedMedia",
            json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] }),
        );
    }

    /// Leaves a picture of the page.
    pub(crate) fn picture(&self, name: &str) {
        let shot = self.call("Page.captureScreenshot", json!({ "format": "png" }));
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pages");
        fs::create_dir_all(&folder).unwrap();
        let png = STANDARD.decode(text(&shot["data"])).unwrap();
        fs::write(folder.join(format!("{name}.png")), png).unwrap();
    }

    /// What the browser complained of, such as a refused style.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let entries = self.browser.pipe.all(&self.session, "Log.entryAdded");
        let entries = entries.iter().map(|entry| entry["entry"].to_string());
        entries.collect()
    }
}

impl Drop for Tab<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.browser.pipe.call(
                None,
                "Target.disposeBrowserContext",
                json!({ "browserContextId": self.context }),
            );
        }
    }
}

/// The nodes of a tree in the order in which they are read; the first one is its root.
fn in_order(nodes: &[Value]) -> Vec<&Value> {
    let by_id: HashMap<&str, &Value> = nodes
        .iter()
        .filter_map(|node| Some((node["nodeId"].as_str()?, node)))
        .collect();
    let mut open = vec![&nodes[0]];
    let mut read = Vec::new();
    while let Some(node) = open.pop() {
        read.push(node);
        let children = node["childIds"].as_array().into_iter().flatten().rev();
        open.extend(children.filter_map(|id| by_id.get(id.as_str()?).copied()));
    }
    read
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
