//! The developer site, on which whoever owns an instance wakes it (wire-failures 6.1).
//!
//! Whatever is asked of it, its page asks to sign in. Its form is that of a login (`POST /login.do`),
//! which the application behind the edge takes, lockouts and all; a good one wakes the instances of
//! the set-up that hibernate. Of the real site nothing but that purpose is known: both pages, the
//! form and its path are *assumed*.

use http::Method;

use super::super::stage::{Decision, Exchange, View};
use super::page;
use crate::api;

const SIGN_IN: &str = concat!(
    include_str!("developer_site/head.html"),
    include_str!("developer_site/sign_in.html")
);
const SIGNED_IN: &str = concat!(
    include_str!("developer_site/head.html"),
    include_str!("developer_site/signed_in.html")
);

pub(super) fn decide(exchange: &Exchange<'_>, view: &View<'_>) -> Decision {
    if *exchange.method == Method::POST && api::is_login_form(exchange.path) {
        return Decision::pass();
    }
    Decision::answer(if is_signed_in(exchange, view) {
        page::of_site(SIGNED_IN, "somebody is signed in to the developer site")
    } else {
        page::of_site(SIGN_IN, "this is the developer site")
    })
}

fn is_signed_in(exchange: &Exchange<'_>, view: &View<'_>) -> bool {
    let session = view.session(exchange);
    let holder = session.and_then(|(session, _)| session.holder);
    holder.is_some_and(|holder| holder.proof.is_password())
}
