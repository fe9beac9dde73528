//! The binary `fairplate`; everything is in the library.

fn main() -> std::process::ExitCode {
    fairplate::cli::run()
}
