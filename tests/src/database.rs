//! A database that is made for one test and removed with it.

use std::path::Path;

use fairplate::store;
use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection};
use uuid::Uuid;

/// Which of the two databases.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A file in the data folder.
    Sqlite,
    /// A database of a running PostgreSQL, reached by this URL of another one.
    Postgres(String),
}

/// A database of one test.
pub struct TestDatabase {
    kind: Kind,
    url: String,
}

impl TestDatabase {
    /// An empty database with today's tables, in a data folder where it is a file.
    pub async fn create(kind: &Kind, folder: &Path) -> Self {
        let database = Self::reserve(kind, folder);
        if let Kind::Postgres(server) = kind {
            run(server, &format!("CREATE DATABASE {}", database.name())).await;
        }
        let db = database.connect().await;
        Migrator::up(&db, None).await.expect("migrations");
        db.close().await.expect("closed");
        database
    }

    /// A copy of another database; nobody may be connected to that one. The file of an embedded
    /// database has been copied with its folder.
    pub async fn copy(other: &Self, folder: &Path) -> Self {
        let database = Self::reserve(&other.kind, folder);
        if let Kind::Postgres(server) = &other.kind {
            let sql = format!(
                "CREATE DATABASE {} TEMPLATE {}",
                database.name(),
                other.name()
            );
            run(server, &sql).await;
        }
        database
    }

    fn reserve(kind: &Kind, folder: &Path) -> Self {
        let url = match kind {
            Kind::Sqlite => format!("sqlite://{}", folder.join("fairplate.db").display()),
            Kind::Postgres(server) => {
                let (address, _) = server
                    .rsplit_once('/')
                    .expect("a URL that ends in a database");
                format!("{address}/{}", fresh_name())
            }
        };
        Self {
            kind: kind.clone(),
            url,
        }
    }

    /// How the server finds it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether it is one of PostgreSQL.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        matches!(self.kind, Kind::Postgres(_))
    }

    /// A connection as the server opens it.
    pub async fn connect(&self) -> DatabaseConnection {
        store::connect(&self.url).await.expect("a database")
    }

    fn name(&self) -> &str {
        self.url.rsplit('/').next().unwrap_or_default()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Kind::Postgres(server) = &self.kind else {
            return;
        };
        let (server, sql) = (
            server.clone(),
            format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name()),
        );
        // Dropped inside a runtime as well as outside of one.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("a runtime").block_on(run(&server, &sql));
        });
        let dropped = dropping.join();
        assert!(
            dropped.is_ok() || std::thread::panicking(),
            "the test's database is left behind"
        );
    }
}

fn fresh_name() -> String {
    let unique = u64::from_le_bytes(fairplate::ids::random());
    format!(
        "fairplate_test_{}",
        Uuid::from_u64_pair(unique, u64::from(std::process::id())).simple()
    )
}

async fn run(server: &str, sql: &str) {
    let db = Database::connect(server)
        .await
        .expect("the PostgreSQL of FAIRPLATE_TEST_POSTGRES");
    db.execute_unprepared(sql)
        .await
        .expect("a statement about a database");
    db.close().await.expect("closed");
}
