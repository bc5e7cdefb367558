//! The chain: each record continues the one before it. One pass over the raw bytes.

use std::io::{self, BufRead, BufReader, Read};

use super::{
    hash::Hash,
    line::{LONGEST, Line, NoRecord},
};

/// How far a log has been followed.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    pub log_id: String,
    pub seq: u64,
    pub h: Hash,
    /// Lines followed, which is also the number of the last one, from 1.
    pub lines: u64,
    /// Where the last record's line begins and where the next one will, in bytes.
    pub start: u64,
    pub end: u64,
}

impl Chain {
    /// Says why `line` does not come next.
    pub fn continues(&self, line: &Line<'_>) -> Result<(), String> {
        if line.seq != self.seq + 1 {
            return Err(format!(
                "record {} stands where record {} belongs",
                line.seq,
                self.seq + 1
            ));
        }
        // The first record may continue another file: its `prev` binds that, not us.
        if self.seq > 0 && line.prev != self.h {
            return Err(format!(
                "it does not continue record {}: that one was rewritten, or this one belongs \
                 elsewhere",
                self.seq
            ));
        }
        if self.seq == 0 && line.log_id.as_deref().is_none_or(str::is_empty) {
            return Err("the first record does not name the log".to_owned());
        }
        Ok(())
    }

    /// Goes on to `line`, which takes `bytes` with its end.
    pub fn advance(&mut self, line: &Line<'_>, bytes: u64) {
        if self.seq == 0 {
            self.log_id = line.log_id.as_deref().unwrap_or_default().to_owned();
        }
        self.step(line.seq, line.h, bytes);
    }

    pub fn step(&mut self, seq: u64, h: Hash, bytes: u64) {
        self.seq = seq;
        self.h = h;
        self.lines += 1;
        self.start = self.end;
        self.end += bytes;
    }
}

/// Where a walk ended.
pub enum End {
    /// At the end of a record.
    Whole,
    /// Behind the last line end there are bytes of a line that was never finished.
    Torn(Vec<u8>),
    /// At a line that does not continue the chain.
    Broken(String),
}

/// Follows the chain over everything in `reader`, and shows each record that fits.
pub fn walk(
    reader: impl Read,
    chain: &mut Chain,
    mut each: impl FnMut(&Line<'_>, &[u8]),
) -> io::Result<End> {
    let mut lines = Lines::new(reader);
    while let Some(text) = lines.next()? {
        if !text.ended {
            return Ok(match holds_record(text.bytes) {
                true => End::Broken("there is something behind its end".to_owned()),
                false => End::Torn(text.bytes.to_vec()),
            });
        }
        let line = match Line::parse(text.bytes) {
            Ok(line) => line,
            Err(NoRecord { why, .. }) => return Ok(End::Broken(why)),
        };
        if let Err(why) = chain.continues(&line) {
            return Ok(End::Broken(why));
        }
        each(&line, text.bytes);
        chain.advance(&line, text.bytes.len() as u64 + 1);
    }
    Ok(End::Whole)
}

/// A torn write leaves the beginning of one line. A whole record with more behind it
/// is something else: a changed line end, or bytes that were put there.
pub fn holds_record(fragment: &[u8]) -> bool {
    const MARK: &[u8] = b",\"h\":\"";
    fragment
        .windows(MARK.len())
        .enumerate()
        .filter(|(_, window)| *window == MARK)
        .map(|(at, _)| at + MARK.len() + 64 + 2)
        .filter(|end| *end < fragment.len())
        .any(|end| Line::parse(&fragment[..end]).is_ok())
}

/// One line as it stands in the file.
pub struct RawLine<'a> {
    /// Without the line end; of a line that is far too long only the beginning.
    pub bytes: &'a [u8],
    /// Whether it has a line end.
    pub ended: bool,
    /// Of its first byte in what is read.
    pub offset: u64,
}

/// Lines of bytes, ended by `\n` and nothing else.
pub struct Lines<R> {
    reader: BufReader<R>,
    buffer: Vec<u8>,
    offset: u64,
}

impl<R: Read> Lines<R> {
    pub fn new(reader: R) -> Self {
        Self { reader: BufReader::with_capacity(1 << 18, reader), buffer: Vec::new(), offset: 0 }
    }

    #[allow(clippy::should_implement_trait, reason = "it lends its buffer")]
    pub fn next(&mut self) -> io::Result<Option<RawLine<'_>>> {
        self.buffer.clear();
        let offset = self.offset;
        let limit = LONGEST as u64 + 2;
        let mut read = self.reader.by_ref().take(limit).read_until(b'\n', &mut self.buffer)? as u64;
        if read == 0 {
            return Ok(None);
        }
        let mut ended = self.buffer.last() == Some(&b'\n');
        if ended {
            self.buffer.pop();
        } else if read == limit {
            read += self.reader.skip_until(b'\n')? as u64;
            // Too long to be a record either way; as a line it is refused by its length.
            ended = true;
        }
        self.offset += read;
        Ok(Some(RawLine { bytes: &self.buffer, ended, offset }))
    }
}
