use std::path::Path;

use super::source::{SourceFile, root};

/// Links of a document to files that are not there.
pub(super) fn broken(file: &SourceFile) -> Vec<String> {
    if !file.is_markdown() {
        return Vec::new();
    }
    let folder = root().join(&file.path);
    let folder = folder.parent().expect("a file stands in a folder");
    list_links(&file.text)
        .into_iter()
        .filter(|(_, target)| !leads_somewhere(folder, target))
        .map(|(line, target)| format!("{}:{line}: {target} is not there", file.path))
        .collect()
}

fn leads_somewhere(folder: &Path, target: &str) -> bool {
    let path = target.split('#').next().unwrap_or_default();
    let is_elsewhere = target.contains("://") || target.starts_with("mailto:");
    is_elsewhere || path.is_empty() || folder.join(path).exists()
}

/// Targets of `[text](target)` and `[name]: target`, with their lines; what stands in code is text.
pub(super) fn list_links(text: &str) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    let mut is_fenced = false;
    for (index, line) in text.lines().enumerate() {
        let is_fence = line.trim_start().starts_with("```");
        is_fenced ^= is_fence;
        if is_fenced || is_fence {
            continue;
        }
        let prose: String = line.split('`').step_by(2).collect();
        let targets = prose
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        links.extend(targets.map(|target| (index + 1, first_word(target))));
        if let Some((_, target)) = prose.split_once("]: ").filter(|_| prose.starts_with('[')) {
            links.push((index + 1, first_word(target)));
        }
    }
    links
}

/// A target without its title and without angle brackets.
fn first_word(target: &str) -> String {
    let word = target.split_whitespace().next().unwrap_or_default();
    word.trim_start_matches('<')
        .trim_end_matches('>')
        .to_owned()
}
