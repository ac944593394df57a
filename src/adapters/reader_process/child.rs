//! The child: takes its own means away, then reads documents until its input ends.

use std::fs;
use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{Answer, Header, Refusal, framed_header};
use crate::domain::document::{Opened, RawDocument};
use crate::domain::limits::{
    DOCUMENT_BYTES_MAX, READER_ANSWER_BYTES_MAX, READER_CPU_SECONDS_MAX, READER_HEADER_BYTES_MAX,
    READER_MEMORY_BYTES_MAX, READER_STACK_BYTES,
};
use crate::pipeline::reading::{Options, read_here};

/// The limits could not be set or the thread not be started; the parent sees the exit status.
const NOT_CONFINED: u8 = 70;
/// The parent sent something else than a frame.
const NOT_A_FRAME: u8 = 65;

/// Runs the child until its input ends.
pub fn serve_child(options: Options) -> ExitCode {
    // A panic's text may quote the document; the answer says that there was one.
    std::panic::set_hook(Box::new(|_| {}));
    let thread = std::thread::Builder::new().stack_size(READER_STACK_BYTES).spawn(move || {
        if confine().is_err() {
            return ExitCode::from(NOT_CONFINED);
        }
        match serve(options, &mut io::stdin().lock(), &mut io::stdout().lock()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::from(NOT_A_FRAME),
        }
    });
    match thread.map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        Ok(Err(_)) | Err(_) => ExitCode::from(NOT_CONFINED),
    }
}

/// Lowers what this process may use, for good. It comes after the thread's start, because then no
/// further thread, file or process is allowed.
fn confine() -> io::Result<()> {
    lower(Resource::As, address_space()?.saturating_add(READER_MEMORY_BYTES_MAX))?;
    lower(Resource::Cpu, READER_CPU_SECONDS_MAX)?;
    lower(Resource::Fsize, 0)?;
    lower(Resource::Core, 0)?;
    // Standard input, output and error are open, and nothing else can be.
    lower(Resource::Nofile, 3)?;
    // Binds ordinary users only; root may always fork.
    lower(Resource::Nproc, 0)
}

fn lower(resource: Resource, bound: u64) -> io::Result<()> {
    let bound = getrlimit(resource).maximum.map_or(bound, |hard| hard.min(bound));
    setrlimit(resource, Rlimit { current: Some(bound), maximum: Some(bound) })?;
    Ok(())
}

/// Bytes of address space in use: the binary's own mapping is larger than many documents. The bound is
/// on address space and not on `RLIMIT_DATA`, because sandboxes and old kernels enforce only that.
fn address_space() -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmSize:"))
        .and_then(|size| size.trim().strip_suffix("kB")?.trim().parse::<u64>().ok())
        .map(|kibibytes| kibibytes.saturating_mul(1024))
        .ok_or_else(|| invalid("no VmSize in /proc/self/status"))
}

/// Answers frame after frame; a clean end of input between two frames is the end.
fn serve(options: Options, input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    while let Some(raw) = read_frame(input)? {
        let (answer, members) = answer(raw, options);
        write_frame(output, &encoded(&answer), &members)?;
    }
    Ok(())
}

/// Takes the document, so that its bytes are freed before the answer is encoded.
fn answer(raw: RawDocument, options: Options) -> (Answer, Vec<RawDocument>) {
    let parsed = catch_unwind(AssertUnwindSafe(move || read_here(&raw, options)));
    let refusal = match parsed {
        Ok(Ok(Opened { document, members })) => return (Ok(document), members),
        Ok(Err(error)) => Refusal { code: error.code().to_owned(), message: error.to_string() },
        Err(_) => refusal("reader-panicked", "reader gave up on this document"),
    };
    (Err(refusal), Vec::new())
}

fn refusal(code: &str, message: &str) -> Refusal {
    Refusal { code: code.to_owned(), message: message.to_owned() }
}

fn encoded(answer: &Answer) -> Vec<u8> {
    let mut json = Bounded(Vec::new());
    if serde_json::to_writer(&mut json, answer).is_ok() {
        return json.0;
    }
    let too_large = refusal("reader-answer-too-large", "document unfolds to more than may be kept");
    serde_json::to_vec(&Answer::Err(too_large)).unwrap_or_default()
}

/// A buffer that refuses to outgrow an answer.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if READER_ANSWER_BYTES_MAX < self.0.len().saturating_add(bytes.len()) {
            return Err(invalid("answer is too large"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn read_frame(input: &mut impl Read) -> io::Result<Option<RawDocument>> {
    let mut length = [0; 4];
    if input.read(&mut length[..1])? == 0 {
        return Ok(None);
    }
    input.read_exact(&mut length[1..])?;
    let header =
        read_bytes(input, u32::from_be_bytes(length).into(), READER_HEADER_BYTES_MAX as u64)?;
    let Header { uri, declared } = serde_json::from_slice(&header)?;
    let mut length = [0; 8];
    input.read_exact(&mut length)?;
    let bytes = read_bytes(input, u64::from_be_bytes(length), DOCUMENT_BYTES_MAX)?;
    Ok(Some(RawDocument { uri, declared, bytes }))
}

fn read_bytes(input: &mut impl Read, length: u64, bound: u64) -> io::Result<Vec<u8>> {
    let capacity = usize::try_from(length).ok().filter(|_| length <= bound);
    let mut bytes = vec![0; capacity.ok_or_else(|| invalid("frame is too large"))?];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn write_frame(output: &mut impl Write, json: &[u8], members: &[RawDocument]) -> io::Result<()> {
    output.write_all(&(json.len() as u64).to_be_bytes())?;
    output.write_all(json)?;
    let count = u32::try_from(members.len()).map_err(|_| invalid("too many members"))?;
    output.write_all(&count.to_be_bytes())?;
    for RawDocument { uri, declared, bytes } in members {
        let header = Header { uri: uri.clone(), declared: *declared };
        let header = framed_header(&header, bytes).map_err(|_| invalid("a member is too large"))?;
        output.write_all(&header)?;
        output.write_all(bytes)?;
    }
    output.flush()
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::{Command, Stdio};

    use super::*;
    use crate::adapters::reader_process::ENVIRONMENT;
    use crate::domain::document::Format;

    fn frame(declared: Option<Format>, body: &[u8]) -> Vec<u8> {
        let header = serde_json::to_vec(&Header { uri: "a".to_owned(), declared }).unwrap();
        let mut frame = u32::try_from(header.len()).unwrap().to_be_bytes().to_vec();
        frame.extend(header);
        frame.extend((body.len() as u64).to_be_bytes());
        frame.extend(body);
        frame
    }

    fn answers(input: &[u8]) -> (Vec<Answer>, bool) {
        let mut output = Vec::new();
        let clean = serve(Options::default(), &mut &*input, &mut output).is_ok();
        let mut answers = Vec::new();
        let mut rest = output.as_slice();
        while let Some((length, after)) = rest.split_first_chunk::<8>() {
            let (json, next) = after.split_at(usize::from_be_bytes(*length));
            answers.push(serde_json::from_slice(json).unwrap());
            let (count, next) = next.split_first_chunk::<4>().unwrap();
            assert_eq!(*count, [0; 4], "no members");
            rest = next;
        }
        (answers, clean)
    }

    #[test]
    fn documents_and_refusals_are_answered_in_order() {
        let input =
            [frame(Some(Format::Text), b"five days"), frame(None, b"GIF89a\x01"), frame(None, b"")];
        let (answers, clean) = answers(&input.concat());
        assert!(clean);
        assert_eq!(answers[0].as_ref().unwrap().blocks[0].text, "five days");
        assert_eq!(answers[1].as_ref().unwrap_err().code, "document-unsupported");
        assert!(answers[2].is_ok());
    }

    #[test]
    fn a_frame_that_is_cut_or_too_large_ends_the_child() {
        let whole = frame(None, b"five days");
        for cut in 1..whole.len() {
            let (answers, clean) = answers(&whole[..cut]);
            assert!(answers.is_empty() && !clean);
        }
        let mut huge = frame(None, b"");
        let at = huge.len() - 8;
        huge[at..].fill(0xFF);
        assert!(!answers(&huge).1);
        assert!(!answers(&[0xFF; 64]).1);
    }

    #[test]
    fn an_answer_never_outgrows_its_bound() {
        let mut json = Bounded(vec![0; READER_ANSWER_BYTES_MAX]);
        assert!(json.write(b"x").is_err());
        assert!(Bounded(Vec::new()).write(b"x").is_ok());
    }

    /// Set in the children of the test below, which run this same test program.
    const PROBE: &str = "ALNAGE_TEST_PROBE";

    fn probe(name: &str) -> std::process::ExitStatus {
        let program = std::env::current_exe().unwrap();
        Command::new(program)
            .args(["--exact", "adapters::reader_process::child::tests::confined_processes_end_at_their_bounds_and_not_before"])
            .args(["--test-threads", "1", "--nocapture"])
            .env(PROBE, name)
            .envs(ENVIRONMENT)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap()
    }

    fn run_probe(name: &str) {
        const MEBIBYTE: usize = 1 << 20;
        confine().unwrap();
        let bound = usize::try_from(READER_MEMORY_BYTES_MAX).unwrap() / MEBIBYTE;
        let mut held = Vec::new();
        match name {
            "large" => (0..bound + 8).for_each(|_| held.push(vec![1_u8; MEBIBYTE])),
            "small" => (0..(bound + 8) * 512).for_each(|_| held.push(vec![1_u8; 2048])),
            "within" => (0..bound * 3 / 4).for_each(|_| held.push(vec![1_u8; MEBIBYTE])),
            "file" => assert!(fs::File::open("/proc/self/status").is_err()),
            _ => panic!("no such probe"),
        }
        std::hint::black_box(&held);
    }

    #[test]
    fn confined_processes_end_at_their_bounds_and_not_before() {
        if let Ok(name) = std::env::var(PROBE) {
            return run_probe(&name);
        }
        for name in ["large", "small"] {
            assert_eq!(probe(name).signal(), Some(6), "{name} allocations past the bound abort");
        }
        for name in ["within", "file"] {
            assert!(probe(name).success(), "{name}");
        }
    }
}
