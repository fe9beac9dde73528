//! A draw on the wall of a hall, and on paper.
//!
//! What they say is read by [`service::wall`](crate::service::wall); here it is written.

/// The page, and its parts.
mod page;

/// What the page shows, as JSON.
mod figures;

/// The protocol of a ceremony, to be printed.
mod protocol;

use std::time::Duration;

use poem::{
    Endpoint, Request, Response,
    http::{Method, StatusCode, header},
};

use super::{
    gate::Gate,
    limits::Meters,
    refusal::Refusal,
    result::refused,
    validators::{self, knows},
};
use crate::{
    app::App,
    domain::Locale,
    service::wall::{self, Wall},
};

pub(crate) use figures::write as figures;
pub(super) use page::{Page, Parts};
pub(crate) use protocol::write as protocol;

/// How long others may keep what may change in the next moment.
const UNDER_WAY: &str = "public, max-age=1";

/// How long they may keep what is said of a draw that has ended: a later version of this program may
/// write it otherwise.
const ENDED: &str = "public, max-age=300";

/// How a draw is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As JSON, for the wall.
    Figures,
    /// As a page to be printed.
    Protocol,
}

/// Answers `GET /draw/<draw>/wall.json` and `GET /draw/<draw>/protocol`.
pub(super) struct WallEndpoint {
    pub(super) app: App,
    pub(super) form: Form,
    pub(super) meters: Meters,
    pub(super) gate: Gate,
    /// How long reading may take.
    pub(super) query_time: Duration,
}

impl Endpoint for WallEndpoint {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        if !is_reading(&request) {
            return Ok(not_allowed());
        }
        if let Err(refusal) = self.meters.let_in(&request) {
            return Ok(refusal.response());
        }
        let draw = request.raw_path_param("draw").unwrap_or_default();
        Ok(match Box::pin(self.read(draw)).await {
            Ok(Ok(wall)) => self.response(&request, &wall),
            Ok(Err(error)) => refused(error),
            Err(refusal) => refusal.response(),
        })
    }
}

impl WallEndpoint {
    /// Asks the database in its turn, and not for long.
    async fn read(&self, draw: &str) -> Result<crate::Result<Wall>, Refusal> {
        let reading = wall::read(&self.app, draw);
        let reading = self.app.telemetry.traces.within("wall.read", reading);
        self.gate.ask(self.query_time, Box::pin(reading)).await
    }

    fn response(&self, request: &Request, wall: &Wall) -> Response {
        let locale = locale_of(request);
        let response = Response::builder()
            .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
            .header(
                header::CACHE_CONTROL,
                if wall.is_over() { ENDED } else { UNDER_WAY },
            );
        let (response, body) = match self.form {
            Form::Figures => (
                response
                    .content_type("application/json")
                    .header(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
                figures(wall, Some(self.app.clock.now())).to_string(),
            ),
            Form::Protocol => (
                response
                    .content_type("text/html; charset=utf-8")
                    .header(header::CONTENT_SECURITY_POLICY, protocol::policy())
                    .header(header::REFERRER_POLICY, "no-referrer")
                    .header(header::CONTENT_LANGUAGE, locale.tag())
                    .header(header::VARY, "accept-language"),
                protocol(wall, locale),
            ),
        };
        let tag = validators::tag_of(body.as_bytes(), None);
        let response = response.header(header::ETAG, tag.as_str());
        if knows(request.headers(), &tag) {
            return validators::not_modified(&response.finish());
        }
        response.body(body)
    }
}

fn is_reading(request: &Request) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
}

fn not_allowed() -> Response {
    let refused = Response::builder().status(StatusCode::METHOD_NOT_ALLOWED);
    refused.header(header::ALLOW, "GET, HEAD").finish()
}

/// The language that the address asks for with `lang`, else the browser's first that we have.
fn locale_of(request: &Request) -> Locale {
    let pairs = request
        .params::<Vec<(String, String)>>()
        .unwrap_or_default();
    let named = pairs.iter().find(|(name, _)| name == "lang");
    if let Some(locale) = named.and_then(|(_, tag)| Locale::from_tag(tag)) {
        return locale;
    }
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE);
    let accepted = accepted.and_then(|value| value.to_str().ok());
    accepted.and_then(preferred).unwrap_or_default()
}

/// The language with the greatest weight that we have; of equal ones the first (RFC 9110, 12.5.4).
fn preferred(accepted: &str) -> Option<Locale> {
    let mut best: Option<(f32, Locale)> = None;
    for range in accepted.split(',') {
        let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
        let weight = weight.trim().strip_prefix("q=");
        let weight: f32 = weight.and_then(|q| q.parse().ok()).unwrap_or(0.0);
        let Some(locale) = Locale::from_tag(tag.trim()) else {
            continue;
        };
        if 0.0 < weight && best.is_none_or(|(heaviest, _)| heaviest < weight) {
            best = Some((weight, locale));
        }
    }
    best.map(|(_, locale)| locale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_with_the_greatest_weight_is_taken() {
        for (accepted, locale) in [
            ("en-GB,en;q=0.9,zh;q=0.8", Some(Locale::En)),
            ("de,zh-CN;q=0.7,en;q=0.3", Some(Locale::ZhCn)),
            ("en;q=0.3, zh;q=0.7", Some(Locale::ZhCn)),
            ("en;q=0, *", None),
            ("de", None),
            ("", None),
            (";;,=", None),
        ] {
            assert_eq!(preferred(accepted), locale, "{accepted}");
        }
    }
}
