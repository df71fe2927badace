//! Sees connection attempts to a port that answers no SYN: they stand in the system's socket
//! table as `SYN_SENT` (proc_tcp(5), state 02) for as long as the caller tries.
//!
//! The table is the system's, so attempts are told by the port they go to; while it is blocked
//! nobody but the caller knows its number.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::serve::Site;
use crate::journal::{Event, SynGone, SynSeen};

/// How often the table is read. An attempt lasts far longer.
const EVERY: Duration = Duration::from_millis(40);

/// The tables of IPv4 and IPv6; callers with sockets for both stand in the second.
const TABLES: [&str; 2] = ["/proc/net/tcp", "/proc/net/tcp6"];

/// The attempts that go on, by the caller's port. When the watch ends the port may answer, so that
/// nobody is seen any more.
struct Attempts {
    site: Arc<Site>,
    open: BTreeMap<u16, u64>,
}

impl Attempts {
    /// Writes down those that are seen for the first time and those that are seen no more.
    fn seen(&mut self, callers: &[u16]) {
        let site = &self.site;
        self.open.retain(|caller, attempt| {
            let goes_on = callers.contains(caller);
            if !goes_on {
                site.note(Event::SynGone(SynGone { attempt: *attempt }));
            }
            goes_on
        });
        for caller in callers {
            if self.open.contains_key(caller) {
                continue;
            }
            let attempt = site.next_connection();
            self.open.insert(*caller, attempt);
            let (_, cause) = site.instance.port();
            let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, *caller)).to_string();
            site.note_with(cause, Event::SynSeen(SynSeen { attempt, peer }));
            site.director.contact(site.caller);
        }
    }
}

impl Drop for Attempts {
    fn drop(&mut self) {
        self.seen(&[]);
    }
}

/// Watches for as long as it is polled. `own` is a socket of ours that is no caller.
pub(super) async fn watch(site: Arc<Site>, port: u16, own: Option<SocketAddr>) {
    let mut attempts = Attempts {
        site: Arc::clone(&site),
        open: BTreeMap::new(),
    };
    let own = own.map(|own| own.port());
    loop {
        let seen = match trying(port).await {
            Ok(seen) => seen,
            Err(error) => {
                let what = format!("seeing unanswered SYNs: the socket table: {error}");
                site.instance.unmodelled(None, what);
                return;
            }
        };
        let others: Vec<u16> = seen
            .into_iter()
            .filter(|caller| Some(*caller) != own)
            .collect();
        attempts.seen(&others);
        tokio::time::sleep(EVERY).await;
    }
}

/// The local ports of those who try to connect to a port.
async fn trying(port: u16) -> io::Result<Vec<u16>> {
    let mut callers = Vec::new();
    for (index, table) in TABLES.iter().enumerate() {
        match tokio::fs::read_to_string(table).await {
            Ok(text) => callers.extend(syns_to(port, &text)),
            // A system without IPv6 has no second table.
            Err(error) if index == 0 => return Err(error),
            Err(_) => {}
        }
    }
    Ok(callers)
}

/// The local ports of sockets in `SYN_SENT` to a port, from a table in the form of
/// `sl local_address rem_address st …`, addresses as `HEX:HEX`.
fn syns_to(port: u16, table: &str) -> impl Iterator<Item = u16> {
    const SYN_SENT: &str = "02";
    table.lines().skip(1).filter_map(move |line| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        let (local, remote, state) = (fields.next()?, fields.next()?, fields.next()?);
        let number = |address: &str| {
            let (_, port) = address.rsplit_once(':')?;
            u16::from_str_radix(port, 16).ok()
        };
        (state == SYN_SENT && number(remote)? == port)
            .then(|| number(local))
            .flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_syns_to_the_port_are_read() {
        let table = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:D431 0100007F:01BB 02 00000001:00000000 01:00000064 00000001     0        0 9 2 0
   1: 0100007F:D432 0100007F:01BB 01 00000000:00000000 00:00000000 00000000     0        0 9 1 0
   2: 0100007F:D433 0100007F:01BC 02 00000001:00000000 01:00000064 00000001     0        0 9 2 0
   3: broken
   4: 0000000000000000FFFF00000100007F:D434 0000000000000000FFFF00000100007F:01BB 02 0:0 0 0";
        let seen: Vec<u16> = syns_to(0x1bb, table).collect();
        assert_eq!(seen, [0xd431, 0xd434]);
    }
}
