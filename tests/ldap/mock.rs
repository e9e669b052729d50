//! A directory server that speaks just enough LDAP to do, on demand, what real servers do rarely: cut the connection in mid-page,
//! give `member` in parts, cap or ignore paging, dawdle, lie. It shares no code with the product: BER is written here a second time.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

pub(crate) type Values = Vec<Vec<u8>>;

#[derive(Clone, Default)]
pub(crate) struct Entry {
    pub(crate) dn: String,
    pub(crate) attributes: Vec<(String, Values)>,
}

pub(crate) fn entry(dn: &str, attributes: &[(&str, &[&str])]) -> Entry {
    let attributes = attributes
        .iter()
        .map(|(name, values)| ((*name).to_owned(), values.iter().map(|v| v.as_bytes().to_vec()).collect()))
        .collect();
    Entry { dn: dn.to_owned(), attributes }
}

/// What the server is, and what it does to its clients.
#[derive(Clone, Default)]
pub(crate) struct Manners {
    pub(crate) root: BTreeMap<&'static str, Vec<String>>,
    pub(crate) entries: Vec<Entry>,
    /// Pages never hold more (Active Directory's MaxPageSize).
    pub(crate) max_page: Option<usize>,
    /// Pages of this size or more are not pages: the size limit applies (IBM).
    pub(crate) paging_below: Option<usize>,
    /// Attributes with more values come in parts of this many.
    pub(crate) part: Option<usize>,
    /// On connections before this one, everything ends after so many bytes were sent.
    pub(crate) cut: Option<(usize, usize)>,
    /// Before each answer.
    pub(crate) pause: Duration,
    /// Entries that only the attribute-less count sees.
    pub(crate) hidden: usize,
    /// Sent in the place of the answer to the first search of entries.
    pub(crate) instead: Option<Vec<u8>>,
    /// Cookies without entries, for ever.
    pub(crate) endless: bool,
    /// A continuation reference sent with every subtree search.
    pub(crate) reference: Option<String>,
}

pub(crate) struct Mock {
    pub(crate) port: u16,
    connections: Arc<AtomicUsize>,
}

impl Mock {
    pub(crate) fn url(&self) -> String {
        format!("url = 'ldap://127.0.0.1:{}'\n", self.port)
    }
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

pub(crate) fn start(manners: Manners) -> Mock {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    let manners = Arc::new(manners);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let number = counter.fetch_add(1, Ordering::SeqCst);
            let manners = Arc::clone(&manners);
            // A client that goes away ends the thread with an error, which is its business.
            std::thread::spawn(move || drop(Peer { stream: stream.unwrap(), manners, number, sent: 0 }.serve()));
        }
    });
    Mock { port, connections }
}

pub(crate) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let mut out = vec![tag];
    match body.len() {
        length @ 0..128 => out.push(u8::try_from(length).unwrap()),
        length => {
            // Four bytes always, as Active Directory writes them.
            out.push(0x84);
            out.extend(u32::try_from(length).unwrap().to_be_bytes());
        }
    }
    out.extend(body);
    out
}

fn read_tlv(bytes: &[u8]) -> (u8, &[u8], &[u8]) {
    let (tag, first) = (bytes[0], bytes[1]);
    let (length, head) = if first < 128 {
        (usize::from(first), 2)
    } else {
        let count = usize::from(first & 0x7F);
        (bytes[2..2 + count].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), 2 + count)
    };
    (tag, &bytes[head..head + length], &bytes[head + length..])
}

/// A search as it was asked.
struct Search {
    base: String,
    scope: u8,
    attributes: Vec<String>,
    /// Size and cookie.
    paging: Option<(usize, usize)>,
}

struct Peer {
    stream: TcpStream,
    manners: Arc<Manners>,
    number: usize,
    sent: usize,
}

impl Peer {
    fn serve(mut self) -> std::io::Result<()> {
        loop {
            let message = self.receive()?;
            let (_, body, _) = read_tlv(&message);
            let (_, id, rest) = read_tlv(body);
            let id = tlv(2, &[id]);
            let (operation, request, controls) = read_tlv(rest);
            match operation {
                0x60 => self.answer(&id, &[tlv(0x61, &[&[10, 1, 0], &[4, 0], &[4, 0]])])?,
                0x63 => {
                    let search = parse(request, controls);
                    std::thread::sleep(self.manners.pause);
                    self.search(&id, &search)?;
                }
                _ => return Ok(()),
            }
        }
    }

    fn receive(&mut self) -> std::io::Result<Vec<u8>> {
        let mut bytes = vec![0; 2];
        self.stream.read_exact(&mut bytes)?;
        let mut length = usize::from(bytes[1]);
        if length >= 128 {
            let mut more = vec![0; length & 0x7F];
            self.stream.read_exact(&mut more)?;
            length = more.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            bytes.extend(more);
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        bytes.extend(body);
        Ok(bytes)
    }

    fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        if let Some((connections, after)) = self.manners.cut
            && self.number < connections
            && self.sent + bytes.len() > after
        {
            self.stream.write_all(&bytes[..after - self.sent])?;
            return Err(std::io::Error::other("cut"));
        }
        self.sent += bytes.len();
        self.stream.write_all(bytes)
    }

    fn answer(&mut self, id: &[u8], parts: &[Vec<u8>]) -> std::io::Result<()> {
        let parts: Vec<&[u8]> = std::iter::once(id).chain(parts.iter().map(Vec::as_slice)).collect();
        self.send(&tlv(0x30, &parts))
    }

    fn done(&mut self, id: &[u8], rc: u8, text: &str, cookie: Option<&str>) -> std::io::Result<()> {
        let mut parts = vec![tlv(0x65, &[&[10, 1, rc], &[4, 0], &tlv(4, &[text.as_bytes()])])];
        if let Some(cookie) = cookie {
            let value = tlv(0x30, &[&[2, 1, 0], &tlv(4, &[cookie.as_bytes()])]);
            parts.push(tlv(0xA0, &[&tlv(0x30, &[&tlv(4, &[b"1.2.840.113556.1.4.319"]), &tlv(4, &[&value])])]));
        }
        self.answer(id, &parts)
    }

    fn search(&mut self, id: &[u8], search: &Search) -> std::io::Result<()> {
        let manners = Arc::clone(&self.manners);
        if search.base.is_empty() && search.scope == 0 {
            let attributes: Vec<(String, Values)> = manners
                .root
                .iter()
                .map(|(name, values)| ((*name).to_owned(), values.iter().map(|v| v.as_bytes().to_vec()).collect()))
                .collect();
            self.answer(id, &[encode("", &attributes)])?;
            return self.done(id, 0, "", None);
        }
        if let Some(bytes) = &manners.instead {
            self.send(bytes)?;
            std::thread::sleep(Duration::from_secs(5));
            return Ok(());
        }
        if manners.endless {
            return self.done(id, 0, "", Some("again"));
        }
        let base = search.base.to_lowercase();
        let mut found: Vec<&Entry> = manners
            .entries
            .iter()
            .filter(|entry| {
                let dn = entry.dn.to_lowercase();
                if search.scope == 0 { dn == base } else { dn == base || dn.ends_with(&format!(",{base}")) }
            })
            .collect();
        let hidden = Entry::default();
        if search.attributes == ["1.1"] {
            found.extend(std::iter::repeat_n(&hidden, manners.hidden));
        }
        let (size, from) = match search.paging {
            Some((size, from)) if manners.paging_below.is_none_or(|limit| size < limit) => {
                (size.min(manners.max_page.unwrap_or(size)), from)
            }
            _ => (manners.paging_below.unwrap_or(usize::MAX), 0),
        };
        for entry in found.iter().skip(from).take(size) {
            let attributes = self.attributes(entry, &search.attributes);
            self.answer(id, &[encode(&entry.dn, &attributes)])?;
        }
        let to = from.saturating_add(size);
        if let (Some(url), true) = (&manners.reference, search.scope == 2 && search.attributes != ["1.1"]) {
            self.answer(id, &[tlv(0x73, &[&tlv(4, &[url.as_bytes()])])])?;
        }
        match search.paging {
            Some((asked, _)) if manners.paging_below.is_none_or(|limit| asked < limit) => {
                let cookie = if to < found.len() { to.to_string() } else { String::new() };
                self.done(id, 0, "", Some(&cookie))
            }
            _ if to < found.len() => self.done(id, 4, "size limit", None),
            _ => self.done(id, 0, "", None),
        }
    }

    /// What was asked for, long ones in parts. Servers send what they were not asked for only when they are broken: see `userPassword`.
    fn attributes(&self, entry: &Entry, asked: &[String]) -> Vec<(String, Values)> {
        let mut out = vec![];
        for (name, values) in &entry.attributes {
            for asked in asked {
                let (wanted, range) =
                    asked.split_once(";range=").map_or((asked.as_str(), None), |(name, range)| (name, Some(range)));
                if !wanted.eq_ignore_ascii_case(name) {
                    continue;
                }
                match (self.manners.part, range) {
                    (Some(part), None) if values.len() > part => {
                        out.push((name.clone(), vec![]));
                        out.push((format!("{name};range=0-{}", part - 1), values[..part].to_vec()));
                    }
                    (Some(part), Some(range)) => {
                        let low: usize = range.split('-').next().unwrap().parse().unwrap();
                        let high = (low + part).min(values.len());
                        let end = if high == values.len() { "*".to_owned() } else { (high - 1).to_string() };
                        out.push((format!("{name};range={low}-{end}"), values[low..high].to_vec()));
                    }
                    _ => out.push((name.clone(), values.clone())),
                }
            }
            if name == "userPassword" && asked != ["1.1"] {
                out.push((name.clone(), values.clone()));
            }
        }
        out
    }
}

fn encode(dn: &str, attributes: &[(String, Values)]) -> Vec<u8> {
    let mut list = vec![];
    for (name, values) in attributes {
        let values: Vec<u8> = values.iter().flat_map(|value| tlv(4, &[value])).collect();
        list.extend(tlv(0x30, &[&tlv(4, &[name.as_bytes()]), &tlv(0x31, &[&values])]));
    }
    tlv(0x64, &[&tlv(4, &[dn.as_bytes()]), &tlv(0x30, &[&list])])
}

fn parse(request: &[u8], controls: &[u8]) -> Search {
    let (_, base, rest) = read_tlv(request);
    let (_, scope, mut rest) = read_tlv(rest);
    // deref, size, time, types only, filter
    for _ in 0..5 {
        rest = read_tlv(rest).2;
    }
    let mut list = read_tlv(rest).1;
    let mut attributes = vec![];
    while !list.is_empty() {
        let (_, name, more) = read_tlv(list);
        attributes.push(String::from_utf8(name.to_vec()).unwrap());
        list = more;
    }
    let paging = (!controls.is_empty()).then(|| {
        let (_, control, _) = read_tlv(read_tlv(controls).1);
        let (_, _, rest) = read_tlv(control);
        let (_, _, rest) = read_tlv(rest);
        let (_, value, _) = read_tlv(read_tlv(rest).1);
        let (_, size, cookie) = read_tlv(value);
        let cookie = String::from_utf8(read_tlv(cookie).1.to_vec()).unwrap();
        (size.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), cookie.parse().unwrap_or(0))
    });
    Search { base: String::from_utf8(base.to_vec()).unwrap(), scope: scope[0], attributes, paging }
}
