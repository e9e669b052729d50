//! The one spelling of ZIP records that a bundle has (APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16).
//!
//! The writer emits these bytes. The reader parses the few fields that vary, spells them again here and compares: whatever
//! is left over (times, attributes, extra fields, flags, comments) has one admissible value.

/// Times are fixed so that the same content gives the same bytes: 1980-01-01, the first day that ZIP can say.
const DOS_DATE: u16 = 0x0021;
/// Made on Unix, by a writer of version 4.5 (zip64).
const MADE_BY: u16 = 0x032d;
/// A regular file, mode 0644, in the upper half of the external attributes.
const REGULAR_0644: u32 = 0o100_644 << 16;
/// Bit 11: the name is UTF-8.
const UTF8: u16 = 0x0800;
/// A 32-bit field that sends to the zip64 record.
pub const IN_ZIP64: u32 = u32::MAX;
pub const END_LENGTH: u64 = 22;
pub const ZIP64_END_LENGTH: u64 = 56;
pub const ZIP64_LOCATOR_LENGTH: u64 = 20;
pub const LOCAL_SIGNATURE: [u8; 4] = *b"PK\x03\x04";
pub const CENTRAL_SIGNATURE: [u8; 4] = *b"PK\x01\x02";
pub const END_SIGNATURE: [u8; 4] = *b"PK\x05\x06";
pub const ZIP64_END_SIGNATURE: [u8; 4] = *b"PK\x06\x06";
pub const ZIP64_LOCATOR_SIGNATURE: [u8; 4] = *b"PK\x06\x07";

/// Deflated entries expand at most so many times; the writer stores what would expand more, so the reader may refuse it.
pub const MAX_RATIO: u64 = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Stored,
    Deflated,
}

/// One entry as the central directory knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub name: String,
    pub method: Method,
    pub crc32: u32,
    /// Bytes in the file.
    pub packed: u64,
    /// Bytes once unpacked.
    pub size: u64,
    /// Where the local header starts.
    pub offset: u64,
}

impl Record {
    /// Whether sizes need 64 bits; `packed` never exceeds `size`.
    #[must_use]
    pub fn is_large(&self) -> bool {
        self.size >= u64::from(IN_ZIP64)
    }

    /// Version needed, flags, method, time, date, CRC and sizes: the run of fields that both headers share.
    fn common(&self, large: bool) -> Vec<u8> {
        let needed: u16 = match (large, self.method) {
            (true, _) => 45,
            (false, Method::Deflated) => 20,
            (false, Method::Stored) => 10,
        };
        let method: u16 = if self.method == Method::Deflated { 8 } else { 0 };
        let mut out = Vec::with_capacity(64 + self.name.len());
        out.extend(needed.to_le_bytes());
        out.extend(if self.name.is_ascii() { 0_u16 } else { UTF8 }.to_le_bytes());
        out.extend(method.to_le_bytes());
        out.extend(0_u16.to_le_bytes());
        out.extend(DOS_DATE.to_le_bytes());
        out.extend(self.crc32.to_le_bytes());
        if self.is_large() {
            out.extend([0xff; 8]);
        } else {
            out.extend(low32(self.packed).to_le_bytes());
            out.extend(low32(self.size).to_le_bytes());
        }
        out.extend(low16(self.name.len() as u64).to_le_bytes());
        out
    }

    #[must_use]
    pub fn local_header(&self) -> Vec<u8> {
        let extra = if self.is_large() { zip64_extra(&[self.size, self.packed]) } else { Vec::new() };
        let mut out = LOCAL_SIGNATURE.to_vec();
        out.extend(self.common(self.is_large()));
        out.extend(low16(extra.len() as u64).to_le_bytes());
        out.extend(self.name.as_bytes());
        out.extend(extra);
        out
    }

    #[must_use]
    pub fn central_header(&self) -> Vec<u8> {
        let far = self.offset >= u64::from(IN_ZIP64);
        let mut wide = Vec::new();
        if self.is_large() {
            wide.extend([self.size, self.packed]);
        }
        if far {
            wide.push(self.offset);
        }
        let extra = zip64_extra(&wide);
        let mut out = CENTRAL_SIGNATURE.to_vec();
        out.extend(MADE_BY.to_le_bytes());
        out.extend(self.common(self.is_large() || far));
        out.extend(low16(extra.len() as u64).to_le_bytes());
        // Comment length, disk number, internal attributes.
        out.extend([0; 6]);
        out.extend(REGULAR_0644.to_le_bytes());
        out.extend(if far { IN_ZIP64 } else { low32(self.offset) }.to_le_bytes());
        out.extend(self.name.as_bytes());
        out.extend(extra);
        out
    }

    /// Where the entry's packed bytes start.
    #[must_use]
    pub fn data_offset(&self) -> u64 {
        self.offset + self.local_header().len() as u64
    }
}

/// The records that close the file, given how many entries there are and where the central directory lies.
#[must_use]
pub fn end_records(entries: u64, directory_offset: u64, directory_size: u64) -> Vec<u8> {
    let mut out = Vec::new();
    let wide32 = |value: u64| if value >= u64::from(IN_ZIP64) { IN_ZIP64 } else { low32(value) };
    let short = if entries >= u64::from(u16::MAX) { u16::MAX } else { low16(entries) };
    if short == u16::MAX || wide32(directory_offset) == IN_ZIP64 || wide32(directory_size) == IN_ZIP64 {
        out.extend(ZIP64_END_SIGNATURE);
        // Size of what follows in this record (4.3.14.1).
        out.extend((ZIP64_END_LENGTH - 12).to_le_bytes());
        out.extend(MADE_BY.to_le_bytes());
        out.extend(45_u16.to_le_bytes());
        out.extend([0; 8]);
        out.extend(entries.to_le_bytes());
        out.extend(entries.to_le_bytes());
        out.extend(directory_size.to_le_bytes());
        out.extend(directory_offset.to_le_bytes());
        out.extend(ZIP64_LOCATOR_SIGNATURE);
        out.extend([0; 4]);
        out.extend((directory_offset + directory_size).to_le_bytes());
        out.extend(1_u32.to_le_bytes());
    }
    out.extend(END_SIGNATURE);
    out.extend([0; 4]);
    out.extend(short.to_le_bytes());
    out.extend(short.to_le_bytes());
    out.extend(wide32(directory_size).to_le_bytes());
    out.extend(wide32(directory_offset).to_le_bytes());
    out.extend([0; 2]);
    out
}

/// The zip64 extended information extra field (4.5.3), or nothing.
fn zip64_extra(values: &[u64]) -> Vec<u8> {
    if values.is_empty() {
        return Vec::new();
    }
    let mut out = 1_u16.to_le_bytes().to_vec();
    out.extend(low16(values.len() as u64 * 8).to_le_bytes());
    for value in values {
        out.extend(value.to_le_bytes());
    }
    out
}

/// Callers have checked that the value fits; a wider one spells differently and is refused by the comparison.
fn low32(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(IN_ZIP64)
}

fn low16(value: u64) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}
