//! Rows as the text that PostgreSQL's COPY reads.

use std::fmt::Write as _;

use chrono::SecondsFormat;
use sqlx::{Postgres, Transaction};

use super::{Table, Value};

/// Rows, a line each, fields separated by tabs.
#[derive(Default)]
pub(super) struct Text(String);

impl Text {
    pub(super) fn push(&mut self, row: &[Value<'_>]) {
        for (index, value) in row.iter().enumerate() {
            if 0 < index {
                self.0.push('\t');
            }
            push_value(&mut self.0, value);
        }
        self.0.push('\n');
    }

    /// Sends the rows and leaves the text empty.
    pub(super) async fn send(
        &mut self,
        txn: &mut Transaction<'static, Postgres>,
        table: &Table,
    ) -> anyhow::Result<()> {
        let statement = format!(
            "COPY {} ({}) FROM STDIN",
            table.name,
            table.columns.join(", ")
        );
        let mut sink = txn.copy_in_raw(&statement).await?;
        sink.send(self.0.as_bytes()).await?;
        sink.finish().await?;
        self.0.clear();
        Ok(())
    }
}

fn push_value(text: &mut String, value: &Value<'_>) {
    // Writing to a String cannot fail.
    let _ = match value {
        Value::Null => {
            text.push_str("\\N");
            Ok(())
        }
        Value::Text(plain) => {
            push_escaped(text, plain);
            Ok(())
        }
        Value::Int(number) => write!(text, "{number}"),
        Value::Bytes(bytes) => {
            text.push_str("\\\\x");
            push_hex(text, bytes);
            Ok(())
        }
        Value::Uuid(id) => {
            push_hex(text, id.as_bytes());
            Ok(())
        }
        Value::Date(day) => write!(text, "{day}"),
        Value::Instant(at) => {
            text.push_str(&at.to_rfc3339_opts(SecondsFormat::AutoSi, false));
            Ok(())
        }
    };
}

/// COPY gives a meaning to the backslash and to the characters that end fields and lines.
fn push_escaped(text: &mut String, plain: &str) {
    for character in plain.chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            other => text.push(other),
        }
    }
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}
