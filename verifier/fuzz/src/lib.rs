//! What the targets share: the example draw, and edits that a fuzzer's bytes describe.

pub mod archive;
pub mod edit;
pub mod example;
pub mod shown;
pub mod slow;
