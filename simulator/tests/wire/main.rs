//! The simulator over real sockets: certificates, faults, stages, steps, journal, control plane.
//!
//! The client speaks HTTP/1.1 by hand, so that the tests see every byte.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails here"
)]

mod access;
mod administration;
mod api_access;
mod attachments;
mod basic;
mod batch;
mod client;
mod compression;
mod consent;
mod control;
mod curl;
mod director;
mod expect_continue;
mod faults;
mod filling;
mod forms;
mod gateway;
mod handshakes;
mod http2;
mod id_tokens;
mod journal;
mod life;
mod limiter;
mod limits;
mod looking;
mod loopback;
mod malformed;
mod mutual_tls;
mod mutual_tls_clients;
mod oauth;
mod pipeline;
mod port;
mod proxy;
mod queues;
mod redirects;
mod roles;
mod sessions;
mod sites;
mod stage;
mod states;
mod throttling;
mod tls;
mod tls_clients;
