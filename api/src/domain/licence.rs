//! The classes of a driving licence.

use serde::{Deserialize, Serialize};

use super::Locale;

/// A class of the mainland driving licence (准驾车型), as the application form lists them.
///
/// The names are those of the Hangzhou form of 2018; the national table has renamed and added
/// classes since (C6 among them), which a later form brings with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LicenceClass {
    /// Large passenger vehicles.
    A1,
    /// Tractor units.
    A2,
    /// City buses.
    A3,
    /// Medium passenger vehicles.
    B1,
    /// Large goods vehicles.
    B2,
    /// Small vehicles.
    C1,
    /// Small vehicles with automatic gears.
    C2,
    /// Low-speed goods vehicles.
    C3,
    /// Three-wheeled vehicles.
    C4,
    /// Small automatic passenger vehicles for drivers with a disability.
    C5,
    /// Three-wheeled motorcycles.
    D,
    /// Two-wheeled motorcycles.
    E,
    /// Light motorcycles.
    F,
    /// Wheeled self-propelled machines.
    M,
    /// Trolleybuses.
    N,
    /// Trams.
    P,
}

impl LicenceClass {
    /// All sixteen, in the order of the form.
    pub const ALL: [Self; 16] = [
        Self::A1,
        Self::A2,
        Self::A3,
        Self::B1,
        Self::B2,
        Self::C1,
        Self::C2,
        Self::C3,
        Self::C4,
        Self::C5,
        Self::D,
        Self::E,
        Self::F,
        Self::M,
        Self::N,
        Self::P,
    ];

    /// The class as printed on a licence, for example `C1`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::A1 => "A1",
            Self::A2 => "A2",
            Self::A3 => "A3",
            Self::B1 => "B1",
            Self::B2 => "B2",
            Self::C1 => "C1",
            Self::C2 => "C2",
            Self::C3 => "C3",
            Self::C4 => "C4",
            Self::C5 => "C5",
            Self::D => "D",
            Self::E => "E",
            Self::F => "F",
            Self::M => "M",
            Self::N => "N",
            Self::P => "P",
        }
    }

    /// Classes as one text, codes separated by spaces.
    #[must_use]
    pub fn join(classes: &[Self]) -> String {
        classes
            .iter()
            .map(|class| class.code())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The classes of such a text; what is no class is left out.
    #[must_use]
    pub fn split(text: &str) -> Vec<Self> {
        text.split(' ').filter_map(Self::from_code).collect()
    }

    /// The class printed as `code`, in capitals; there is no other spelling.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.code() == code)
    }

    /// What the class allows to drive, in the words of the form.
    #[must_use]
    pub fn label(self, locale: Locale) -> &'static str {
        let (zh, en) = match self {
            Self::A1 => ("大型客车", "large passenger vehicle"),
            Self::A2 => ("牵引车", "tractor unit"),
            Self::A3 => ("城市公交车", "city bus"),
            Self::B1 => ("中型客车", "medium passenger vehicle"),
            Self::B2 => ("大型货车", "large goods vehicle"),
            Self::C1 => ("小型汽车", "small vehicle"),
            Self::C2 => ("小型自动挡汽车", "small automatic vehicle"),
            Self::C3 => ("低速载货汽车", "low-speed goods vehicle"),
            Self::C4 => ("三轮汽车", "three-wheeled vehicle"),
            Self::C5 => (
                "残疾人专用小型自动挡载客汽车",
                "small automatic passenger vehicle for drivers with a disability",
            ),
            Self::D => ("普通三轮摩托车", "three-wheeled motorcycle"),
            Self::E => ("普通二轮摩托车", "two-wheeled motorcycle"),
            Self::F => ("轻便摩托车", "light motorcycle"),
            Self::M => ("轮式自行机械车", "wheeled self-propelled machine"),
            Self::N => ("无轨电车", "trolleybus"),
            Self::P => ("有轨电车", "tram"),
        };
        match locale {
            Locale::ZhCn => zh,
            Locale::En => en,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_of_the_sixteen_classes_is_found_by_its_code_and_has_a_name_of_its_own() {
        let mut labels = BTreeSet::new();
        for class in LicenceClass::ALL {
            assert_eq!(LicenceClass::from_code(class.code()), Some(class));
            for locale in Locale::ALL {
                labels.insert(class.label(locale));
            }
        }
        assert_eq!(labels.len(), 32);
    }

    #[test]
    fn a_class_has_one_spelling() {
        for code in ["c1", "C6", "C 1", "", "C1 "] {
            assert_eq!(LicenceClass::from_code(code), None, "{code}");
        }
    }
}
