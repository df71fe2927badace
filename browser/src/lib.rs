//! Drives a headless Chromium over its debugging pipe, as far as a person uses a browser.
//!
//! One process with a profile of its own, tabs that know nothing of each other, and in a tab what a
//! person with a screen reader does: find a thing by its role and name, type, click. The browser
//! looks up no name outside this machine, and trusts the one key that it is told of.
//!
//! The protocol goes through two pipes and not through a port, so that nobody else can speak to the
//! browser, and so that it ends with the process that started it.

mod chromium;
mod error;
mod landing;
mod pipe;
mod program;
mod reader;
mod tab;

pub use chromium::{Chromium, Launch};
pub use error::BrowserError;
pub use landing::{Landing, MayVisit};
pub use program::{NAMES, find};
pub use reader::Told;
pub use tab::Tab;
