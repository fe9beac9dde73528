//! Writes the table of the documents under `documents/`, so that a new file needs no second place.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

const FOLDER: &str = "documents";

const ENDING: &str = ".graphql";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={FOLDER}");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let name = entry?.file_name();
        names.extend(
            name.to_string_lossy()
                .strip_suffix(ENDING)
                .map(str::to_owned),
        );
    }
    names.sort();
    let mut rows = String::new();
    for name in &names {
        let path = folder.join(format!("{name}{ENDING}"));
        writeln!(
            rows,
            "({name:?}, include_str!({:?})),",
            path.display().to_string()
        )?;
    }
    fs::write(table()?, format!("&[\n{rows}]\n"))?;
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script in the environment where to write"
)]
fn table() -> Result<std::path::PathBuf, env::VarError> {
    Ok(Path::new(&env::var("OUT_DIR")?).join("documents.rs"))
}
