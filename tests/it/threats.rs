//! Every row of the threat table names tests that exist.

use std::fs;
use std::path::Path;

#[test]
fn every_threat_names_a_test_that_exists() {
    let rows = read("src/manual/threats.md");
    assert!(tests_of(rows.lines().filter(|line| line.starts_with("| ")).skip(1), 3) >= 20);
}

#[test]
fn every_row_of_what_is_broken_names_a_test_that_exists() {
    let chapter = read("src/manual/access.md");
    let (_, table) = chapter.split_once("## When something is broken").unwrap();
    assert!(tests_of(table.lines().filter(|line| line.starts_with("| ")).skip(1), 4) >= 10);
}

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// How many tests these rows name in this column; each must name some, and they must exist.
fn tests_of<'t>(rows: impl Iterator<Item = &'t str>, column: usize) -> usize {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut code = String::new();
    for folder in ["src", "tests"] {
        for entry in walkdir::WalkDir::new(root.join(folder)).into_iter().flatten() {
            if entry.path().extension().is_some_and(|ending| ending == "rs") {
                code.push_str(&fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    let mut named = 0;
    for row in rows {
        let tests = row.split('|').nth(column).unwrap();
        let mut any = false;
        for test in tests.split('`').skip(1).step_by(2) {
            assert!(code.contains(&format!("fn {test}()")), "`{test}` is no test");
            any = true;
            named += 1;
        }
        assert!(any, "no test is named: {row}");
    }
    named
}
