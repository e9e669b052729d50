//! What is kept of a record, why one is refused, and how its numbers are read.

/// Fields before the list of paths.
pub(super) const HEAD: usize = 32;
/// Position of the backup id in the tail: field 52 of `-most_columns`, where the tail begins at field 34.
const TAIL_BACKUP_ID: usize = 18;

/// Why a record could not be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("the line does not begin with job id, type, state and status: it is no job of bpdbjobs -report -all_columns")]
    NotAJob,
    #[error("the record ends in {place}: the output was cut, or a field count in it is wrong")]
    Cut { place: String },
    #[error("{what} should be a number and reads \"{text}\": the field counts of the record do not tie")]
    NotANumber { what: &'static str, text: String },
    #[error(
        "the record looks like -most_columns (or its counts are wrong): save bpdbjobs -report -all_columns, or read it with kind = \"table\" and preset = \"netbackup-most-columns\""
    )]
    MostColumns,
    #[error("the record is longer than 16 MiB")]
    TooLong,
    #[error("the record holds NUL bytes: the file is damaged or is no text")]
    Nul,
}

/// What is read of a record, as text.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// The 32 first fields.
    pub(super) head: Vec<Box<[u8]>>,
    /// Fields in the tail, kept or not.
    pub(super) in_tail: usize,
    /// Kilobytes of the last try.
    pub(super) try_kilobytes: Option<Box<[u8]>>,
    /// From the parent job on.
    pub(super) tail: Vec<Box<[u8]>>,
}

impl Fields {
    /// A field of the first 32, numbered from 1 as in NetBackup's documentation.
    pub(super) fn head(&self, number: usize) -> &[u8] {
        self.head.get(number.wrapping_sub(1)).map_or(&[], |field| field)
    }
    pub(super) fn parent(&self) -> &[u8] {
        self.tail.first().map_or(&[], |field| field)
    }
    pub(super) fn backup_id(&self) -> &[u8] {
        self.tail.get(TAIL_BACKUP_ID).map_or(&[], |field| field)
    }
}

/// A non-negative number; an empty field is 0, as in jobs that have not begun.
pub(super) fn number(field: &[u8]) -> Option<u64> {
    match field.trim_ascii() {
        [] => Some(0),
        digits if digits.len() <= 18 => {
            digits.iter().try_fold(0u64, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u64::from(byte - b'0')))
        }
        _ => None,
    }
}

pub(super) fn is_number(field: &[u8]) -> bool {
    number(field).is_some()
}
