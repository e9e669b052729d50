//! Properties of OOXML (`docProps/core.xml`, `docProps/custom.xml`; ECMA-376 part 2 section 11 and part 1 section 22.3) and of
//! `OpenDocument` (`meta.xml`; ODF 1.3 part 3 section 4.3) files.
//!
//! Only those small parts are unpacked, each to a bound; a DTD, which could make them explode, is refused by the XML reader.

use std::fs::File;
use std::io::{BufReader, Read};

use roxmltree::{Document as Xml, Node, ParsingOptions};
use zip::ZipArchive;
use zip::result::ZipError;

use super::property::{CREATOR, Said, TITLE, VERSION};
use crate::sources::text;

/// Longest part that is unpacked, in bytes.
const MAX_PART: u64 = 1024 * 1024;
/// Elements and texts of a part.
const MAX_NODES: u32 = 20_000;

type Container<'f> = ZipArchive<BufReader<&'f File>>;

/// Reads a container; `head` is its first bytes.
pub(super) fn read(file: &File, head: &[u8]) -> Result<Said, String> {
    if !head.starts_with(b"PK") {
        let what = text::magic(head).unwrap_or("no office file at all");
        return Err(format!("is not what its name says: it is {what}"));
    }
    let mut container = ZipArchive::new(BufReader::new(file)).map_err(|error| format!("is a damaged container: {error}"))?;
    let mut said = Said::default();
    if let Some(part) = part(&mut container, "meta.xml")? {
        open_document(&part, &mut said)?;
    }
    if let Some(part) = part(&mut container, "docProps/core.xml")? {
        core(&part, &mut said)?;
    }
    if let Some(part) = part(&mut container, "docProps/custom.xml")? {
        custom(&part, &mut said)?;
    }
    Ok(said)
}

fn part(container: &mut Container<'_>, name: &str) -> Result<Option<String>, String> {
    let part = match container.by_name(name) {
        Ok(part) => part,
        Err(ZipError::FileNotFound) => return Ok(None),
        Err(error) => return Err(format!("{name}: {error}")),
    };
    let mut bytes = Vec::new();
    part.take(MAX_PART + 1).read_to_end(&mut bytes).map_err(|error| format!("{name} is damaged: {error}"))?;
    if bytes.len() as u64 > MAX_PART {
        return Err(format!("{name} is longer than {MAX_PART} bytes, which no list of properties is"));
    }
    // Office writes UTF-8; the mark at the head tells when it does not.
    let encoding = encoding_rs::Encoding::for_bom(&bytes).map_or(encoding_rs::UTF_8, |(encoding, _)| encoding);
    let (text, _, malformed) = encoding.decode(&bytes);
    if malformed {
        return Err(format!("{name} is not {}", encoding.name()));
    }
    Ok(Some(text.into_owned()))
}

fn parse<'t>(name: &str, text: &'t str) -> Result<Xml<'t>, String> {
    // Entities could be made to explode: no DTD.
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    Xml::parse_with_options(text, options).map_err(|error| format!("{name}: {error}"))
}

fn words(node: Node<'_, '_>) -> String {
    let texts: Vec<&str> = node.descendants().filter(Node::is_text).filter_map(|text| text.text()).collect();
    texts.concat().trim().to_owned()
}

fn core(part: &str, said: &mut Said) -> Result<(), String> {
    let xml = parse("docProps/core.xml", part)?;
    for node in xml.root_element().children().filter(Node::is_element) {
        let name = match node.tag_name().name() {
            "title" => TITLE,
            "creator" => CREATOR,
            "version" => VERSION,
            "lastModifiedBy" => "last_modified_by",
            "created" => "created",
            "modified" => "modified",
            "contentStatus" => "content_status",
            _ => continue,
        };
        embed(said, name, words(node));
    }
    Ok(())
}

fn custom(part: &str, said: &mut Said) -> Result<(), String> {
    let xml = parse("docProps/custom.xml", part)?;
    for node in xml.root_element().children().filter(|node| node.has_tag_name_local("property")) {
        if let Some(name) = node.attribute("name") {
            said.declared.push((name.to_owned(), words(node)));
        }
    }
    Ok(())
}

fn open_document(part: &str, said: &mut Said) -> Result<(), String> {
    let xml = parse("meta.xml", part)?;
    let meta = xml.root_element().children().find(|node| node.has_tag_name_local("meta"));
    for node in meta.iter().flat_map(Node::children).filter(Node::is_element) {
        let name = match node.tag_name().name() {
            "title" => TITLE,
            "initial-creator" => CREATOR,
            "creator" => "last_modified_by",
            "creation-date" => "created",
            "date" => "modified",
            "user-defined" => {
                let name = node.attributes().find(|attribute| attribute.name() == "name");
                if let Some(name) = name {
                    said.declared.push((name.value().to_owned(), words(node)));
                }
                continue;
            }
            _ => continue,
        };
        embed(said, name, words(node));
    }
    Ok(())
}

fn embed(said: &mut Said, name: &'static str, value: String) {
    if !value.is_empty() {
        said.embedded.insert(name, value);
    }
}

/// Elements by local name: transitional and strict files put the same names into different namespaces.
trait Local {
    fn has_tag_name_local(&self, name: &str) -> bool;
}
impl Local for Node<'_, '_> {
    fn has_tag_name_local(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }
}
