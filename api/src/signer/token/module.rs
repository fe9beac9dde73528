//! What is said to a PKCS#11 module.

use std::sync::{Mutex, PoisonError};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Function, Pkcs11},
    error::{Error, RvError},
    mechanism::{
        Mechanism,
        eddsa::{EddsaParams, EddsaSignatureScheme},
    },
    object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle},
    session::{Session, UserType},
    slot::Slot,
    types::AuthPin,
};

use super::{Inner, Object, TokenError};

/// A module knows one user of it a process, whom `C_Finalize` sends away: one at a time.
static TURN: Mutex<()> = Mutex::new(());

/// The curve as PKCS#11 3.0 writes it: the OID 1.3.101.112 of RFC 8410, or its name for those that know
/// only that. What is refused as the one is tried as the other.
const ED25519: [&[u8]; 2] = [&[0x06, 0x03, 0x2b, 0x65, 0x70], b"\x13\x0cedwards25519"];

/// Makes a key pair that cannot be taken out of the token.
pub(super) fn generate(token: &Inner, object: &Object) -> Result<[u8; 32], TokenError> {
    within(token, true, |session| {
        // Under whatever id: one that a crash left behind is to be taken, not to be doubled.
        let same_label = Object {
            label: object.label.clone(),
            id: Vec::new(),
        };
        if !find_all(session, ObjectClass::PRIVATE_KEY, &same_label)?.is_empty() {
            return Err(Failure::Told(TokenError::Exists {
                token: token.label.clone(),
                key: object.label.clone(),
            }));
        }
        let mut refused = None;
        for curve in ED25519 {
            match generate_on(session, object, curve) {
                Ok(public) => return public_half(session, public),
                Err(Error::Pkcs11(cause, function)) if is_about_the_curve(cause) => {
                    refused = Some(Error::Pkcs11(cause, function));
                }
                Err(cause) => return Err(cause.into()),
            }
        }
        Err(refused.unwrap_or(Error::InvalidValue).into())
    })
}

/// The public half of the one key pair of a label.
pub(super) fn adopt(token: &Inner, label: &str) -> Result<(Object, [u8; 32]), TokenError> {
    within(token, false, |session| {
        let mut object = Object {
            label: label.to_owned(),
            id: Vec::new(),
        };
        let private = find_one(token, session, ObjectClass::PRIVATE_KEY, &object)?;
        object.id = read(session, private, AttributeType::Id)?;
        let public = find_one(token, session, ObjectClass::PUBLIC_KEY, &object)?;
        Ok((object, public_half(session, public)?))
    })
}

/// Whether the key is there.
pub(super) fn reach(token: &Inner, object: &Object) -> Result<(), TokenError> {
    within(token, false, |session| {
        find_one(token, session, ObjectClass::PRIVATE_KEY, object).map(drop)
    })
}

/// Has a message signed.
pub(super) fn sign(token: &Inner, object: &Object, message: &[u8]) -> Result<Vec<u8>, TokenError> {
    within(token, false, |session| {
        let key = find_one(token, session, ObjectClass::PRIVATE_KEY, object)?;
        let eddsa = EddsaParams::new(EddsaSignatureScheme::Pure);
        Ok(session.sign(&Mechanism::Eddsa(eddsa), key, message)?)
    })
}

/// What was refused: by us, or by the module.
enum Failure {
    Told(TokenError),
    Module(Error),
}

impl From<Error> for Failure {
    fn from(cause: Error) -> Self {
        Self::Module(cause)
    }
}

/// Loads the module, signs in to the token, does something, and leaves.
fn within<T>(
    token: &Inner,
    writes: bool,
    work: impl FnOnce(&Session) -> Result<T, Failure>,
) -> Result<T, TokenError> {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let unloadable = |cause: Error| TokenError::Module {
        module: token.module.clone(),
        cause: cause.to_string(),
    };
    let module = Pkcs11::new(&token.module).map_err(unloadable)?;
    let threads = CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK);
    match module.initialize(threads) {
        // Whoever left without a word in this process.
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(cause) => return Err(unloadable(cause)),
    }
    let done = find_slot(&module, token)
        .and_then(|slot| sign_in(&module, slot, token, writes))
        .and_then(|session| work(&session));
    let done = done.map_err(|failure| tell(token, failure));
    if let Err(cause) = module.finalize() {
        tracing::warn!(
            "the module of the token {} did not end: {cause}",
            token.label
        );
    }
    done
}

fn find_slot(module: &Pkcs11, token: &Inner) -> Result<Slot, Failure> {
    let mut found = Vec::new();
    for slot in module.get_slots_with_token()? {
        // One that cannot be asked is not ours, or is away.
        if let Ok(about) = module.get_token_info(slot)
            && about.label() == token.label
        {
            found.push((slot, about));
        }
    }
    let told = match found.as_slice() {
        [(_, about)] if about.user_pin_locked() => TokenError::Locked {
            token: token.label.clone(),
        },
        [(slot, _)] => return Ok(*slot),
        [] => TokenError::Away {
            token: token.label.clone(),
        },
        several => TokenError::Ambiguous {
            token: token.label.clone(),
            count: several.len(),
        },
    };
    Err(Failure::Told(told))
}

fn sign_in(module: &Pkcs11, slot: Slot, token: &Inner, writes: bool) -> Result<Session, Failure> {
    let session = if writes {
        module.open_rw_session(slot)?
    } else {
        module.open_ro_session(slot)?
    };
    let pin = AuthPin::from(token.pin.text());
    match session.login(UserType::User, Some(&pin)) {
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
        Err(cause) => Err(cause.into()),
    }
}

fn generate_on(session: &Session, object: &Object, curve: &[u8]) -> Result<ObjectHandle, Error> {
    let named = [
        Attribute::Token(true),
        Attribute::Label(object.label.clone().into_bytes()),
        Attribute::Id(object.id.clone()),
    ];
    let mut public = named.to_vec();
    public.extend([
        Attribute::Private(false),
        Attribute::Verify(true),
        Attribute::EcParams(curve.to_vec()),
    ]);
    let mut private = named.to_vec();
    private.extend([
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
    ]);
    let made = session.generate_key_pair(&Mechanism::EccEdwardsKeyPairGen, &public, &private)?;
    Ok(made.0)
}

/// Whether another spelling of the curve may be what the token knows.
fn is_about_the_curve(cause: RvError) -> bool {
    matches!(
        cause,
        RvError::CurveNotSupported
            | RvError::DomainParamsInvalid
            | RvError::AttributeValueInvalid
            | RvError::TemplateInconsistent
            | RvError::GeneralError
            | RvError::FunctionFailed
    )
}

fn find_all(
    session: &Session,
    class: ObjectClass,
    object: &Object,
) -> Result<Vec<ObjectHandle>, Failure> {
    let mut template = vec![
        Attribute::Class(class),
        Attribute::KeyType(KeyType::EC_EDWARDS),
        Attribute::Label(object.label.clone().into_bytes()),
    ];
    if !object.id.is_empty() {
        template.push(Attribute::Id(object.id.clone()));
    }
    Ok(session.find_objects(&template)?)
}

fn find_one(
    token: &Inner,
    session: &Session,
    class: ObjectClass,
    object: &Object,
) -> Result<ObjectHandle, Failure> {
    let found = find_all(session, class, object)?;
    match found.as_slice() {
        [one] => Ok(*one),
        several => Err(Failure::Told(TokenError::NoKey {
            token: token.label.clone(),
            object: object.to_string(),
            count: several.len(),
        })),
    }
}

fn read(session: &Session, object: ObjectHandle, what: AttributeType) -> Result<Vec<u8>, Failure> {
    let found = session.get_attributes(object, &[what])?;
    match found.into_iter().next() {
        Some(Attribute::Id(bytes) | Attribute::EcPoint(bytes)) => Ok(bytes),
        _ => Err(Error::InvalidValue.into()),
    }
}

/// The 32 bytes of a public key: as they are, or in the octet string or the bit string of DER, which
/// versions of the standard have asked for in turn.
fn public_half(session: &Session, public: ObjectHandle) -> Result<[u8; 32], Failure> {
    let point = read(session, public, AttributeType::EcPoint)?;
    let bare = match point.as_slice() {
        [0x04, 0x20, bare @ ..] | [0x03, 0x21, 0x00, bare @ ..] if bare.len() == 32 => bare,
        bare => bare,
    };
    bare.try_into().map_err(|_| Error::InvalidValue.into())
}

/// What to say of a failure.
fn tell(token: &Inner, failure: Failure) -> TokenError {
    let label = || token.label.clone();
    let (cause, function) = match failure {
        Failure::Told(told) => return told,
        Failure::Module(Error::Pkcs11(cause, function)) => (cause, function),
        Failure::Module(cause) => return token.failed(&cause),
    };
    match cause {
        RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange => {
            TokenError::WrongPin { token: label() }
        }
        RvError::PinLocked => TokenError::Locked { token: label() },
        RvError::TokenNotPresent
        | RvError::TokenNotRecognized
        | RvError::DeviceRemoved
        | RvError::SlotIdInvalid => TokenError::Away { token: label() },
        RvError::MechanismInvalid | RvError::CurveNotSupported | RvError::FunctionNotSupported => {
            TokenError::Unable {
                token: label(),
                cause: brief(cause, function),
            }
        }
        other => token.failed(&brief(other, function)),
    }
}

/// The name of what came back; the module's own sentences fill half a page.
fn brief(cause: RvError, function: Function) -> String {
    format!("{function:?} gave {cause:?}")
}
