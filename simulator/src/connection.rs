//! From an accepted socket to bytes on it: accept, forward proxy, TLS, HTTP/1.1 or HTTP/2, and the faults
//! that happen to bytes.
//!
//! It carries out what others decided. It knows nothing of users, tables or steps.

mod accept;
pub mod certificates;
mod client_hello;
mod compression;
mod crowd;
mod door;
mod farewell;
mod faulty_io;
mod handshake;
mod head_clip;
mod malformed;
mod mute;
mod proxy;
mod reply_body;
mod serve;
mod socket;
mod spelling;
mod spoiled;
mod syn_watch;
mod tls;
mod turned_away;
mod wire;

pub(crate) use accept::{Listening, listen};
pub(crate) use proxy::{Gate, listen as listen_as_proxy};
pub(crate) use serve::{Counters, Salt, Site};
