//! What is converted: the files of the converters' own tests, and what is made here.
//!
//! Rule: a corpus that is missing is an error, and no short run.

use std::{
    fs,
    path::{Path, PathBuf},
};

use mail_parser::{MessageParser, MimeHeaders};
use postrider_convert::rtf::compressed::{compress, Compression};

use super::{conversion::Format, made, mails, Problem};

/// One thing that is converted.
pub struct Input {
    pub name: String,
    pub format: Format,
    pub octets: Vec<u8>,
}

/// All of it, always in the same order.
pub fn all() -> Result<Vec<Input>, Problem> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("convert/tests/fixtures");
    let mut files = Vec::new();
    walk(&folder, &mut files).map_err(|error| format!("{}: {error}", folder.display()))?;
    files.sort();
    let mut all = Vec::new();
    for file in &files {
        let name = file.strip_prefix(&folder)?.display().to_string();
        all.extend(of_file(name, fs::read(file)?)?);
    }
    if all.is_empty() {
        return Err(format!("{}: there is nothing to convert", folder.display()).into());
    }
    let made = [made::all()?, mails::all()?].concat();
    all.extend(made.into_iter().map(|(name, format, octets)| Input { name: name.to_owned(), format, octets }));
    let packed: Vec<Input> = all.iter().filter(|input| input.format == Format::Rtf).flat_map(packed).collect();
    all.extend(packed);
    Ok(all)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// A file is what its name says; a mail is that, and the `winmail.dat` in it.
fn of_file(name: String, octets: Vec<u8>) -> Result<Vec<Input>, Problem> {
    let extension = Path::new(&name).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let format = match extension {
        "rtf" => Format::Rtf,
        "html" => Format::Html,
        "txt" => Format::Text,
        "tnef" | "dat" => Format::Tnef,
        "eml" => {
            let mail = MessageParser::new().parse(&octets).ok_or_else(|| format!("{name} is no mail"))?;
            let is_tnef = |kind: &mail_parser::ContentType<'_>| kind.subtype() == Some("ms-tnef");
            let part = mail.parts.iter().find(|part| part.content_type().is_some_and(is_tnef));
            let tnef = part.map(|part| part.contents().to_vec());
            let tnef = tnef.map(|octets| Input { name: format!("{name}: TNEF"), format: Format::Tnef, octets });
            return Ok(tnef.into_iter().chain([Input { name, format: Format::Mail, octets }]).collect());
        }
        _ => return Ok(Vec::new()),
    };
    Ok(vec![Input { name, format, octets }])
}

/// RTF as Exchange carries it.
fn packed(input: &Input) -> [Input; 2] {
    [(Compression::Lzfu, "LZFu"), (Compression::Uncompressed, "MELA")].map(|(how, word)| Input {
        name: format!("{} in {word}", input.name),
        format: Format::CompressedRtf,
        octets: compress(&input.octets, how),
    })
}
