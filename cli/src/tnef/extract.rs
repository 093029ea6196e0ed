//! `postrider tnef extract`
//!
//! Rule: nothing is written before all of it was made and every name was found to be free.

use std::path::{Path, PathBuf};

use super::{
    held::{Held, Room},
    name::Names,
    streams::{failed, Streams},
    Extract,
};
use crate::{
    convert::input,
    exit,
    failure::{Done, Failure},
    folder::Folder,
    page::{self, size, Page},
};

/// Writes the files, and says which.
pub fn extract(how: &Extract) -> Done {
    let file = input::name(how.file.as_deref());
    let folder = Folder::open(&how.into)?;
    let octets = input::octets(how.file.as_deref())?;
    let streams = Streams::find(&file, &octets, how.bounds.limits())?;
    let mut flaws = streams.flaws.clone();
    let trees = streams.trees(&mut flaws)?;
    let (mut room, mut all) = (Room::to_write(streams.limits), Vec::new());
    for tree in &trees {
        all.extend(room.all(tree, how.bodies).map_err(|error| failed(&file, &error))?);
    }
    how.bounds.tell(&file, &flaws)?;
    let mut names = Names::default();
    let files: Vec<(PathBuf, Held<'_>)> =
        all.into_iter().enumerate().map(|(index, held)| (called(&held, index, &mut names).into(), held)).collect();
    if let Some((name, _)) = files.iter().find(|(name, _)| !how.force && folder.has(name)) {
        let path = page::told(&how.into.join(name).to_string_lossy());
        let text =
            format!("{path}: it is there already, so nothing was written; say --force, or another folder with --into");
        return Err(Failure::new(exit::CANNOT_CREATE, text));
    }
    let mut page = Page::new();
    for (name, held) in &files {
        match how.force {
            true => folder.replace(name, &held.octets)?,
            false => folder.create(name, &held.octets)?,
        }
        let path = how.into.join(name);
        page.line(format_args!("{}  {}", page::told(&path.to_string_lossy()), size(held.octets.len() as u64)))?;
    }
    page.end()
}

/// The name of its file.
fn called(held: &Held<'_>, index: usize, names: &mut Names) -> String {
    let kind = extension(&held.part.media_type);
    if held.is_body {
        return names.take(None, &format!("body.{kind}"));
    }
    let called = held.part.file_name.as_deref().map(|name| {
        let is_eml = Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("eml"));
        // A message is called what its subject is.
        if kind == "eml" && !is_eml {
            format!("{name}.eml")
        } else {
            name.to_owned()
        }
    });
    names.take(called.as_deref(), &format!("attachment-{}.{kind}", index + 1))
}

/// What files of this type are usually called, where the mail does not say it.
fn extension(media_type: &str) -> &'static str {
    match media_type {
        "text/plain" => "txt",
        "text/html" => "html",
        "text/calendar" => "ics",
        "text/vcard" | "text/x-vcard" => "vcf",
        "text/rtf" | "application/rtf" => "rtf",
        "message/rfc822" => "eml",
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/gif" => "gif",
        "application/pdf" => "pdf",
        "application/ms-tnef" => "dat",
        _ => "bin",
    }
}
