//! A page of facts. Whatever comes from outside goes through [`escaped`].

use std::fmt::Write as _;

/// A text as HTML shows it: nothing in it is markup, inside a tag's value or between tags.
pub(super) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&#39;"),
            c if c.is_control() && c != '\n' => shown.extend(c.escape_default()),
            c => shown.push(c),
        }
    }
    shown
}

/// A value that people compare by eye.
#[expect(
    clippy::needless_pass_by_value,
    reason = "what is written is often made there, or comes out of an option"
)]
pub(super) fn code(value: impl ToString) -> String {
    format!("<code>{}</code>", escaped(&value.to_string()))
}

/// The sections of a page, numbered.
#[derive(Default)]
pub(super) struct Sheet {
    html: String,
    sections: usize,
}

impl Sheet {
    /// Begins a section.
    pub(super) fn section(&mut self, title: &str) {
        if 0 < self.sections {
            self.html.push_str("</section>\n");
        }
        self.sections += 1;
        let (number, title) = (self.sections, escaped(title));
        self.add(&format!("<section>\n<h2>{number}. {title}</h2>\n"));
    }

    /// Adds HTML as it is.
    pub(super) fn add(&mut self, html: &str) {
        self.html.push_str(html);
    }

    /// Adds a paragraph of text.
    pub(super) fn text(&mut self, class: &str, text: &str) {
        // Writing to a text does not fail.
        let _ = writeln!(self.html, "<p class=\"{class}\">{}</p>", escaped(text));
    }

    /// Adds facts: names, each with a value that is HTML already.
    pub(super) fn facts(&mut self, facts: &[(&str, String)]) {
        self.html.push_str("<table class=\"facts\">\n");
        for (name, value) in facts {
            let _ = writeln!(
                self.html,
                "<tr><th>{}</th><td>{value}</td></tr>",
                escaped(name)
            );
        }
        self.html.push_str("</table>\n");
    }

    /// Adds a table: what its columns are called, and its cells, which are HTML already.
    pub(super) fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        self.html.push_str("<table class=\"rows\">\n<thead><tr>");
        for name in head {
            let _ = write!(self.html, "<th>{}</th>", escaped(name));
        }
        self.html.push_str("</tr></thead>\n");
        for row in rows {
            self.html.push_str("<tr>");
            for cell in row {
                let _ = write!(self.html, "<td>{cell}</td>");
            }
            self.html.push_str("</tr>\n");
        }
        self.html.push_str("</table>\n");
    }

    /// Everything, the last section ended.
    pub(super) fn finish(mut self) -> String {
        if 0 < self.sections {
            self.html.push_str("</section>\n");
        }
        self.html
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_becomes_markup() {
        assert_eq!(
            escaped("<b a=\"1\" c='2'>&amp;\u{1b}[2J"),
            "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;\\u{1b}[2J"
        );
        assert_eq!(escaped("停电，改期\n"), "停电，改期\n");
    }

    #[test]
    fn sections_are_numbered_and_closed() {
        let mut sheet = Sheet::default();
        sheet.section("a");
        sheet.facts(&[("<", code("x"))]);
        sheet.section("b");
        let html = sheet.finish();
        assert_eq!(html.matches("<section>").count(), 2);
        assert_eq!(html.matches("</section>").count(), 2);
        assert!(html.contains("<h2>2. b</h2>") && html.contains("<th>&lt;</th>"));
    }
}
