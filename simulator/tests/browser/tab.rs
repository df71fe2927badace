//! A tab of the flows: each step at once, and what fails ends the flow.

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use snowproof_browser::{BrowserError, Chromium, Landing, Told};
use tokio::runtime::Runtime;

/// A tab.
pub(crate) struct Tab<'a> {
    tab: snowproof_browser::Tab,
    runtime: &'a Runtime,
    /// Whether pages may run scripts.
    runs_scripts: Cell<bool>,
}

impl<'a> Tab<'a> {
    /// A new tab that knows no cookies.
    pub(crate) fn new(browser: &Chromium, runtime: &'a Runtime) -> Self {
        let tab = runtime.block_on(browser.tab()).unwrap();
        Self {
            tab,
            runtime,
            runs_scripts: Cell::new(true),
        }
    }

    fn does<T>(&self, done: impl Future<Output = Result<T, BrowserError>>) -> T {
        match self.runtime.block_on(done) {
            Ok(done) => done,
            Err(error) => panic!("{error}\n{:#?}", self.told()),
        }
    }

    /// Does something that leads to another page, and waits until it was drawn once, because the
    /// keyboard is put where it belongs just before that.
    fn leads(&self, act: impl Future<Output = Result<Landing, BrowserError>>) {
        let landing = self.does(act);
        assert!(matches!(landing, Landing::Shown { .. }), "{landing:?}");
        // Nothing is called back where no script may run.
        if !self.runs_scripts.get() {
            return;
        }
        let drawn = "new Promise(drawn => requestAnimationFrame(() => drawn(true)))";
        assert_eq!(self.evaluate(drawn), true, "the page is drawn");
    }

    fn call(&self, method: &str, params: Value) -> Value {
        self.does(self.tab.call(method, params))
    }

    pub(crate) fn open(&self, url: &str) {
        self.leads(self.tab.open(url));
    }

    /// What a script makes of the page.
    pub(crate) fn evaluate(&self, script: &str) -> Value {
        self.does(self.tab.evaluate(script))
    }

    pub(crate) fn url(&self) -> String {
        text(&self.evaluate("location.href"))
    }

    pub(crate) fn text(&self) -> String {
        text(&self.evaluate("document.body.innerText"))
    }

    /// What a screen reader finds on the page, in order.
    pub(crate) fn told(&self) -> Vec<Told> {
        self.runtime.block_on(self.tab.told()).unwrap()
    }

    /// The one thing of this role and name.
    pub(crate) fn find(&self, role: &str, name: &str) -> Told {
        self.does(self.tab.find(role, name))
    }

    /// Types where the keyboard is.
    pub(crate) fn write(&self, value: &str) {
        self.does(self.tab.write(value));
    }

    /// Fills the login's form and sends it.
    pub(crate) fn sign_in(&self, user: &str, password: &str) {
        self.sign_in_by("Log in", user, password);
    }

    /// The same, of a form whose button has this name.
    pub(crate) fn sign_in_by(&self, button: &str, user: &str, password: &str) {
        self.does(self.tab.fill("User name", user));
        self.does(self.tab.fill("Password", password));
        self.click("button", button);
    }

    /// Clicks where the thing is shown, and waits for the page that follows.
    pub(crate) fn click(&self, role: &str, name: &str) {
        self.leads(self.tab.click(role, name));
    }

    /// Presses the tabulator key.
    pub(crate) fn tabulate(&self) {
        self.does(self.tab.tabulate());
    }

    /// Presses Enter, and waits for the page that follows.
    pub(crate) fn enter(&self) {
        self.leads(self.tab.enter());
    }

    /// Runs no script of a page from here on.
    pub(crate) fn forbid_scripts(&self) {
        self.call(
            "Emulation.setScriptExecutionDisabled",
            json!({ "value": true }),
        );
        self.runs_scripts.set(false);
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
        let entries = self.tab.events("Log.entryAdded").into_iter();
        entries.map(|entry| entry["entry"].to_string()).collect()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
