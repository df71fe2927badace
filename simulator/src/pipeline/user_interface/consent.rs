//! `/oauth_auth.do`: a person lets an application use an account, or does not (wire-failures 2.1).
//!
//! What is wrong with the request comes first, then the login (Authorization code flow state parameter
//! requirement says so of the state; of the rest it is *assumed*), then the page. The form sends the
//! request again, which is examined again: whoever made it up gains nothing. Whoever is signed in
//! grants for the account that is signed in.

use http::Method;

use super::super::admission::{Consent, Grantee};
use super::super::stage::{Exchange, Facts, View};
use super::signed_in;
use crate::api;
use crate::journal::Condition;
use crate::pages::{self, Frame, Login, Refused, with_parameters};
use crate::reply::Reply;

mod asked;

use asked::{Asked, Flaw, Sound};

pub(super) fn answer(exchange: &Exchange<'_>, facts: &mut Facts, view: &View<'_>) -> Reply {
    let frame = Frame::of(exchange.headers);
    let is_sent = *exchange.method == Method::POST;
    let form = if is_sent {
        let Some(form) = pages::form(exchange.body) else {
            return Refused::too_large(frame);
        };
        form
    } else {
        exchange.query.into()
    };
    let asked = Asked::read(&form);
    let sound = match asked.examine(view.policy) {
        Ok(sound) => sound,
        Err(flaw) => return refuse(&asked, flaw, frame),
    };
    let Some((session, user)) = signed_in(exchange, view) else {
        let visit = view.visit(exchange);
        let login = Login {
            token: visit.as_ref().map(|session| session.user_token.as_str()),
            back_to: asked.address(),
            ..Login::default()
        };
        return login.redirect(frame, "consent is asked of nobody who is signed in");
    };
    facts.in_session = true;
    let pressed = api::form_value(&form, pages::Consent::FIELD).filter(|_| is_sent);
    let shown = api::form_value(&form, "sysparm_ck");
    let shows_token = shown.is_some_and(|shown| session.token_matches(shown.as_bytes()));
    if pressed.is_some() && !shows_token {
        let refused = Refused {
            problem: "The page was open for too long.",
            remedy: "Go back to the application and start again.",
            asked: &[],
        };
        let reason = "the form shows another token than its session's";
        return refused.reply(frame, Condition::InvalidRequest, reason);
    }
    match pressed.as_deref() {
        Some("allow") => allow(&asked, &sound, &user.user_name, view, exchange),
        Some(_) => {
            let reason = format!("`{}` denies consent", user.user_name);
            let parameters = [("error", "access_denied")];
            back(
                &asked,
                sound.redirect_url,
                &parameters,
                Condition::ConsentDenied,
                reason,
            )
        }
        None => pages::Consent {
            application: &sound.client.name,
            user_name: &user.user_name,
            scopes: sound.scopes,
            redirect_url: sound.redirect_url,
            parameters: &asked.pairs(),
            token: &session.user_token,
            again: asked.address(),
        }
        .reply(frame),
    }
}

/// 302 to the application with a code.
fn allow(
    asked: &Asked,
    sound: &Sound<'_>,
    user_name: &str,
    view: &View<'_>,
    exchange: &Exchange<'_>,
) -> Reply {
    let consent = Consent {
        grantee: Grantee {
            client: sound.client.sys_id.clone(),
            user: user_name.to_owned(),
            scope: sound.scopes.join(" "),
        },
        redirect_url: asked.value("redirect_uri").unwrap_or_default().to_owned(),
        challenge: sound.challenge.clone(),
    };
    let code = view.admission.codes.issue(consent, exchange.now);
    let mut parameters = vec![("code", code.as_str())];
    parameters.extend(asked.state().map(|state| ("state", state)));
    let to = with_parameters(sound.redirect_url, &parameters);
    let mut reply = Reply::found(&to, format!("`{user_name}` allows the application"));
    reply.condition = Some(Condition::ConsentAllowed);
    reply
}

/// 302 to the application with an error.
fn back(
    asked: &Asked,
    redirect_url: &str,
    error: &[(&str, &str)],
    condition: Condition,
    reason: impl Into<String>,
) -> Reply {
    let mut parameters = error.to_vec();
    parameters.extend(asked.state().map(|state| ("state", state)));
    let mut reply = Reply::found(&with_parameters(redirect_url, &parameters), reason);
    reply.condition = Some(condition);
    reply
}

fn refuse(asked: &Asked, flaw: Flaw<'_>, frame: Frame<'_>) -> Reply {
    match flaw {
        Flaw::Shown {
            problem,
            remedy,
            condition,
        } => {
            let shown = ["client_id", "redirect_uri"];
            let shown = shown.map(|name| (name, asked.value(name).unwrap_or("(none)")));
            let refused = Refused {
                problem,
                remedy,
                asked: &shown,
            };
            refused.reply(frame, condition, problem)
        }
        Flaw::Told {
            redirect_url,
            error,
            description,
            condition,
        } => {
            let parameters = [("error", error), ("error_description", description)];
            let mut reply = back(asked, redirect_url, &parameters, condition, description);
            // The implicit grant, which a real instance has.
            if asked.value("response_type") == Some("token") {
                reply.unmodelled.push("response_type=token".to_owned());
            }
            reply
        }
    }
}
