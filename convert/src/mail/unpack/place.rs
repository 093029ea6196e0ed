//! Where in a mail goes what a TNEF part holds.
//!
//! Rule: what is shown goes where the text was that the mail has for those who cannot read TNEF, files go where the TNEF was. A
//! level that would hold one part only is that part.

use super::{find::Stream, KEPT};
use crate::{
    mail::{insert::Insertion, Editor, Entity, Tree},
    tnef::mime::{write_fields, Content, Disposition, Part},
    Allowance, ConvertError,
};

/// The fields that a mail gets if it lacks them. Who it is from and for is the business of who sent it.
const ADDED: [&str; 8] =
    ["Subject", "Date", "Message-ID", "In-Reply-To", "References", "Importance", "X-Priority", "Sensitivity"];

/// Puts parts into a mail.
pub(super) struct Placing<'t, 'm> {
    tree: &'t Tree<'m>,
    editor: Editor<'t, 'm>,
    insertion: Insertion<'t, 'm>,
    /// The places of the entities that are TNEF, in their order.
    streams: Vec<usize>,
}

impl<'t, 'm> Placing<'t, 'm> {
    pub fn new(tree: &'t Tree<'m>, insertion: Insertion<'t, 'm>, streams: &[Stream<'m>]) -> Self {
        Placing { tree, editor: tree.edit(), insertion, streams: streams.iter().map(|stream| stream.at).collect() }
    }

    /// Nothing was put anywhere.
    pub fn is_empty(&self) -> bool {
        self.editor.is_empty()
    }

    pub fn finish(self, allowance: &mut Allowance) -> Result<Vec<u8>, ConvertError> {
        self.editor.write(allowance)
    }

    fn is_stream(&self, at: &usize) -> bool {
        self.streams.binary_search(at).is_ok()
    }

    /// The multipart in which it is.
    fn mixed(&self, at: usize) -> Option<&'t Entity> {
        let parent = self.tree.entities()[at].parent.and_then(|parent| self.tree.entities().get(parent))?;
        parent.is_multipart().then_some(parent)
    }

    /// The text that came with a TNEF part for those who cannot read it: it is before it in a `multipart/mixed`, which has no other
    /// TNEF before it.
    pub fn text_beside(&self, at: usize) -> Option<&'t Entity> {
        let mixed = self.mixed(at).filter(|mixed| mixed.is("multipart/mixed"))?;
        let first = *mixed.parts.first().filter(|first| **first != at)?;
        let stream = mixed.parts.iter().find(|part| self.is_stream(part));
        let text = self.tree.entities().get(first).filter(|_| stream == Some(&at))?;
        (text.is("text/plain") && !text.is_attachment()).then_some(text)
    }

    /// Puts what a TNEF part holds into its place, and into that of the text, if that is in it now.
    pub fn put(
        &mut self,
        at: usize,
        part: Part<'_>,
        takes_text: bool,
        allowance: &mut Allowance,
    ) -> Result<(), ConvertError> {
        let tnef = &self.tree.entities()[at];
        let mixed = self.mixed(at);
        let text = self.text_beside(at).filter(|_| takes_text);
        self.add_fields(at, mixed, &part);
        let Some(mixed) = mixed else { return self.become_part(tnef, &part, allowance) };
        if mixed.is("multipart/mixed") && mixed.parts.len() == 1 + usize::from(text.is_some()) {
            return self.become_part(mixed, &part, allowance);
        }
        let is_flat = mixed.is("multipart/mixed") && part.media_type == "multipart/mixed";
        let mut parts = match part.content {
            Content::Parts(parts) if is_flat => parts,
            _ => vec![part],
        };
        if let Some(text) = text {
            let body = parts.remove(0);
            let written = self.insertion.written(&body, text, allowance)?;
            self.editor.replace(text, written.octets());
        }
        if parts.is_empty() {
            self.editor.drop(tnef);
            return Ok(());
        }
        let delimiter = format!("\r\n--{}\r\n", mixed.boundary().unwrap_or_default());
        let mut all = Vec::new();
        for part in &parts {
            let written = self.insertion.written(part, tnef, allowance)?;
            let between = if all.is_empty() { "" } else { &delimiter };
            allowance.make(between.len())?;
            all.extend_from_slice(between.as_bytes());
            all.extend(written.octets());
        }
        self.editor.replace(tnef, all);
        Ok(())
    }

    /// An entity becomes another one, and keeps what it says besides its content.
    fn become_part(&mut self, entity: &Entity, part: &Part<'_>, allowance: &mut Allowance) -> Result<(), ConvertError> {
        let written = self.insertion.written(part, entity, allowance)?;
        self.editor.content_fields(entity, &written.fields);
        self.editor.body(entity, written.body);
        Ok(())
    }

    /// What the TNEF of a whole mail says, and the mail does not.
    fn add_fields(&mut self, at: usize, mixed: Option<&Entity>, part: &Part<'_>) {
        let top = mixed.unwrap_or(&self.tree.entities()[at]);
        let is_first = |mixed: &Entity| mixed.parts.iter().find(|part| self.is_stream(part)) == Some(&at);
        let holder = top.parent.and_then(|at| self.tree.entities().get(at));
        if !mixed.is_none_or(is_first) || holder.is_some_and(|holder| !holder.content_type.is_message()) {
            return;
        }
        let is_missing = |name: &str| self.tree.field(top, name).is_none();
        let fields = part.fields.iter().filter(|field| ADDED.contains(&field.name) && is_missing(field.name));
        let lines = write_fields(fields);
        if !lines.is_empty() {
            self.editor.add_fields(top, lines);
        }
    }
}

/// A text of the mail as a part that can be put elsewhere.
pub(super) fn as_part<'m>(tree: &Tree<'m>, text: &Entity, allowance: &mut Allowance) -> Result<Part<'m>, ConvertError> {
    let octets = tree.decoded(text, allowance, &mut crate::Flaws::default())?;
    let value = |name| text.content_type.parameter(name).map(|value| (name, value.to_owned()));
    Ok(Part {
        media_type: "text/plain".into(),
        parameters: ["charset", "format", "delsp"].into_iter().filter_map(value).collect(),
        content: Content::Octets(octets),
        ..Part::default()
    })
}

/// The same with the stream as a file beside it.
pub(super) fn with_original<'a>(mut part: Part<'a>, stream: &'a Stream<'_>) -> Part<'a> {
    let original = Part {
        media_type: "application/ms-tnef".into(),
        parameters: vec![(KEPT, "damaged".to_owned())],
        disposition: Some(Disposition::Attachment),
        file_name: Some(stream.name.clone().unwrap_or_else(|| "winmail.dat".to_owned())),
        content: Content::Octets(stream.octets.as_ref().into()),
        ..Part::default()
    };
    match &mut part.content {
        Content::Parts(parts) if part.media_type == "multipart/mixed" => {
            parts.push(original);
            part
        }
        _ => {
            let fields = std::mem::take(&mut part.fields);
            Part { fields, ..Part::multipart("multipart/mixed", vec![part, original]) }
        }
    }
}
