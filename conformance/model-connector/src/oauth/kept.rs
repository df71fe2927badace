//! What a person's consent brought, kept with the checkpoint from run to run: nobody consents twice
//! for the same. Where no person is needed nothing is kept.

use serde_json::{Map, Value};

use crate::settings::{Application, Secret};

/// The field of the checkpoint that holds the tokens.
const CONNECTION: &str = "connection";
const ACCESS_TOKEN: &str = "access_token";
const REFRESH_TOKEN: &str = "refresh_token";

/// Takes the tokens out of a checkpoint and gives them to the application; what remains of the
/// checkpoint, if anything does.
pub(crate) fn taken_out(state: &Value, application: Option<&mut Application>) -> Option<Value> {
    let Value::Object(fields) = state else {
        return Some(state.clone());
    };
    let mut rest = fields.clone();
    if let (Some(connection), Some(application)) = (rest.remove(CONNECTION), application) {
        let token = |name: &str| connection.get(name)?.as_str().map(Secret::of);
        application.access_token = token(ACCESS_TOKEN);
        application.refresh_token = token(REFRESH_TOKEN);
    }
    (!rest.is_empty()).then_some(Value::Object(rest))
}

/// A checkpoint with the tokens in it.
pub(crate) fn with_tokens(
    state: Value,
    access: Option<&Secret>,
    refresh: Option<&Secret>,
) -> Value {
    let mut fields = match state {
        Value::Object(fields) => fields,
        other => return other,
    };
    let named = [(ACCESS_TOKEN, access), (REFRESH_TOKEN, refresh)];
    let tokens: Map<String, Value> = named
        .into_iter()
        .filter_map(|(name, token)| Some((name.to_owned(), token?.reveal().into())))
        .collect();
    if !tokens.is_empty() {
        fields.insert(CONNECTION.to_owned(), Value::Object(tokens));
    }
    Value::Object(fields)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::oauth::tests::application;
    use crate::settings::Grant;

    #[test]
    fn what_is_put_in_is_taken_out_and_the_rest_stays() {
        let (access, refresh) = (Secret::of("a"), Secret::of("r"));
        for rest in [json!({}), json!({ "delivered": 7 })] {
            let kept = with_tokens(rest.clone(), Some(&access), Some(&refresh));
            let mut application = application("https://i.example", Grant::AuthorizationCode);
            let left = taken_out(&kept, Some(&mut application));
            assert_eq!(left, Some(rest).filter(|rest| *rest != json!({})));
            assert_eq!(application.access_token, Some(access.clone()));
            assert_eq!(application.refresh_token, Some(refresh.clone()));
        }
    }

    #[test]
    fn without_tokens_a_checkpoint_is_as_ever() {
        let state = json!({ "delivered": 7 });
        assert_eq!(with_tokens(state.clone(), None, None), state);
        let mut application = application("https://i.example", Grant::AuthorizationCode);
        application.refresh_token = Some(Secret::of("given"));
        assert_eq!(
            taken_out(&state, Some(&mut application)),
            Some(state.clone())
        );
        assert_eq!(application.refresh_token, Some(Secret::of("given")));
        assert_eq!(taken_out(&json!(7), None), Some(json!(7)));
    }
}
