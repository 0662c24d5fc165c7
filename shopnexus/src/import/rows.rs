//! Reading a file row by row, with bounded memory.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use serde_json::{Map, Value};

use crate::failure::{Context, Failure, Result};

/// The most bytes of one row. Far above any product; it keeps a file without line ends out of memory.
const ROW_MAX: usize = 1024 * 1024;

/// One row as it stands in the file.
pub(super) struct Found {
    /// The line on which it begins, from 1.
    pub(super) line: u64,
    /// How far into the file it reaches.
    pub(super) bytes: u64,
    /// Its fields, or why it has none.
    pub(super) fields: Result<Map<String, Value>, String>,
}

/// The rows of a file, one after the other.
pub(super) trait Rows {
    /// The next row; `None` after the last.
    fn next(&mut self) -> Result<Option<Found>>;
}

/// A file to import.
pub(super) struct Source {
    pub(super) bytes: u64,
    pub(super) rows: Box<dyn Rows>,
}

impl Source {
    /// Opens the file, whose name tells its format.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let cannot = || format!("{} cannot be read", path.display());
        let file = File::open(path).context(cannot)?;
        let metadata = file.metadata().context(cannot)?;
        if metadata.is_dir() {
            return Err(Failure::new(format!("{} is a directory", path.display())).mend("name a file"));
        }
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let rows: Box<dyn Rows> = match extension.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" => Box::new(Lines::new(BufReader::new(file))),
            "csv" => Box::new(Table::new(file)?),
            _ => {
                return Err(Failure::new(format!("{}: the format is not known", path.display()))
                    .mend("name it .jsonl (one JSON object a line) or .csv (a table with a head line)"));
            }
        };
        Ok(Self { bytes: metadata.len(), rows })
    }
}

/// One JSON object a line. Blank lines are passed over.
struct Lines<R> {
    reader: R,
    line: u64,
    bytes: u64,
}

impl<R: BufRead> Lines<R> {
    fn new(reader: R) -> Self {
        Self { reader, line: 0, bytes: 0 }
    }

    /// The next line without its end; `Err` when it is longer than a row may be, of which only the length is read.
    fn line(&mut self) -> io::Result<Option<Result<Vec<u8>, ()>>> {
        let mut line = Vec::new();
        let most = u64::try_from(ROW_MAX).expect("a megabyte fits");
        let read = (&mut self.reader).take(most).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(None);
        }
        self.line += 1;
        self.bytes += read as u64;
        if line.len() == ROW_MAX && line.last() != Some(&b'\n') {
            self.skip_line()?;
            return Ok(Some(Err(())));
        }
        Ok(Some(Ok(line)))
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return Ok(());
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(buffer.len(), |end| end + 1);
            self.reader.consume(used);
            self.bytes += used as u64;
            if end.is_some() {
                return Ok(());
            }
        }
    }
}

impl<R: BufRead> Rows for Lines<R> {
    fn next(&mut self) -> Result<Option<Found>> {
        loop {
            let Some(line) = self.line().context(|| "the file cannot be read any further".to_owned())? else {
                return Ok(None);
            };
            let fields = match &line {
                Err(()) => Err(format!("it is longer than {ROW_MAX} bytes")),
                Ok(line) => match std::str::from_utf8(line) {
                    Ok(text) if text.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']).is_empty() => continue,
                    Ok(text) => object(text.trim_start_matches('\u{feff}')),
                    Err(error) => Err(format!("it is not UTF-8 from byte {} on", error.valid_up_to() + 1)),
                },
            };
            return Ok(Some(Found { line: self.line, bytes: self.bytes, fields }));
        }
    }
}

fn object(text: &str) -> Result<Map<String, Value>, String> {
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err("it is JSON, but not an object".to_owned()),
        // The error names line 1 of the row; only the column tells something.
        Err(error) => Err(format!("it is not JSON from column {} on", error.column())),
    }
}

/// A table with a head line, by RFC 4180.
struct Table {
    reader: csv::Reader<Budget<File>>,
    names: Vec<String>,
    left: Rc<Cell<usize>>,
}

impl Table {
    fn new(file: File) -> Result<Self> {
        let left = Rc::new(Cell::new(BUDGET));
        let budget = Budget { inner: file, left: left.clone() };
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(budget);
        let head = reader.headers().context(|| "the head line cannot be read".to_owned())?;
        let names = head.iter().map(|name| name.trim_start_matches('\u{feff}').trim().to_lowercase()).collect();
        Ok(Self { reader, names, left })
    }
}

impl Rows for Table {
    fn next(&mut self) -> Result<Option<Found>> {
        self.left.set(BUDGET);
        let mut record = csv::ByteRecord::new();
        let line = self.reader.position().line();
        let more = self.reader.read_byte_record(&mut record);
        if !more.context(|| format!("the table cannot be read beyond line {line}; a quote may be open there"))? {
            return Ok(None);
        }
        let line = record.position().map_or(line, csv::Position::line);
        let fields = match record.len() {
            count if count > self.names.len() => {
                Err(format!("it has {count} cells, and the head line {}", self.names.len()))
            }
            _ => cells(&self.names, &record),
        };
        Ok(Some(Found { line, bytes: self.reader.position().byte(), fields }))
    }
}

fn cells(names: &[String], record: &csv::ByteRecord) -> Result<Map<String, Value>, String> {
    let pairs = names.iter().zip(record).map(|(name, cell)| match std::str::from_utf8(cell) {
        Ok(text) => Ok((name.clone(), Value::String(text.to_owned()))),
        Err(_) => Err(format!("{name}: it is not UTF-8")),
    });
    pairs.collect()
}

/// Bytes that may be read for one row: the row, and what is read ahead.
const BUDGET: usize = 2 * ROW_MAX;

/// Refuses to read more than the budget, so that an open quote does not swallow the file.
struct Budget<R> {
    inner: R,
    left: Rc<Cell<usize>>,
}

impl<R: Read> Read for Budget<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        if left == 0 {
            return Err(io::Error::other(format!("a row is longer than {ROW_MAX} bytes")));
        }
        let most = buffer.len().min(left);
        let read = self.inner.read(&mut buffer[..most])?;
        self.left.set(left - read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    type Numbered = (u64, Result<Map<String, Value>, String>);

    fn all(name: &str, bytes: &[u8]) -> Vec<Numbered> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(name);
        File::create(&path).unwrap().write_all(bytes).unwrap();
        let mut rows = Source::open(&path).unwrap().rows;
        let mut found = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            found.push((row.line, row.fields));
        }
        found
    }

    #[test]
    fn a_broken_line_is_told_and_the_next_one_read() {
        let mut bytes = b"\xef\xbb\xbf{\"name\": \"one\"}\n\n{broken\n{\"name\": \"\xff\"}\n[1]\n".to_vec();
        bytes.extend(vec![b'x'; ROW_MAX + 10]);
        bytes.extend(b"\n{\"name\": \"last\"}");
        let rows = all("rows.jsonl", &bytes);
        let lines: Vec<u64> = rows.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 3, 4, 5, 6, 7]);
        let fine: Vec<bool> = rows.iter().map(|(_, fields)| fields.is_ok()).collect();
        assert_eq!(fine, [true, false, false, false, false, true]);
        assert!(rows[1].1.as_ref().unwrap_err().contains("column"), "{rows:?}");
    }

    #[test]
    fn a_table_is_read_by_its_head_line() {
        let rows = all("rows.csv", b"\xef\xbb\xbfName,Price\n\"a \"\"b\"\"\nc\",5\nshort\n1,2,3\n\xff,1\n");
        let fields = rows[0].1.as_ref().unwrap();
        assert_eq!((fields["name"].as_str(), fields["price"].as_str()), (Some("a \"b\"\nc"), Some("5")));
        assert_eq!((rows[1].0, rows[1].1.as_ref().unwrap().len()), (4, 1));
        assert!(rows[2].1.as_ref().unwrap_err().contains("3 cells") && rows[3].1.is_err(), "{rows:?}");
    }

    #[test]
    fn an_open_quote_does_not_swallow_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("rows.csv");
        let mut bytes = b"name,price\n\"open,5\n".to_vec();
        bytes.extend(b"cup,5\n".repeat(BUDGET / 4));
        std::fs::write(&path, bytes).unwrap();
        let mut rows = Source::open(&path).unwrap().rows;
        let why = rows.next().err().unwrap().to_string();
        assert!(why.contains("quote") && why.contains("longer"), "{why}");
    }
}
