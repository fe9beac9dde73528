//! From a purpose and its values to what somebody reads.

use chrono::{DateTime, FixedOffset, NaiveDate, Timelike as _, Utc};
use serde_json::{Map, Value};

use super::{Purpose, templates};
use crate::domain::Locale;

/// A message as it is read. The lottery's name goes before it where it leaves the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    /// Name of the text, for example `one_time_code.sign_in`: what receivers that keep the texts
    /// themselves know it by.
    pub name: &'static str,
    /// A few words: the subject of a mail, the headline in an inbox.
    pub title: String,
    /// One line.
    pub text: String,
    /// The values in it by their names, as they stand there.
    pub values: Map<String, Value>,
}

/// Title and text in both languages, Chinese first. `{name}` stands for a value of the purpose,
/// `{name:date}` and `{name:moment}` for a day and a moment as the language writes them.
pub(super) struct Template {
    pub(super) name: &'static str,
    pub(super) title: [&'static str; 2],
    pub(super) text: [&'static str; 2],
}

/// All cities of these lotteries keep the time of UTC+8, without summer time.
const CITY_TIME: FixedOffset = match FixedOffset::east_opt(8 * 60 * 60) {
    Some(offset) => offset,
    None => unreachable!(),
};

impl Purpose {
    /// Title and text in a language.
    #[must_use]
    pub fn wording(&self, locale: Locale) -> Wording {
        let template = self.template();
        let [title, text] = [template.title, template.text].map(|texts| match locale {
            Locale::ZhCn => texts[0],
            Locale::En => texts[1],
        });
        let mut wording = Wording {
            name: template.name,
            title: title.to_owned(),
            text: String::new(),
            values: Map::new(),
        };
        wording.fill(text, &self.values(), locale);
        wording
    }

    /// The values by their names, as they are written down.
    fn values(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(values)) => values,
            // A purpose is a struct of plain values, so that it is always an object.
            _ => Map::new(),
        }
    }
}

/// One text with its places as they are, `{name}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Its name, for example `one_time_code.sign_in`.
    pub name: &'static str,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// Every text that there is: what is registered with a receiver that keeps the texts itself.
#[must_use]
pub fn list_texts() -> Vec<Text> {
    let bare = |text: &str| text.replace(":date}", "}").replace(":moment}", "}");
    let all = templates::all().into_iter();
    all.map(|template| Text {
        name: template.name,
        zh: bare(template.text[0]),
        en: bare(template.text[1]),
    })
    .collect()
}

impl Wording {
    /// Puts the values in their places. A place without a value stays empty; the tests fill them
    /// all.
    fn fill(&mut self, text: &str, values: &Map<String, Value>, locale: Locale) {
        let mut rest = text;
        while let Some((before, (place, after))) = rest
            .split_once('{')
            .and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        {
            self.text.push_str(before);
            let (name, form) = place.split_once(':').unwrap_or((place, ""));
            if let Some(value) = values.get(name) {
                let shown = shown(value, form, locale);
                self.text.push_str(&shown);
                self.values.insert(name.to_owned(), Value::String(shown));
            }
            rest = after;
        }
        self.text.push_str(rest);
    }
}

fn shown(value: &Value, form: &str, locale: Locale) -> String {
    let plain = || match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let text = plain();
    let written = match form {
        "date" => text.parse::<NaiveDate>().ok().map(|date| locale.date(date)),
        "moment" => text
            .parse::<DateTime<Utc>>()
            .ok()
            .map(|at| moment(at, locale)),
        _ => None,
    };
    written.unwrap_or(text)
}

/// A moment as people of this language write it, in the time of the city.
fn moment(at: DateTime<Utc>, locale: Locale) -> String {
    let at = at.with_timezone(&CITY_TIME);
    let (date, hour, minute) = (at.date_naive(), at.hour(), at.minute());
    match locale {
        Locale::ZhCn => format!("{}{hour:02}:{minute:02}", locale.date(date)),
        Locale::En => format!("{}, {hour:02}:{minute:02}", locale.date(date)),
    }
}
