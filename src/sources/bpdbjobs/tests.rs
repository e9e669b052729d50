//! Whole files through the source: what is kept, refused and said.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::path::Path;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::snapshot::schema::{BackupJob, Record as Row};
use crate::snapshot::value::Micros;

/// A sink that remembers.
#[derive(Default)]
struct Kept {
    jobs: Vec<BackupJob<'static>>,
    rejects: Vec<(u64, String, String)>,
}
impl Sink for Kept {
    fn push(&mut self, record: Row<'_>) -> Result<(), SinkError> {
        let Row::BackupJob(job) = record else { panic!("not a job: {record:?}") };
        self.jobs.push(BackupJob {
            job_id: job.job_id.into_owned().into(),
            parent_id: job.parent_id.map(|x| x.into_owned().into()),
            tool: job.tool.into_owned().into(),
            client: job.client.into_owned().into(),
            policy: job.policy.map(|x| x.into_owned().into()),
            job_type: job.job_type.into_owned().into(),
            state: job.state.into_owned().into(),
            outcome: job.outcome.into_owned().into(),
            backup_ref: job.backup_ref.map(|x| x.into_owned().into()),
            ..job_numbers(job.status_code, job.started, job.ended, job.bytes)
        });
        Ok(())
    }
    fn reject(&mut self, row: u64, reason: &str, excerpt: &str) -> Result<(), SinkError> {
        self.rejects.push((row, reason.into(), excerpt.into()));
        Ok(())
    }
    fn progress(&mut self, _: u64) {}
}
fn job_numbers(status_code: Option<i64>, started: Option<Micros>, ended: Option<Micros>, bytes: Option<i64>) -> BackupJob<'static> {
    BackupJob { status_code, started, ended, bytes, ..BackupJob::default() }
}

/// A job as `-all_columns` writes it.
struct Made {
    head: Vec<String>,
    paths: Vec<&'static str>,
    tries: Vec<Vec<&'static str>>,
    tail: Vec<String>,
}

fn job(id: u64, kind: u32, state: u32, status: &str) -> Made {
    let mut head = vec![String::new(); 31];
    for (at, text) in [(0, id.to_string()), (1, kind.to_string()), (2, state.to_string()), (3, status.into())] {
        head[at] = text;
    }
    for (at, text) in [
        (4, "POL_PAIE"),
        (6, "SRV-PAIE01.agence.example"),
        (8, "1790000000"),
        (9, "600"),
        (10, "1790000600"),
        (14, "2048"),
        (16, "/srv/d"),
    ] {
        head[at] = text.into();
    }
    let mut tail = vec![String::new(); 21];
    for (at, text) in [(0, "0"), (1, "3413"), (12, "1"), (18, "SRV-PAIE01_1790000000"), (19, "0"), (20, "maitre")] {
        tail[at] = text.into();
    }
    Made {
        head,
        paths: vec!["/srv/d"],
        tries: vec![vec!["20/09/2026 10:00:00 - connecting", "20/09/2026 10:09:59 - end writing"]],
        tail,
    }
}

impl Made {
    fn text(&self) -> String {
        let mut fields = self.head.clone();
        fields.push(self.paths.len().to_string());
        fields.extend(self.paths.iter().map(ToString::to_string));
        fields.push(self.tries.len().to_string());
        for lines in &self.tries {
            fields.extend(["4711", "stu1", "media1", "1790000000", "600", "1790000600", "0", "ok"].map(String::from));
            fields.push(lines.len().to_string());
            fields.extend(lines.iter().map(ToString::to_string));
            fields.extend(["2048".into(), "17".into()]);
        }
        fields.extend(self.tail.iter().cloned());
        fields.join(",") + "\n"
    }
    fn set(mut self, number: usize, text: &str) -> Self {
        self.head[number - 1] = text.into();
        self
    }
}

fn request(base: &Path) -> Request {
    let as_of = "2026-11-01T00:00:00Z".parse().unwrap();
    Request { source: "nbu".into(), system: "nbu".into(), zone: TimeZone::UTC, as_of, base: base.to_owned() }
}

fn read_files(files: &[(&str, &[u8])]) -> (Result<Reading, SourceError>, Kept, Vec<u8>) {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(dir.path().join(name), bytes).unwrap();
    }
    let source = BpdbjobsConfig { files: files.iter().map(|(name, _)| (*name).to_owned()).collect() };
    let (mut kept, mut capture) = (Kept::default(), Vec::new());
    let reading = source.harvest(&request(dir.path()), &mut kept, &mut capture);
    if let Ok(reading) = &reading {
        assert_eq!(reading.rows_seen, reading.rows_kept + kept.rejects.len() as u64, "{:?}", kept.rejects);
    }
    (reading, kept, capture)
}

fn read(text: &str) -> (Reading, Kept) {
    let (reading, kept, capture) = read_files(&[("jobs.txt", text.as_bytes())]);
    assert_eq!(capture, text.as_bytes(), "the capture is the file");
    (reading.unwrap(), kept)
}

#[test]
fn a_job_gives_its_row() {
    let (reading, kept) = read(&format!("C1\n{}", job(1234, 0, 3, "0").text()));
    assert_eq!(
        kept.jobs,
        [BackupJob {
            job_id: "nbu:1234".into(),
            parent_id: None,
            tool: "netbackup".into(),
            client: "srv-paie01".into(),
            policy: Some("POL_PAIE".into()),
            job_type: "backup".into(),
            state: "done".into(),
            status_code: Some(0),
            outcome: "success".into(),
            started: Some(Micros(1_790_000_000_000_000)),
            ended: Some(Micros(1_790_000_600_000_000)),
            bytes: Some(2048 * 1024),
            backup_ref: Some("SRV-PAIE01_1790000000".into()),
        }]
    );
    assert_eq!((reading.rows_seen, reading.server_count, reading.incomplete), (1, Some(1), None));
    assert_eq!(reading.content_at.unwrap().as_second(), 1_790_000_600);
    assert_eq!(reading.query["files"][0]["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn outcomes_are_never_better_than_what_the_tool_says() {
    let cases = [
        (3, "0", "success"),
        (3, "1", "partial"),
        (3, "150", "failed"),
        (3, "", "unknown"),
        (1, "0", "unknown"),
        (5, "0", "unknown"),
        (9, "0", "unknown"),
    ];
    let text: String = cases.iter().zip(1..).map(|((state, status, _), id)| job(id, 0, *state, status).text()).collect();
    let (_, kept) = read(&text);
    let outcomes: Vec<_> = kept.jobs.iter().map(|job| job.outcome.as_ref()).collect();
    assert_eq!(outcomes, cases.map(|case| case.2));
    assert_eq!(kept.jobs[6].state, "unknown");

    let text: String =
        [0, 1, 2, 3, 4, 6, 17, 22, 28, 31, 99].iter().zip(1..).map(|(kind, id)| job(id, *kind, 3, "0").text()).collect();
    let kinds: Vec<_> = read(&text).1.jobs.into_iter().map(|job| job.job_type.into_owned()).collect();
    assert_eq!(
        kinds,
        ["backup", "other", "restore", "verify", "duplicate", "catalog", "cleanup", "backup", "other", "other", "other"]
    );
}

#[test]
fn commas_newlines_tries_and_backslashes_do_not_shift_fields() {
    let mut made = job(7, 0, 3, "0").set(17, r"D:\Données\, suite").set(5, r"POL\, PAIE");
    made.paths = vec![r"C:\\", r"/a\,b", "NEW_STREAM"];
    made.tries = vec![vec![], vec!["first\nsecond line\\, with comma\n\n-12\nC9\n12\\,0\\,3\\,0\\, not a job", "end"]];
    made.tail[0] = "5".into();
    // A field with a newline, after which the line begins like a job (priority 1, then group, master and retention).
    let odd = job(9, 0, 3, "0").set(23, "x\n1").set(24, "2").set(25, "3").set(26, "4").text();
    let (reading, kept) = read(&format!("{}{}{odd}", made.text(), job(8, 0, 3, "0").text()));
    assert_eq!((reading.rows_seen, kept.rejects.len()), (3, 0), "{:?}", kept.rejects);
    assert_eq!(kept.jobs[0].policy.as_deref(), Some("POL, PAIE"));
    assert_eq!(kept.jobs[0].parent_id.as_deref(), Some("nbu:5"));
    assert_eq!(kept.jobs[0].backup_ref.as_deref(), Some("SRV-PAIE01_1790000000"));
}

#[test]
fn counts_removals_empty_jobs_and_blank_lines() {
    let text = format!(
        "C4\r\n{}-99\n\n1235,,,,,,\n{}",
        job(1234, 0, 3, "0").text().replace('\n', "\r\n"),
        job(1236, 2, 3, "5").set(9, "0").text()
    );
    let (reading, kept) = read(&text);
    assert_eq!((reading.rows_seen, reading.server_count, reading.incomplete), (3, Some(3), None));
    assert_eq!(reading.details["removed_from_database"], 1);
    let empty = &kept.jobs[1];
    assert_eq!(
        (empty.state.as_ref(), empty.outcome.as_ref(), empty.job_type.as_ref(), empty.client.as_ref()),
        ("unknown", "unknown", "other", "")
    );
    assert_eq!((kept.jobs[2].started, kept.jobs[2].job_type.as_ref(), kept.jobs[2].outcome.as_ref()), (None, "restore", "failed"));

    let (reading, _) = read(&format!("C3\n{}", job(1, 0, 3, "0").text()));
    assert_eq!(reading.incomplete.as_deref(), Some("bpdbjobs announced 3 jobs and the file holds 1"));
    let (reading, _) = read("C0\n");
    assert_eq!((reading.rows_seen, reading.incomplete), (0, None));
}

#[test]
fn a_damaged_record_is_refused_and_the_next_one_read() {
    let good = job(2, 0, 3, "0").text();
    let cut = job(1, 0, 3, "0").text();
    let cut = &cut[..cut.len() / 2];
    let (reading, kept) = read(&format!("{cut}\n{good}"));
    assert_eq!(kept.jobs.len(), 1);
    assert_eq!(kept.rejects[0].0, 1);
    assert!(kept.rejects[0].1.contains("cut"), "{:?}", kept.rejects);
    assert!(kept.rejects[0].2.starts_with("1,0,3,0,POL_PAIE"));
    assert_eq!(reading.incomplete, None, "every record begins and ends in the file");

    let (reading, kept) = read(&format!("{good}{cut}"));
    assert_eq!((kept.jobs.len(), kept.rejects.len()), (1, 1));
    assert_eq!(reading.incomplete.as_deref(), Some("the file ends in the middle of the record that begins on line 2"));

    let short = job(3, 0, 3, "0").text();
    let (reading, kept) = read(&format!("{good}{}", &short[..short.len() - 12]));
    assert_eq!(kept.jobs.len(), 2);
    assert!(reading.incomplete.unwrap().contains("no end of line"));

    let (_, kept) = read(&format!("{good}EXIT STATUS 0: done\nmore\n{}", job(4, 0, 3, "0").text()));
    assert_eq!((kept.jobs.len(), kept.rejects.len(), kept.rejects[0].0), (2, 1, 2));
    for (number, value) in [(4, "4x"), (9, "999999999999999"), (9, "soon")] {
        let (_, kept) = read(&format!("{good}{}", job(3, 0, 3, "0").set(number, value).text()));
        assert_eq!((kept.jobs.len(), kept.rejects.len()), (1, 1), "{number} {value} {:?}", kept.rejects);
    }
}

#[test]
fn overlapping_exports_give_each_job_once_and_the_finished_one_wins() {
    let running = job(1, 0, 1, "").set(11, "0").text();
    let done = job(1, 0, 3, "0").text();
    for files in [[("a", running.as_bytes()), ("b", done.as_bytes())], [("a", done.as_bytes()), ("b", running.as_bytes())]] {
        let (reading, kept, _) = read_files(&files);
        let reading = reading.unwrap();
        assert_eq!((kept.jobs.len(), kept.jobs[0].outcome.as_ref()), (1, "success"));
        assert_eq!((reading.rows_seen, reading.rows_kept, reading.details["superseded"], reading.pages), (2, 2, 1, 2));
    }
    let (_, kept) = read(&(done + &job(1, 0, 3, "0").set(7, "other").text()));
    assert!(kept.rejects[0].1.contains("job 1 was already read with another client"), "{:?}", kept.rejects);
}

#[test]
fn what_is_known_of_a_job_outlives_a_later_record_that_leaves_it_out() {
    let running = job(1, 0, 1, "").set(11, "0").text();
    let bare = job(1, 0, 3, "0").set(7, "").set(5, "").text();
    for text in [format!("{running}{bare}"), format!("{bare}{running}")] {
        let (_, kept) = read(&text);
        let job = &kept.jobs[0];
        assert_eq!((job.client.as_ref(), job.policy.as_deref(), job.outcome.as_ref()), ("srv-paie01", Some("POL_PAIE"), "success"));
    }
    let (_, kept) = read(&format!("{running}{bare}{}", job(1, 0, 3, "0").set(7, "other").text()));
    assert!(kept.rejects[0].1.contains("job 1 was already read with another client"), "{:?}", kept.rejects);
}

#[test]
fn encodings_are_read_and_told() {
    let accented = job(1, 0, 3, "0").set(5, "POL_DONNÉES").text();
    let (cp1252, _, _) = encoding_rs::WINDOWS_1252.encode(&accented);
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(accented.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for (bytes, fallback) in
        [(accented.as_bytes(), None), (&cp1252, Some(&1)), (&utf16, None), (&[b"\xEF\xBB\xBF", accented.as_bytes()].concat(), None)]
    {
        let (reading, kept, _) = read_files(&[("jobs", bytes)]);
        assert_eq!(kept.jobs[0].policy.as_deref(), Some("POL_DONNÉES"));
        assert_eq!(reading.unwrap().details.get("fields_read_as_windows_1252"), fallback);
    }
}

#[test]
fn what_is_not_bpdbjobs_is_said_to_be_so() {
    let most = |paths: &str, tries: &str| {
        let made = job(1, 0, 3, "0");
        format!("{},{paths},{tries},{}\n", made.head.join(","), made.tail.join(","))
    };
    for (text, word) in [
        (most("1", "1"), "netbackup-most-columns"),
        (most("3", "2"), "netbackup-most-columns"),
        (most("0", "1"), "netbackup-most-columns"),
        ("Bonjour\nà tous\n".into(), "no line begins with job id"),
        ("PK\u{3}\u{4}\0\0".into(), "is binary"),
        (String::new(), "is empty"),
    ] {
        let (reading, _, _) = read_files(&[("jobs.txt", text.as_bytes())]);
        let error = reading.unwrap_err().to_string();
        assert!(error.contains(word) && error.contains("jobs.txt"), "{text:?}: {error}");
    }
}

#[test]
fn an_endless_line_is_refused_without_being_held() {
    let mut bytes = job(1, 0, 3, "0").text().trim_end().as_bytes().to_vec();
    bytes.resize(record::MAX_RECORD + 1000, b'x');
    bytes.push(b'\n');
    bytes.extend_from_slice(job(2, 0, 3, "0").text().as_bytes());
    let (reading, kept, capture) = read_files(&[("jobs", &bytes)]);
    assert_eq!((reading.unwrap().rows_seen, kept.jobs.len()), (2, 1));
    assert!(kept.rejects[0].1.contains("longer than 16 MiB"));
    assert!(kept.rejects[0].2.len() <= 200);
    assert_eq!(capture.len(), bytes.len());
}

proptest! {
    #[test]
    fn any_bytes_add_up(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let (seen, kept, rejected) = fuzz(&bytes);
        prop_assert_eq!(seen, kept + rejected);
    }

    /// Damage anywhere in a good file: the arithmetic holds, and a job that is still whole is not lost.
    #[test]
    fn damage_adds_up(at in 0usize..3000, cut in 0usize..400, with in "[,\\\\\n0-9C-]{0,8}") {
        let text: String = (1..=6).map(|id| job(id, 0, 3, "0").text()).collect();
        let at = at.min(text.len());
        let end = (at + cut).min(text.len());
        let damaged = format!("{}{with}{}", &text[..at], &text[end..]);
        let (seen, kept, rejected) = fuzz(damaged.as_bytes());
        prop_assert_eq!(seen, kept + rejected);
        prop_assert!(kept >= 2, "{} kept", kept);
    }
}
