//! The city behind an address of the loopback interface.

use fairplate::{App, graphql, service::sessions};
use serde_json::Value;

use crate::actors::Reply;

/// A running server; it stops when it is dropped.
pub struct Server {
    app: App,
    schema: graphql::Schema,
}

impl Server {
    /// Starts to serve a city.
    pub async fn start(app: &App) -> Self {
        Self { app: app.clone(), schema: graphql::build(app.clone(), true) }
    }

    /// Sends a document as the owner of a token, or as nobody.
    pub async fn post(&self, token: Option<&str>, document: &str, variables: Value) -> Reply {
        let mut request = async_graphql::Request::new(document)
            .variables(async_graphql::Variables::from_json(variables));
        if let Some(token) = token {
            request = request.data(sessions::identify(&self.app, token).await.expect("a session"));
        }
        let response = self.schema.execute(request).await;
        Reply::new(200, serde_json::to_value(&response).expect("JSON"))
    }
}
