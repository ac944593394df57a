//! Every row of the threat table names tests that exist.

use std::fs;
use std::path::Path;

#[test]
fn every_threat_names_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = fs::read_to_string(root.join("src/manual/threats.md")).unwrap();
    let mut code = String::new();
    for folder in ["src", "tests"] {
        for entry in walkdir::WalkDir::new(root.join(folder)).into_iter().flatten() {
            if entry.path().extension().is_some_and(|ending| ending == "rs") {
                code.push_str(&fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    let mut named = 0;
    for row in table.lines().filter(|line| line.starts_with("| ")).skip(1) {
        let tests = row.split('|').nth(3).unwrap();
        let mut any = false;
        for test in tests.split('`').skip(1).step_by(2) {
            assert!(code.contains(&format!("fn {test}()")), "`{test}` is no test");
            any = true;
            named += 1;
        }
        assert!(any, "no test is named: {row}");
    }
    assert!(named >= 20);
}
