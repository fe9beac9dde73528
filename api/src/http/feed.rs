//! The calendar as a feed (iCalendar, RFC 5545) that calendar programs subscribe to.

use std::fmt::Write as _;

use chrono::{DateTime, Days, NaiveDate, Utc};
use poem::{
    Body, Endpoint, Response,
    http::{Method, StatusCode, header},
};

use super::{limits::Meters, refusal::errors};
use crate::{
    app::App,
    domain::Locale,
    graphql::{self, error::ApiError},
    service::calendar::{self, Event},
};

/// Days before today that are still in the feed.
const BEFORE: Days = Days::new(31);

/// Days from today on that are in the feed.
const AFTER: Days = Days::new(334);

/// Longest line, bytes without its end (RFC 5545, 3.1).
const LINE_MAX: usize = 75;

/// Answers `GET /calendar.ics`, in Chinese or, with `?lang=en`, in English.
pub(super) struct Feed {
    pub(super) app: App,
    pub(super) meters: Meters,
}

impl Endpoint for Feed {
    type Output = Response;

    async fn call(&self, request: poem::Request) -> poem::Result<Response> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let refused = Response::builder().status(StatusCode::METHOD_NOT_ALLOWED);
            return Ok(refused.header(header::ALLOW, "GET, HEAD").finish());
        }
        if let Err(refusal) = self.meters.let_in(&request) {
            return Ok(refusal.response());
        }
        let pairs = request
            .params::<Vec<(String, String)>>()
            .unwrap_or_default();
        let wanted = pairs.iter().find(|(name, _)| name == "lang");
        let locale = wanted.and_then(|(_, tag)| Locale::from_tag(tag));
        let today = self.app.today();
        let listed = calendar::list(&self.app, today - BEFORE, today + AFTER).await;
        Ok(match listed {
            Ok(calendar) => {
                let newer = self.app.newer();
                let app = newer.as_ref().unwrap_or(&self.app);
                shown(app, &calendar.events, locale.unwrap_or_default())
            }
            Err(error) => {
                let (code, sentence) = ApiError::from(error).shown();
                errors(StatusCode::INTERNAL_SERVER_ERROR, code.as_str(), &sentence)
            }
        })
    }
}

fn shown(app: &App, events: &[Event], locale: Locale) -> Response {
    let programme = app.policy.city.programme.get(locale);
    let text = write(events, programme, &app.origin, app.clock.now(), locale);
    Response::builder()
        .content_type("text/calendar; charset=utf-8")
        .header(
            header::CACHE_CONTROL,
            "public, max-age=300, stale-while-revalidate=3600",
        )
        .header(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")
        .header(header::CONTENT_LANGUAGE, locale.tag())
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .body(Body::from_string(text))
}

/// The feed. A day keeps its name when it is moved, so that programs move it too.
fn write(
    events: &[Event],
    programme: &str,
    origin: &str,
    now: DateTime<Utc>,
    locale: Locale,
) -> String {
    let mut feed = String::new();
    for (name, value) in [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", "-//Fairplate//calendar//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
        ("REFRESH-INTERVAL;VALUE=DURATION", "PT12H"),
    ] {
        line(&mut feed, name, value);
    }
    line(&mut feed, "NAME", &escaped(programme));
    line(&mut feed, "X-WR-CALNAME", &escaped(programme));
    let stamp = now.format("%Y%m%dT%H%M%SZ").to_string();
    let day = |day: NaiveDate| day.format("%Y%m%d").to_string();
    for event in events {
        let number = &event.period.number;
        line(&mut feed, "BEGIN", "VEVENT");
        let uid = format!("{number}-{:?}@{origin}", event.milestone);
        line(&mut feed, "UID", &escaped(&uid));
        line(&mut feed, "DTSTAMP", &stamp);
        line(&mut feed, "DTSTART;VALUE=DATE", &day(event.on));
        line(&mut feed, "DTEND;VALUE=DATE", &day(event.on + Days::new(1)));
        let summary = graphql::milestone_text(event, locale);
        line(&mut feed, "SUMMARY", &escaped(&summary));
        line(&mut feed, "TRANSP", "TRANSPARENT");
        line(&mut feed, "END", "VEVENT");
    }
    line(&mut feed, "END", "VCALENDAR");
    feed
}

/// A text as a value: what would end it is marked (RFC 5545, 3.3.11).
fn escaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => value.extend(['\\', c]),
            '\n' => value.push_str("\\n"),
            c if c.is_control() => {}
            c => value.push(c),
        }
    }
    value
}

/// Writes a line, folded so that no part of it is too long and no character is cut.
fn line(feed: &mut String, name: &str, value: &str) {
    let mut whole = String::with_capacity(name.len() + value.len() + 1);
    // Writing to a text cannot fail.
    let _ = write!(whole, "{name}:{value}");
    let mut length = 0;
    for c in whole.chars() {
        if LINE_MAX < length + c.len_utf8() {
            feed.push_str("\r\n ");
            length = 1;
        }
        feed.push(c);
        length += c.len_utf8();
    }
    feed.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unfolded(feed: &str) -> String {
        feed.replace("\r\n ", "")
    }

    #[test]
    fn lines_are_folded_at_75_bytes_between_characters() {
        let text = "小客车指标".repeat(40) + &"a".repeat(200);
        let mut feed = String::new();
        line(&mut feed, "SUMMARY", &text);
        assert_eq!(unfolded(&feed), format!("SUMMARY:{text}\r\n"));
        let lines: Vec<&str> = feed.split("\r\n").filter(|line| !line.is_empty()).collect();
        assert!(lines.len() > 10);
        assert!(lines.iter().all(|line| line.len() <= LINE_MAX));
        assert!(lines[1..].iter().all(|line| line.starts_with(' ')));
        let mut short = String::new();
        line(&mut short, "X", &"a".repeat(LINE_MAX - 2));
        assert!(!short.contains("\r\n "), "75 bytes are one line");
    }

    #[test]
    fn what_would_end_a_value_is_marked() {
        assert_eq!(escaped("a,b;c\\d\r\ne"), "a\\,b\\;c\\\\d\\ne");
        assert_eq!(escaped("摇号: 6月"), "摇号: 6月");
    }
}
