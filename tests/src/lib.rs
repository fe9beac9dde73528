//! The harness. A test says what happens in the city; these files know how.
//!
//! Every [`TestCity`] is alone: a database and a data folder of its own, a clock that stands still,
//! bystanders who have nothing to do with the story. Arrange through [`TestCity`], act through an
//! actor over HTTP, and let [`check_publication`] look at every public file afterwards.
// An optimised build follows the schema's futures deeper than the usual 128 before they are laid out.
#![recursion_limit = "256"]
#![expect(
    clippy::missing_panics_doc,
    reason = "a harness tells of a failed test by panicking"
)]

/// Servers and switches that the environment names.
pub mod settings;

/// Keys that cost little to open, made once.
pub mod keys;

/// Keys in a token.
pub mod token;

/// A record key on a machine without network.
pub mod air_gap;

/// A fresh database, of either kind.
pub mod database;

/// A city in a data folder.
pub mod city;

/// Another city in the same database.
pub mod neighbour;

/// Invented people and their forms.
pub mod people;

/// Periods and draws, led to where a story begins.
pub mod stages;

/// The steps of a draw, with two officers where it takes two.
pub mod ceremony;

/// What happens at reviewers' desks.
pub mod desk;

/// People of the city with accounts of their own.
pub mod staff;

/// An authenticator of software.
pub mod authenticator;

/// Representatives, drawn and called.
pub mod representatives;
/// Registering, signing in, and reading codes.
pub mod entrance;

/// What people were sent.
pub mod letters;

/// Notaries who run a witness.
pub mod notary;

/// A receiver of messages on the loopback interface.
pub mod receiver;

/// A mail server on the loopback interface.
pub mod mail_server;

/// The files of an import.
pub mod old_system;

/// Those who speak to the city, and what it answers.
pub mod actors;

/// The city behind an address of the loopback interface.
pub mod server;

/// Somebody who follows what happens.
pub mod live;

/// The hall in which a draw is watched.
pub mod hall;

/// All public files, checked against one another and against the database.
pub mod publication;

/// Processes that die, and processes that meet.
pub mod faults;

/// Scripts of client developers' tools.
pub mod node;

/// The notes and logs of Go.
pub mod go;

/// The programs that were built beside the tests.
pub mod programs;

/// The operator at the command line.
pub mod operator;

/// A city on two nodes behind nginx.
pub mod topology;

/// A relay of beacon rounds on the loopback interface.
pub mod relay;

/// A way to a server that can be disturbed.
pub mod proxy;

/// Redis servers of one test.
pub mod redis_servers;

/// PostgreSQL servers of one test.
pub mod postgres_servers;

/// People who look their results up while something breaks.
pub mod crowd;

/// An officer who goes on writing while the database breaks.
pub mod writing;

/// A disk that fails under a program.
pub mod failing_disk;

/// The steps of a ceremony by their names.
pub mod steps;

/// Steps of a ceremony without a disturbance.
pub mod undisturbed;

/// A witness whose answers are lost on the way.
pub mod unheard;

/// Chance that repeats itself.
pub mod chance;

/// The ids by which clients name things.
pub mod ids;

/// Everything that was logged.
pub mod logs;

pub use actors::{AccountActor, Anonymous, Asks, Citizen, OfficerActor, Reply};
pub use city::{TestCity, on_both_databases, on_both_databases_in};
pub use publication::check_publication;
