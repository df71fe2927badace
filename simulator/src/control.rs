//! The control plane: the director and the journal over HTTP, on a listener of its own.
//!
//! No fault, certificate or hibernation reaches it, and it never appears in the journal. Every
//! request but `GET /health` needs `Authorization: Bearer TOKEN`.
//!
//! - `GET /health`: 200 while the simulator runs
//! - `GET /journal?from=SEQ`: the journal as JSON lines, header first where `from` is absent or 1
//! - `GET /conditions`: every instance's condition
//! - `POST /conditions?instance=NAME`: an action, as a scenario writes it, in JSON
//! - `POST /steps/NAME/fire`: fires a step by hand
//!
//! Whoever runs the simulator may add paths of its own ([`Further`]), and turn the plane to another
//! simulator ([`ControlPlane::turn_to`]).

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use axum::middleware;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::director::Director;
use crate::journal::Journal;
use crate::simulator::Running;

mod access;
mod further;
mod handlers;

pub use access::Token;
pub use further::{Call, Further};

/// What the handlers use.
#[derive(Debug, Clone)]
struct Plane {
    /// The simulator that it controls.
    site: watch::Receiver<Site>,
    token: Token,
    further: Option<Further>,
}

/// A simulator, as far as it is controlled.
#[derive(Debug, Clone)]
struct Site {
    journal: Journal,
    director: Director,
    main: String,
}

impl Site {
    fn of(running: &Running) -> Self {
        Self {
            journal: running.journal.clone(),
            director: running.director.clone(),
            main: running.addresses.keys().next().cloned().unwrap_or_default(),
        }
    }
}

impl Plane {
    fn site(&self) -> Site {
        self.site.borrow().clone()
    }
}

/// A control plane that listens. Dropping it stops it.
#[derive(Debug)]
pub struct ControlPlane {
    /// Where it listens.
    pub address: SocketAddr,
    site: watch::Sender<Site>,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<io::Result<()>>>,
}

impl ControlPlane {
    /// Starts the control plane of a simulator, on loopback and any free port unless told
    /// otherwise.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(
        running: &Running,
        listen: Option<SocketAddr>,
        token: Token,
    ) -> io::Result<Self> {
        Self::start_with(running, listen, token, None).await
    }

    /// Starts it with paths that others answer.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start_with(
        running: &Running,
        listen: Option<SocketAddr>,
        token: Token,
        further: Option<Further>,
    ) -> io::Result<Self> {
        let address = listen.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (site, turned) = watch::channel(Site::of(running));
        let plane = Plane {
            site: turned,
            token,
            further,
        };
        let (stop, mut stopped) = watch::channel(false);
        let serving = axum::serve(listener, router(plane)).with_graceful_shutdown(async move {
            let _dropped_is_stopped_too = stopped.wait_for(|stop| *stop).await;
        });
        Ok(Self {
            address,
            site,
            stop,
            task: Some(tokio::spawn(serving.into_future())),
        })
    }

    /// Controls this simulator from here on, at the same address and with the same token.
    pub fn turn_to(&self, running: &Running) {
        self.site.send_replace(Site::of(running));
    }

    /// Stops listening, and waits for requests that are being answered.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        if let Some(task) = self.task.take() {
            let _ended_one_way_or_another = task.await;
        }
    }
}

fn router(plane: Plane) -> Router {
    Router::new()
        .route("/journal", get(handlers::journal))
        .route(
            "/conditions",
            get(handlers::conditions).post(handlers::apply),
        )
        .route("/steps/{name}/fire", post(handlers::fire))
        .route("/{name}", post(further::call))
        .route_layer(middleware::from_fn_with_state(
            plane.clone(),
            access::require_token,
        ))
        .route("/health", get(handlers::health))
        .fallback(handlers::unknown)
        .with_state(plane)
}
