//! The crate as a stranger uses it: its public functions and its command.

mod answers;
mod archives;
mod bytes;
mod city;
mod command;
mod contributions;
mod drum;
mod example;
mod hostile;
mod keys;
mod limits;
mod log;
mod manual;
mod people;
mod published;
mod receipts;
mod records;
mod report;
mod steps;
mod told;
mod trust;
mod vectors;
mod verify;
mod witnesses;
