//! Keys under which a mutation is done once.

use async_graphql::{Context, InputObject, InputType, Value};

use super::context::ContextExt as _;
use crate::{
    error::{Error, Result},
    service::once::Asked,
};

pub(super) use crate::service::once::answer;

/// What the input of a mutation carries beside what it is about, where it must not be done twice.
#[derive(InputObject)]
#[graphql(name = "KeyedMutationInput")]
pub(super) struct Once {
    /// A key of the client's own, 8 to 64 letters, digits, `-` and `_`; a random UUID is a good one.
    /// Asked again with the same key and the same input, the mutation gives its first answer and
    /// does nothing more; with the same key and another input it is refused as `INVALID_INPUT`. Keys
    /// are each caller's own and are remembered for two days. A refusal leaves its key free.
    idempotency_key: Option<String>,
}

/// Members of an input that say nothing about what is asked.
const BESIDE: [&str; 2] = ["clientMutationId", "idempotencyKey"];

impl Once {
    /// What `actor`, named as in the audit trail, asks of the mutation that is resolved; none where
    /// the input has no key.
    pub(super) fn asked(
        &self,
        ctx: &Context<'_>,
        actor: &str,
        input: &impl InputType,
    ) -> Result<Option<Asked>> {
        let Some(key) = &self.idempotency_key else {
            return Ok(None);
        };
        let content = spelling(input.to_value())?;
        Asked::new(ctx.app(), actor, key, ctx.field().name(), &content).map(Some)
    }
}

/// One spelling of an input, however a client has written it: as JSON, its members sorted, those
/// that are null left out like those that are not given.
fn spelling(input: Value) -> Result<String> {
    let mut input = input.into_json().map_err(Error::internal)?;
    if let Some(members) = input.as_object_mut() {
        members.retain(|name, _| !BESIDE.contains(&name.as_str()));
    }
    drop_nulls(&mut input);
    Ok(input.to_string())
}

fn drop_nulls(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        serde_json::Value::Array(values) => values.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    #[test]
    fn an_input_has_one_spelling() {
        let one = value!({ "b": 1, "a": { "x": null, "y": [1] }, "clientMutationId": "one" });
        let other = value!({ "a": { "y": [1] }, "b": 1, "c": null, "idempotencyKey": "12345678" });
        let spelt = spelling(one).expect("a spelling");
        assert_eq!(spelt, spelling(other).expect("a spelling"));
        assert_eq!(spelt, r#"{"a":{"y":[1]},"b":1}"#);
        let third = value!({ "a": { "y": [2] }, "b": 1 });
        assert_ne!(spelt, spelling(third).expect("a spelling"));
    }
}
