//! `test --debug`: says how a connector is started, and waits until somebody is ready to look.

use std::io::{IsTerminal, stdin};

use futures_util::FutureExt;
use tokio::sync::oneshot;

use super::printing;
use crate::run::{Attendant, Notice};

/// Whoever sits at the terminal; where stdin is none, nobody is waited for.
pub(super) fn attendant() -> Attendant {
    let waits = stdin().is_terminal();
    Attendant::new(move |notice| {
        async move {
            printing::talk(&told(&notice));
            if waits && matches!(notice, Notice::Starts { .. }) {
                printing::talk("Enter starts it");
                enter().await;
            }
        }
        .boxed()
    })
}

fn told(notice: &Notice) -> String {
    match notice {
        Notice::Starts {
            act,
            command,
            environment,
            folder,
        } => {
            let mut lines = vec![format!("act {act}: {}", command.join(" "))];
            lines.push(format!("  in {}", folder.display()));
            let environment = environment.iter();
            lines.extend(environment.map(|(name, value)| format!("  {name}={value}")));
            lines.join("\n")
        }
        Notice::Serves { pid, port } => {
            format!("the service runs: pid {pid}, http://127.0.0.1:{port}")
        }
        Notice::Started { pid } => format!("pid {pid}: no budget, and nothing but Ctrl-C ends it"),
    }
}

/// Returns when a line was entered, or input has ended. A thread of its own waits, which a process
/// that ends does not wait for.
async fn enter() {
    let (entered, waiting) = oneshot::channel();
    std::thread::spawn(move || {
        let _ended_or_not = stdin().read_line(&mut String::new());
        let _nobody_may_wait = entered.send(());
    });
    let _thread_is_gone = waiting.await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_told_line_by_line() {
        let start = Notice::Starts {
            act: 2,
            command: vec!["mysync".to_owned(), "check".to_owned()],
            environment: vec![("PASSWORD".to_owned(), "<secret:password>".to_owned())],
            folder: "/srv/home".into(),
        };
        assert_eq!(
            told(&start),
            "act 2: mysync check\n  in /srv/home\n  PASSWORD=<secret:password>"
        );
    }
}
