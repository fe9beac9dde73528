//! Errors on their way to a client, each with its code.

use std::sync::Arc;

use async_graphql::{
    ErrorExtensions as _, Response, ServerError, ServerResult, ValidationResult, Value, Variables,
    async_trait::async_trait,
    extensions::{
        Extension, ExtensionContext, ExtensionFactory, NextExecute, NextParseQuery, NextRequest,
        NextSubscribe, NextValidation,
    },
    parser::types::ExecutableDocument,
};
use futures_util::{StreamExt as _, stream::BoxStream};

use crate::error::{Code, Error};

/// What resolvers return.
pub(super) type Result<T, E = ApiError> = std::result::Result<T, E>;

/// An [`Error`] on its way to a client.
///
/// It has no `Display` on purpose: `async_graphql::Error` converts from whatever can be printed,
/// and that conversion would win and drop the code.
#[derive(Debug)]
pub struct ApiError(Error);

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl ApiError {
    /// The code and the sentence that go out. This is the one place where a fault of ours is
    /// logged, with its causes.
    #[must_use]
    pub fn shown(self) -> (Code, String) {
        let Self(error) = self;
        if let Error::Internal(cause) = &error {
            tracing::error!(
                error = format!("{cause:#}"),
                "a request failed by our fault: {cause:#}"
            );
        }
        (error.code(), error.to_string())
    }
}

impl From<ApiError> for async_graphql::Error {
    fn from(error: ApiError) -> Self {
        let (code, sentence) = error.shown();
        Self::new(sentence).extend_with(|_, extensions| extensions.set("code", code.as_str()))
    }
}

/// Codes of documents that are not executed. They come beside [`Code`], before any resolver runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentCode {
    /// The text is not a GraphQL document.
    ParseFailed,
    /// The document does not fit the schema, or a variable does not fit its type.
    ValidationFailed,
    /// The document asks for more than one request may.
    TooCostly,
    /// A hash was sent without its document, and the document is not known here.
    PersistedQueryNotFound,
    /// Only trusted documents are executed here, and this is none.
    NotTrusted,
    /// A subscription where there is no stream to answer on, or something else where there is one.
    WrongTransport,
}

impl DocumentCode {
    /// All of them, for the documents.
    pub const ALL: &[Self] = &[
        Self::ParseFailed,
        Self::ValidationFailed,
        Self::TooCostly,
        Self::PersistedQueryNotFound,
        Self::NotTrusted,
        Self::WrongTransport,
    ];

    /// The code as it is written in `extensions.code`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::ValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::TooCostly => "DOCUMENT_TOO_COSTLY",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::NotTrusted => "DOCUMENT_NOT_TRUSTED",
            Self::WrongTransport => "WRONG_TRANSPORT",
        }
    }

    /// An error of the whole request, with this code.
    #[must_use]
    pub fn error(self, sentence: impl Into<String>) -> ServerError {
        with_code(ServerError::new(sentence, None), self.as_str())
    }
}

/// Gives every error that the library itself makes its code; one that already has a code keeps it.
pub(super) struct Coded;

impl ExtensionFactory for Coded {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait]
impl Extension for Coded {
    async fn request(&self, ctx: &ExtensionContext<'_>, next: NextRequest<'_>) -> Response {
        let mut response = next.run(ctx).await;
        response.errors = response.errors.into_iter().map(coded).collect();
        response
    }

    fn subscribe<'s>(
        &self,
        ctx: &ExtensionContext<'_>,
        stream: BoxStream<'s, Response>,
        next: NextSubscribe<'_>,
    ) -> BoxStream<'s, Response> {
        let answers = next.run(ctx, stream).map(|mut answer| {
            answer.errors = answer.errors.into_iter().map(coded).collect();
            answer
        });
        answers.boxed()
    }

    async fn parse_query(
        &self,
        ctx: &ExtensionContext<'_>,
        query: &str,
        variables: &Variables,
        next: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        let parsed = next.run(ctx, query, variables).await;
        parsed.map_err(|error| with_code(error, DocumentCode::ParseFailed.as_str()))
    }

    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> std::result::Result<ValidationResult, Vec<ServerError>> {
        next.run(ctx)
            .await
            .map_err(|errors| errors.into_iter().map(validated).collect())
    }

    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        if ctx.data_opt::<CheckOnly>().is_some() {
            return Response::new(Value::Null);
        }
        next.run(ctx, operation_name).await
    }
}

/// Data of a request that is validated and not executed.
pub(super) struct CheckOnly;

/// The library names its two limits in its sentences alone.
fn validated(error: ServerError) -> ServerError {
    let is_limit = error.message.starts_with("Query is too complex")
        || error.message.starts_with("Query is nested too deep");
    let code = if is_limit {
        DocumentCode::TooCostly
    } else {
        DocumentCode::ValidationFailed
    };
    with_code(error, code.as_str())
}

/// An argument that a scalar refuses is refused while its field is executed, so the error has a
/// path. Anything else with a path and without a code is a resolver's mistake, which the tests must
/// see.
fn coded(error: ServerError) -> ServerError {
    const OF_INPUT: [&str; 3] = [
        "Failed to parse",
        "Expected input type",
        "Invalid value for",
    ];
    if error.path.is_empty() {
        return with_code(error, DocumentCode::ValidationFailed.as_str());
    }
    if OF_INPUT
        .iter()
        .any(|beginning| error.message.starts_with(beginning))
    {
        return with_code(error, Code::InvalidInput.as_str());
    }
    error
}

fn with_code(mut error: ServerError, code: &str) -> ServerError {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_none() {
        extensions.set("code", Value::from(code));
    }
    error
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};

    use super::*;

    struct Probe;

    #[Object]
    impl Probe {
        async fn forbidden(&self) -> Option<async_graphql::Result<i32>> {
            Some(Err(ApiError(Error::Forbidden { role: "an officer" }).into()))
        }

        async fn broken(&self) -> Result<i32> {
            tokio::task::yield_now().await;
            Err(Error::internal(anyhow::anyhow!("the disk's secret name")).into())
        }

        async fn day(&self, on: crate::graphql::scalars::Date) -> Option<String> {
            Some(on.0.to_string())
        }
    }

    async fn refusal(query: &str) -> String {
        let schema = Schema::build(Probe, EmptyMutation, EmptySubscription)
            .extension(Coded)
            .limit_complexity(3)
            .finish();
        let response = schema.execute(query).await;
        let [error] = &response.errors[..] else {
            panic!("{:?}", response.errors)
        };
        let extensions = error.extensions.as_ref().expect("extensions");
        let code = extensions.get("code").expect("a code").to_string();
        format!("{code} {}", error.message)
    }

    #[tokio::test]
    async fn a_resolvers_refusal_keeps_its_code() {
        assert_eq!(
            refusal("{ forbidden }").await,
            r#""FORBIDDEN" only an officer may do this"#
        );
    }

    #[tokio::test]
    async fn a_fault_of_ours_is_not_described() {
        assert_eq!(refusal("{ broken }").await, r#""INTERNAL" internal error"#);
    }

    #[tokio::test]
    async fn errors_of_the_library_have_a_code_too() {
        for (query, code) in [
            ("{ forbidden", "GRAPHQL_PARSE_FAILED"),
            ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
            (
                "{ a: forbidden b: forbidden c: forbidden d: forbidden }",
                "DOCUMENT_TOO_COSTLY",
            ),
            (r#"{ day(on: "2026-02-30") }"#, "INVALID_INPUT"),
        ] {
            let refusal = refusal(query).await;
            assert!(
                refusal.starts_with(&format!("{code:?}")),
                "{query}: {refusal}"
            );
        }
    }
}
