//! Who sent a request.

use poem::http::{HeaderMap, header};

use crate::{
    app::App,
    domain::actor::Actor,
    error::{Error, Result},
    service::sessions::{self, Ticket},
};

/// Longest token that is looked up.
const TOKEN_MAX: usize = 256;

/// The actor of a request: nobody in particular without an `Authorization` header.
///
/// # Errors
///
/// [`Error::Unauthenticated`] for anything but `Bearer <token>` with a live session: whoever meant
/// to be somebody is told so, instead of being served as nobody.
pub(super) async fn identify(app: &App, headers: &HeaderMap) -> Result<Actor> {
    match token(headers)? {
        None => Ok(Actor::Anonymous),
        Some(token) => sessions::identify(app, token).await,
    }
}

/// What looks the session of a request up again later; none without one.
pub(super) fn ticket(headers: &HeaderMap) -> Option<Ticket> {
    token(headers).ok().flatten().map(Ticket::of)
}

/// The token in `Bearer <token>`.
///
/// # Errors
///
/// [`Error::Unauthenticated`] for any other text.
pub(super) fn bearer(text: &str) -> Result<&str> {
    let (scheme, token) = text.split_once(' ').ok_or(Error::Unauthenticated)?;
    let is_plausible =
        scheme.eq_ignore_ascii_case("bearer") && (1..=TOKEN_MAX).contains(&token.len());
    is_plausible.then_some(token).ok_or(Error::Unauthenticated)
}

fn token(headers: &HeaderMap) -> Result<Option<&str>> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let text = value.to_str().map_err(|_| Error::Unauthenticated)?;
    if values.next().is_some() {
        return Err(Error::Unauthenticated);
    }
    bearer(text).map(Some)
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    #[test]
    fn a_header_that_is_no_token_is_not_taken_for_nobody() {
        assert!(matches!(token(&HeaderMap::new()), Ok(None)));
        let of = |text: &str| {
            let value = HeaderValue::from_str(text).expect("a header");
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value)]);
            token(&headers).map(|token| token.map(str::to_owned)).ok()
        };
        assert_eq!(of("Bearer abc"), Some(Some("abc".to_owned())));
        assert_eq!(of("bearer abc"), Some(Some("abc".to_owned())));
        for wrong in [
            "",
            "Bearer",
            "Bearer ",
            "Basic abc",
            "abc",
            &"Bearer x".repeat(99),
        ] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }
}
