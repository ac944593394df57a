# What must hold before a commit; `.ci/run` does it all on a clean clone.

default:
    @just --list

check:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps

test:
    cargo test

corpus:
    UPDATE_TABLE=1 cargo test --test it corpus

bench:
    cargo bench
