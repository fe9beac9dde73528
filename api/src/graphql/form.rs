//! The application form: its fields, what is filled in, and the instructions before it.

use async_graphql::{
    ComplexObject, Description, Enum, InputObject, MaybeUndefined, Object, SimpleObject,
};

use super::{
    locale::Locale,
    scalars::{Bytes32, Date, LocalizedText},
};
use crate::{
    app::App,
    domain::{
        self,
        draft::{self, DraftForm},
    },
    policy,
    service::applications::OpenForm,
};

/// A class of the mainland driving licence (准驾车型).
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::LicenceClass")]
pub(super) enum LicenceClass {
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

/// What a licence class is called.
#[derive(Description)]
pub(super) struct LicenceClassLabel<'a>(pub(super) &'a (domain::LicenceClass, policy::Text));

#[Object(use_type_description)]
impl LicenceClassLabel<'_> {
    /// The class.
    async fn class(&self) -> LicenceClass {
        self.0.0.into()
    }

    /// Its name, as it stands on the form.
    async fn label(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> &str {
        self.0.1.get(locale.into())
    }

    /// Its name, in both languages.
    async fn localized_label(&self) -> LocalizedText {
        LocalizedText(self.0.1.clone())
    }
}

/// A field of the application form.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "draft::FieldKey")]
pub(super) enum FieldKey {
    /// The applicant's name.
    Name,
    /// Number of the identity document.
    IdNumber,
    /// E-mail address.
    Email,
    /// Address in the city.
    Address,
    /// Postcode.
    Postcode,
    /// Issue date of the driving licence.
    LicenceIssuedOn,
    /// Classes of the driving licence.
    LicenceClasses,
    /// Whether a small car registered in the city is in the applicant's name.
    OwnsLocalCar,
    /// Whether to join the tier (阶梯摇号) at once.
    JoinsTier,
}

/// What is filled into a field.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "draft::FieldKind")]
enum FieldKind {
    /// A line of text.
    Text,
    /// A day.
    Date,
    /// Any of the sixteen licence classes.
    LicenceClasses,
    /// Yes or no.
    YesNo,
}

/// A field of the application form, as the policy has it.
#[derive(Description)]
pub(super) struct FormField<'a>(pub(super) &'a policy::Field);

#[Object(use_type_description)]
impl FormField<'_> {
    /// Which; `saveApplicationForm` has an argument of the same name.
    async fn key(&self) -> FieldKey {
        self.0.key.into()
    }

    /// What is filled in.
    async fn kind(&self) -> FieldKind {
        self.0.key.kind().into()
    }

    /// What stands beside it.
    async fn label(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> &str {
        self.0.label.get(locale.into())
    }

    /// What stands beside it, in both languages.
    async fn localized_label(&self) -> LocalizedText {
        LocalizedText(self.0.label.clone())
    }

    /// What helps to fill it in, where the label alone does not.
    async fn hint(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> Option<&str> {
        self.0.hint.as_ref().map(|hint| hint.get(locale.into()))
    }

    /// Whether it has to be filled in before the form is confirmed.
    async fn is_required(&self) -> bool {
        self.0.is_required
    }
}

/// What applicants of an identity type read before they fill in the form (填报说明).
#[derive(Description)]
pub(super) struct Instructions<'a> {
    pub(super) app: &'a App,
    pub(super) identity_type: &'a str,
}

#[Object(use_type_description)]
impl Instructions<'_> {
    /// SHA-256 of the text in both languages; `acknowledgeInstructions` takes it.
    async fn sha256(&self) -> Bytes32 {
        Bytes32(self.app.policy.instructions_digest(self.identity_type))
    }

    /// The text, paragraph by paragraph.
    async fn paragraphs(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> Vec<&str> {
        let paragraphs = self.app.policy.instructions_of(self.identity_type);
        paragraphs
            .map(|paragraph| paragraph.text.get(locale.into()))
            .collect()
    }
}

/// What is filled in. A field that is left out stays as it is; null clears it.
#[derive(InputObject)]
pub(super) struct ApplicationFormInput {
    /// The applicant's name.
    name: MaybeUndefined<String>,
    /// Number of the identity document.
    id_number: MaybeUndefined<String>,
    /// E-mail address.
    email: MaybeUndefined<String>,
    /// Address in the city.
    address: MaybeUndefined<String>,
    /// Postcode, six digits.
    postcode: MaybeUndefined<String>,
    /// Issue date of the driving licence.
    licence_issued_on: MaybeUndefined<Date>,
    /// Classes of the driving licence (准驾车型), at most sixteen.
    licence_classes: MaybeUndefined<Vec<LicenceClass>>,
    /// Whether a small car registered in the city is in the applicant's name.
    owns_local_car: MaybeUndefined<bool>,
    /// Whether to join the tier (阶梯摇号) at once, where the city has one to join.
    joins_tier: MaybeUndefined<bool>,
}

impl ApplicationFormInput {
    /// Writes what was given over a form.
    pub(super) fn apply(self, form: &mut DraftForm) {
        put(&mut form.name, self.name);
        put(&mut form.id_number, self.id_number);
        put(&mut form.email, self.email);
        put(&mut form.address, self.address);
        put(&mut form.postcode, self.postcode);
        put(
            &mut form.licence_issued_on,
            self.licence_issued_on.map_value(|day| day.0),
        );
        put(&mut form.owns_local_car, self.owns_local_car);
        put(&mut form.joins_tier, self.joins_tier);
        match self.licence_classes {
            MaybeUndefined::Undefined => {}
            MaybeUndefined::Null => form.licence_classes.clear(),
            MaybeUndefined::Value(classes) => {
                form.licence_classes = classes.into_iter().map(Into::into).collect();
            }
        }
    }
}

fn put<T>(field: &mut Option<T>, given: MaybeUndefined<T>) {
    match given {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => *field = None,
        MaybeUndefined::Value(value) => *field = Some(value),
    }
}

/// What is filled in, for the eyes of whoever it is about.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct ApplicationForm {
    /// The applicant's name.
    name: Option<String>,
    /// Number of the identity document.
    id_number: Option<String>,
    /// The phone on file; null while the form is a draft, whose phone is the account's.
    phone: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// Address in the city.
    address: Option<String>,
    /// Postcode.
    postcode: Option<String>,
    /// Issue date of the driving licence.
    licence_issued_on: Option<Date>,
    /// Classes of the driving licence.
    licence_classes: Vec<LicenceClass>,
    /// Whether a small car registered in the city is in the applicant's name.
    owns_local_car: Option<bool>,
    /// Whether to join the tier at once; null on an application, whose `tierStatus` tells.
    joins_tier: Option<bool>,
    #[graphql(skip)]
    title: Option<(policy::Text, policy::Text)>,
}

#[ComplexObject]
impl ApplicationForm {
    /// What stands above the form when it is printed: its name, and the identity type.
    async fn title(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> Option<String> {
        let (form, identity_type) = self.title.as_ref()?;
        let (form, identity_type) = (form.get(locale.into()), identity_type.get(locale.into()));
        let zh = format!("{form}（{identity_type}）");
        let en = format!("{form} ({identity_type})");
        Some(locale.choose(&zh, &en))
    }
}

fn classes(classes: Vec<domain::LicenceClass>) -> Vec<LicenceClass> {
    classes.into_iter().map(Into::into).collect()
}

impl ApplicationForm {
    /// The form of a draft.
    pub(super) fn of_draft(app: &App, identity_type: &str, form: DraftForm) -> Self {
        Self {
            name: form.name,
            id_number: form.id_number,
            phone: None,
            email: form.email,
            address: form.address,
            postcode: form.postcode,
            licence_issued_on: form.licence_issued_on.map(Date),
            licence_classes: classes(form.licence_classes),
            owns_local_car: form.owns_local_car,
            joins_tier: form.joins_tier,
            title: title(app, identity_type),
        }
    }

    /// The form of an application.
    pub(super) fn of_application(app: &App, identity_type: &str, form: OpenForm) -> Self {
        Self {
            name: Some(form.name),
            id_number: Some(form.id_number),
            phone: Some(form.phone),
            email: form.email,
            address: form.address,
            postcode: form.postcode,
            licence_issued_on: form.licence_issued_on.map(Date),
            licence_classes: classes(form.licence_classes),
            owns_local_car: form.owns_local_car,
            joins_tier: None,
            title: title(app, identity_type),
        }
    }
}

fn title(app: &App, identity_type: &str) -> Option<(policy::Text, policy::Text)> {
    let identity_type = app.policy.find_identity_type(identity_type)?;
    Some((app.policy.form_title.clone(), identity_type.name.clone()))
}
