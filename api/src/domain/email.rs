//! E-mail addresses, as far as two of them are compared.

/// One spelling of an address: without blanks around it, in small letters.
///
/// Strictly, the part before the `@` may tell capitals from small letters; no provider that people
/// use does, and a capital must not hide that two addresses are one.
#[must_use]
pub fn normalise(address: &str) -> String {
    address.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_and_blanks_make_no_other_address() {
        for spelling in ["Li.Wei@Mail.Example", " li.wei@mail.example\n"] {
            assert_eq!(normalise(spelling), "li.wei@mail.example");
        }
        assert_ne!(normalise("liwei@mail.example"), "li.wei@mail.example");
    }
}
