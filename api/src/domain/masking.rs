//! What of a personal value may be shown to somebody who is not its owner: enough to tell two of
//! one's own apart, too little to find a person by.
//!
//! Codes have a rule of their own ([`super::code::mask`]). An address has none: no part of it is
//! harmless, so it is shown to its owner and to whoever decides, or not at all.

/// Characters that a mask hides at least; a value that has fewer to hide is hidden whole.
const HIDDEN_MIN: usize = 4;

/// A phone number, `138****5678`: the first three and the last four digits stay.
#[must_use]
pub fn phone(phone: &str) -> String {
    keep(phone, 3, 4)
}

/// The number of an identity document, `330*************21`: the first three and the last two
/// characters stay. The birth date is in the middle of an identity card's number, and a longer end
/// would name the person among those born on the same day in the same place.
#[must_use]
pub fn id_number(number: &str) -> String {
    keep(number, 3, 2)
}

/// A name, `王**`: the first character stays, and the mask does not tell how many follow.
#[must_use]
pub fn name(name: &str) -> String {
    let first = name.trim().chars().next();
    first.map_or_else(String::new, |first| format!("{first}**"))
}

/// An e-mail address, `z***@mail.example`: the first character and the host stay, and the mask does
/// not tell how long the rest was. Of a text that is no address nothing stays.
#[must_use]
pub fn email(email: &str) -> String {
    match email.rsplit_once('@') {
        Some((local, host)) => match local.chars().next() {
            Some(first) if 1 < local.chars().count() => format!("{first}***@{host}"),
            _ => format!("***@{host}"),
        },
        None => "***".to_owned(),
    }
}

/// Keeps so many characters at both ends.
fn keep(text: &str, head: usize, tail: usize) -> String {
    let length = text.chars().count();
    if length < head + tail + HIDDEN_MIN {
        return "*".repeat(length);
    }
    text.chars()
        .enumerate()
        .map(|(place, character)| {
            if place < head || length - tail <= place {
                character
            } else {
                '*'
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_phone_keeps_its_two_ends() {
        assert_eq!(phone("13812345678"), "138****5678");
        assert_eq!(phone("1381234567"), "**********");
        assert_eq!(phone(""), "");
    }

    #[test]
    fn a_masked_identity_number_shows_no_birth_date() {
        let masked = id_number("330100198803042156");
        assert_eq!(masked, "330*************56");
        assert!(!masked.contains("1988"));
        assert_eq!(id_number("E1234567"), "********");
        assert_eq!(id_number("E12345678"), "E12****78");
    }

    #[test]
    fn a_masked_name_tells_neither_the_name_nor_its_length() {
        assert_eq!(name("王小明"), "王**");
        assert_eq!(name("欧阳知远"), "欧**");
        assert_eq!(name("Li"), "L**");
        assert_eq!(name("  "), "");
    }

    #[test]
    fn a_masked_address_of_mail_keeps_one_character_and_the_host() {
        assert_eq!(email("zhou@mail.example"), "z***@mail.example");
        assert_eq!(email("z@mail.example"), "***@mail.example");
        assert_eq!(email("@mail.example"), "***@mail.example");
        assert_eq!(email("zhou"), "***");
    }
}
