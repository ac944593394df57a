//! The log itself: crashes, full disks, many recorders at once, and somebody with write access.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::sync::Arc;

use alnage::adapters::audit_log::{AuditLog, Walk, Why, verify};
use alnage::domain::audit::Durability;
use alnage::domain::id::TraceId;
use alnage::pipeline::ports::EventSink as _;
use alnage::pipeline::trace;
use serde_json::Value;
use uuid::Uuid;

use super::super::bad_input::SmallDisk;
use super::{FIRST, checked, copied, open, record, retrieved, served, signer, written};

fn lines(folder: &std::path::Path) -> Vec<Value> {
    let mut walk = Walk::open(folder).unwrap();
    let mut lines = Vec::new();
    while let Some(line) = walk.next().unwrap() {
        lines.push(serde_json::from_str(line.text).unwrap());
    }
    lines
}

#[tokio::test]
async fn no_byte_of_a_log_can_be_another() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit");
    written(&log, 3).await;
    assert_eq!(checked(&log).unwrap().records, 4);
    let segment = log.join(FIRST);
    let whole = fs::read(&segment).unwrap();
    for at in 0..whole.len() {
        for flip in [1, 0x20] {
            let mut altered = whole.clone();
            altered[at] ^= flip;
            fs::write(&segment, &altered).unwrap();
            assert!(checked(&log).is_err(), "byte {at}: {}", String::from_utf8_lossy(&altered));
        }
    }
    fs::write(&segment, &whole).unwrap();
    assert!(checked(&log).is_ok());
}

#[tokio::test]
async fn a_removed_doubled_or_moved_record_is_found_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit");
    written(&log, 5).await;
    let text = fs::read_to_string(log.join(FIRST)).unwrap();
    let whole: Vec<&str> = text.lines().collect();
    let said = |lines: &[&str]| {
        fs::write(log.join(FIRST), format!("{}\n", lines.join("\n"))).unwrap();
        checked(&log).unwrap_err().to_string()
    };
    let [a, b, c, d, e, f] = whole[..] else { panic!("six records") };
    assert!(said(&[a, b, d, e, f]).contains("line 3: record 3 should stand here, not 4"));
    assert!(said(&[a, b, b, c, d, e, f]).contains("line 3: record 3 should stand here, not 2"));
    assert!(said(&[a, c, b, d, e, f]).contains("line 2: record 2 should stand here, not 3"));
    assert!(said(&[b, c, d, e, f]).contains("line 1: record 1 should stand here, not 2"));
    assert!(said(&[a, b, c, d, e]).contains("record 6 was signed for, the last one here is 5"));
    assert!(said(&[a, b, "", c, d, e, f]).contains("line 3: this is no line"));
    fs::write(log.join(FIRST), &text).unwrap();
    assert!(checked(&log).is_ok());
    fs::write(log.join(FIRST), "").unwrap();
    assert!(matches!(checked(&log).unwrap_err().why, Why::Empty));
}

#[tokio::test]
async fn a_chain_that_is_computed_anew_is_not_what_was_signed_for() {
    let folder = tempfile::tempdir().unwrap();
    let (log, forged) = (folder.path().join("audit"), folder.path().join("forged"));
    written(&log, 3).await;
    written(&forged, 3).await;
    // Without checkpoints nobody vouches for a log; with those of another, its first record shows it.
    fs::remove_file(forged.join("checkpoints.jsonl")).unwrap();
    assert!(matches!(checked(&forged).unwrap_err().why, Why::Unvouched));
    fs::copy(log.join("checkpoints.jsonl"), forged.join("checkpoints.jsonl")).unwrap();
    assert!(matches!(checked(&forged).unwrap_err().why, Why::OtherLog));
    // The same log, its last record written anew with a hash that fits.
    let text = fs::read_to_string(log.join(FIRST)).unwrap();
    let last = text.lines().last().unwrap();
    let (mut other, _) = alnage::domain::audit::Record::read(last).unwrap();
    other.event = r#"{"event":"nothing-happened"}"#;
    let other = other.line(&other.hash());
    fs::write(log.join(FIRST), text.replace(&format!("{last}\n"), &other)).unwrap();
    assert!(matches!(checked(&log).unwrap_err().why, Why::OtherThanSigned { seq: 4 }));
}

#[tokio::test]
async fn a_tail_that_is_cut_with_its_checkpoints_shows_against_one_that_was_kept() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit");
    written(&log, 2).await;
    let early = folder.path().join("early");
    copied(&log, &early);
    written(&log, 2).await;
    let kept = folder.path().join("kept.jsonl");
    fs::copy(log.join("checkpoints.jsonl"), &kept).unwrap();
    assert!(checked(&early).is_ok(), "an early state is consistent in itself");
    let key = signer().public();
    let found = verify(&early, &key, Some(&kept)).unwrap_err();
    assert!(matches!(found.why, Why::Cut { signed: 5, last: 3 }), "{found}");
    assert_eq!(verify(&log, &key, Some(&kept)).unwrap().vouched, 5);
}

#[tokio::test]
async fn a_last_line_torn_anywhere_is_said_and_the_chain_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit");
    let running = open(&log);
    for number in 0..2 {
        record(&running, &served(number)).await.unwrap();
    }
    let text = fs::read_to_string(log.join(FIRST)).unwrap();
    let before = text.len() - text.lines().last().unwrap().len() - 1;
    for cut in (before + 1..text.len()).filter(|cut| cut % 7 == 0 || *cut == text.len() - 1) {
        let crashed = folder.path().join(format!("crashed-{cut}"));
        fs::create_dir(&crashed).unwrap();
        fs::write(crashed.join(FIRST), &text[..cut]).unwrap();
        drop(open(&crashed));
        let records = lines(&crashed);
        assert_eq!(records.len(), 3, "two whole ones and what is said of the third");
        assert_eq!(records[2]["event"]["event"], "audit-resumed");
        assert_eq!(records[2]["event"]["torn_bytes"], cut - before);
        let sound = checked(&crashed).unwrap();
        assert_eq!((sound.records, sound.vouched, sound.torn_bytes), (3, 3, 0));
    }
    // A whole last line: nothing to say.
    let crashed = folder.path().join("whole");
    copied(&log, &crashed);
    drop(open(&crashed));
    assert_eq!(lines(&crashed).len(), 3);
    // Torn before the first record ended.
    let crashed = folder.path().join("first");
    fs::create_dir(&crashed).unwrap();
    fs::write(crashed.join(FIRST), &text[..20]).unwrap();
    drop(open(&crashed));
    assert_eq!(lines(&crashed)[0]["event"]["torn_bytes"], 20);
    checked(&crashed).unwrap();
}

#[tokio::test]
async fn a_log_whose_signed_end_is_missing_says_so_and_never_verifies_again() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit");
    written(&log, 5).await;
    let text = fs::read_to_string(log.join(FIRST)).unwrap();
    let shorter: Vec<&str> = text.lines().take(4).collect();
    fs::write(log.join(FIRST), format!("{}\n", shorter.join("\n"))).unwrap();
    written(&log, 5).await;
    assert_eq!(lines(&log)[4]["event"]["missing_records"], 2);
    assert!(matches!(checked(&log).unwrap_err().why, Why::OtherThanSigned { seq: 6 }));
    // What stands there now is signed for all the same, and it is said once.
    written(&log, 0).await;
    let said = |line: &&Value| line["event"]["event"] == "audit-resumed";
    assert_eq!(lines(&log).iter().filter(said).count(), 1);
    let checkpoints = fs::read_to_string(log.join("checkpoints.jsonl")).unwrap();
    let last: Value = serde_json::from_str(checkpoints.lines().last().unwrap()).unwrap();
    assert_eq!(last["seq"], 10);
}

#[tokio::test]
async fn a_new_log_is_signed_for_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit");
    let running = open(&log);
    for _ in 0..1_000 {
        if checked(&log).is_ok() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    record(&running, &served(1)).await.unwrap();
    assert_eq!(checked(&log).unwrap().vouched, 1);
}

#[tokio::test]
async fn a_log_with_a_damaged_end_is_not_written_on() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit");
    written(&log, 2).await;
    let text = fs::read_to_string(log.join(FIRST)).unwrap();
    for damaged in [text.replace("\"hash\"", "\"hush\""), format!("{text}\n"), "\0\n".repeat(9)] {
        fs::write(log.join(FIRST), damaged).unwrap();
        let refused = AuditLog::open(&log, &signer(), Durability::Default).unwrap_err();
        assert!(refused.to_string().contains("damaged"), "{refused}");
    }
    fs::write(log.join(FIRST), text).unwrap();
    written(&log, 1).await;
    assert_eq!(checked(&log).unwrap().records, 4);
}

#[tokio::test]
async fn segments_are_one_chain_and_none_can_be_missing() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit");
    for round in 0..4 {
        let running = AuditLog::with_segments(&log, &signer(), Durability::Default, 2_000).unwrap();
        for number in 0..10 {
            record(&running, &served(round * 10 + number)).await.unwrap();
        }
    }
    let sound = checked(&log).unwrap();
    assert_eq!((sound.records, sound.vouched), (41, 41));
    let mut segments: Vec<_> =
        fs::read_dir(&log).unwrap().flatten().map(|one| one.path()).collect();
    segments.sort();
    segments.pop();
    assert!(segments.len() > 4, "{segments:?}");
    for segment in &segments {
        let away = folder.path().join("away");
        fs::rename(segment, &away).unwrap();
        assert!(checked(&log).is_err(), "{segment:?}");
        fs::rename(&away, segment).unwrap();
    }
    // A segment begun and without a record: the chain goes on in it.
    let next = log.join(format!("{:020}.jsonl", 42));
    fs::write(&next, "").unwrap();
    written(&log, 1).await;
    assert_eq!(checked(&log).unwrap().records, 42);
    assert!(fs::metadata(next).unwrap().len() > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_recorders_at_once_make_one_chain_in_both_durabilities() {
    for durability in [Durability::Default, Durability::Strict] {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("audit");
        let running =
            Arc::new(AuditLog::with_segments(&log, &signer(), durability, 50_000).unwrap());
        let recorders: Vec<_> = (0..32_u128)
            .map(|recorder| {
                let running = Arc::clone(&running);
                tokio::spawn(async move {
                    for number in 0..20 {
                        record(&running, &retrieved(recorder * 100 + number)).await.unwrap();
                    }
                })
            })
            .collect();
        for recorder in recorders {
            recorder.await.unwrap();
        }
        running.close();
        assert!(record(&running, &served(1)).await.is_err(), "a closed log takes nothing");
        let sound = checked(&log).unwrap();
        assert_eq!((sound.records, sound.vouched), (641, 641));
    }
}

#[tokio::test]
async fn a_record_names_the_request_that_it_belongs_to() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit");
    let running = open(&log);
    let id = TraceId::new(Uuid::from_u128(0xabc));
    trace::scope(id, async { record(&running, &served(1)).await.unwrap() }).await;
    record(&running, &served(2)).await.unwrap();
    drop(running);
    let lines = lines(&log);
    assert_eq!(lines[1]["trace"], "00000000000000000000000000000abc");
    assert!(lines[2].get("trace").is_none());
    checked(&log).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_records_and_room_brings_them_back_without_a_gap() {
    for durability in [Durability::Default, Durability::Strict] {
        let folder = tempfile::tempdir().unwrap();
        let Some(disk) = SmallDisk::mount(&folder.path().join("disk"), "128k") else {
            // Mounting needs rights that this machine does not give; CI has them.
            return;
        };
        let log = disk.0.join("audit");
        let running = AuditLog::open(&log, &signer(), durability).unwrap();
        let mut taken: u64 = 1;
        let mut refused = 0;
        for number in 0..1_000 {
            match record(&running, &retrieved(number)).await {
                Ok(()) => taken += 1,
                Err(_) => refused += 1,
            }
            if refused > 5 {
                break;
            }
        }
        assert!(refused > 5, "{taken} records fit into 128 KiB");
        let grown = "size=1m,remount";
        let mount = std::process::Command::new("mount").args(["-o", grown]).arg(&disk.0).status();
        assert!(mount.unwrap().success());
        for number in 0..10 {
            record(&running, &retrieved(number)).await.unwrap();
        }
        drop(running);
        let sound = checked(&log).unwrap();
        assert_eq!((sound.records, sound.vouched), (taken + 10, taken + 10));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_that_is_taken_away_refuses_records_until_it_is_back_and_loses_none() {
    for durability in [Durability::Default, Durability::Strict] {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("audit");
        let running = AuditLog::open(&log, &signer(), durability).unwrap();
        let (segment, away) = (log.join(FIRST), folder.path().join("away"));
        record(&running, &served(0)).await.unwrap();
        let mut taken = 2;
        fs::rename(&segment, &away).unwrap();
        let mut refused = false;
        for number in 1..400 {
            match record(&running, &served(number)).await {
                Ok(()) => taken += 1,
                Err(_) => refused = true,
            }
            if refused {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        assert!(refused, "nobody noticed");
        fs::write(&segment, "another file\n").unwrap();
        assert!(record(&running, &served(500)).await.is_err());
        fs::rename(&away, &segment).unwrap();
        record(&running, &served(501)).await.unwrap();
        drop(running);
        let sound = checked(&log).unwrap();
        assert_eq!((sound.records, sound.vouched), (taken + 1, taken + 1), "{durability:?}");
    }
}

#[tokio::test]
async fn a_record_that_is_too_long_is_refused_alone() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit");
    let running = open(&log);
    let name = "x".repeat(70_000);
    let long = alnage::pipeline::events::Event::Shortfall {
        caller: name,
        collection: alnage::domain::id::CollectionId::new(Uuid::nil()),
        wanted: 1,
        cleared: 0,
    };
    assert!(running.record(alnage::domain::time::Timestamp(0), &long).await.is_err());
    record(&running, &served(1)).await.unwrap();
    drop(running);
    assert_eq!(checked(&log).unwrap().records, 2);
}

#[tokio::test]
async fn hostile_files_are_answered_and_never_believed() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit");
    written(&log, 2).await;
    let good = folder.path().join("good");
    copied(&log, &good);
    let long = vec![b'{'; 1 << 20];
    let bombs: [&[u8]; 6] =
        [b"", b"\n", b"\xff\xfe\n", &long, b"{\"seq\":99999999999999999999999}\n", b"[[[["];
    for bomb in bombs {
        for file in [FIRST, "checkpoints.jsonl"] {
            copied(&good, &log);
            let mut target = OpenOptions::new().append(true).open(log.join(file)).unwrap();
            target.write_all(bomb).unwrap();
            let plain = bomb.is_empty() || bomb == b"[[[[";
            assert_eq!(checked(&log).is_ok(), plain, "{file}: {:?}", bomb.get(..9));
        }
    }
    let kept = folder.path().join("kept");
    for bomb in bombs {
        fs::write(&kept, bomb).unwrap();
        assert!(verify(&good, &signer().public(), Some(&kept)).is_err());
    }
}
