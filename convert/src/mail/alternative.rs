//! A mail with the alternative that its body lacks (RFC 2046, 5.1.4).
//!
//! Rule: the body stays octet for octet and becomes one of the alternatives, with all that it shows (RFC 2387). Who has chosen
//! alternatives has chosen: none is added where its kind is there, and none to a calendar.

use super::{insert::Insertion, Editor, Encoding, Entity, SignedMail, Tree};
use crate::{
    html, text,
    tnef::mime::{Part, Written},
    Allowance, ConvertError, Converted, Flaws, Limits,
};

/// Which alternative is made where it is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Missing {
    /// A text of a page.
    #[default]
    Text,
    /// A page of a text.
    Html,
    /// Each of the two.
    Both,
}

/// How alternatives are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlternativeOptions {
    /// Which are made.
    pub missing: Missing,
    /// What happens to mail that is signed or encrypted.
    pub signed: SignedMail,
    /// How a text is made of a page.
    pub text: html::TextOptions,
    /// Addresses in a text do not become links in its page.
    pub has_no_links: bool,
}

impl AlternativeOptions {
    /// The same with another choice of what is made.
    #[must_use]
    pub fn with_missing(self, missing: Missing) -> Self {
        AlternativeOptions { missing, ..self }
    }

    /// The same with another choice for mail that is signed or encrypted.
    #[must_use]
    pub fn with_signed(self, signed: SignedMail) -> Self {
        AlternativeOptions { signed, ..self }
    }

    /// The same with texts made in this way.
    #[must_use]
    pub fn with_text(self, text: html::TextOptions) -> Self {
        AlternativeOptions { text, ..self }
    }

    /// The same with or without links in pages.
    #[must_use]
    pub fn with_links(self, has_links: bool) -> Self {
        AlternativeOptions { has_no_links: !has_links, ..self }
    }
}

/// The mail with the alternative that its body lacks; `None`: it lacks none, or is left alone.
///
/// The body is the first text or page that is shown. Within `multipart/related` the whole group is the alternative.
///
/// # Errors
/// [`ConvertError`]: a limit is reached. The mail is good as it is.
///
/// ```
/// use postrider_convert::{mail::{text_alternative, AlternativeOptions}, Limits};
/// let mail = b"Subject: s\r\nContent-Type: text/html\r\n\r\n<p>Hello\r\n";
/// let both = text_alternative(mail, AlternativeOptions::default(), Limits::default())?.unwrap_or_default().output;
/// let both = String::from_utf8_lossy(&both);
/// assert!(both.starts_with("Subject: s\r\n") && both.contains("multipart/alternative"));
/// assert!(both.contains("\r\n\r\nHello\r\n") && both.contains("Content-Type: text/html\r\n\r\n<p>Hello\r\n"));
/// # Ok::<(), postrider_convert::ConvertError>(())
/// ```
pub fn text_alternative(
    mail: &[u8],
    options: AlternativeOptions,
    limits: Limits,
) -> Result<Option<Converted<Vec<u8>>>, ConvertError> {
    let (mut allowance, mut flaws) = (Allowance::new(limits), Flaws::default());
    let allowance = &mut allowance;
    let tree = Tree::read_within(mail, allowance, &mut flaws)?;
    let Some(Found::Body(body)) = tree.body_from(0) else { return Ok(None) };
    let is_page = tree.entities()[body.leaf].is("text/html");
    let is_wanted = match options.missing {
        Missing::Text => is_page,
        Missing::Html => !is_page,
        Missing::Both => true,
    };
    if !is_wanted || options.signed.leaves(tree.signed(allowance)?) {
        return Ok(None);
    }
    let Some(part) = made(&tree, &body, options, allowance, &mut flaws)? else { return Ok(None) };
    let mut insertion = Insertion::new(&tree, allowance)?;
    let whole = &tree.entities()[body.whole];
    let written = insertion.written(&part, whole, allowance)?;
    let mut editor = tree.edit();
    match body.alternative {
        Some(alternative) => add(&mut editor, &tree, alternative, &written, is_page),
        None => wrap(&mut editor, &tree, whole, &written, is_page, &insertion.boundary()),
    }
    let output = editor.write(allowance)?;
    Ok(Some(Converted { output, flaws }))
}

/// The body of a mail: places of entities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Body {
    /// The text or the page.
    leaf: usize,
    /// It, with all that it shows.
    whole: usize,
    /// The `multipart/alternative` in which it is.
    alternative: Option<usize>,
}

enum Found {
    Body(Body),
    /// What is shown is something else, or has its alternatives.
    Nothing,
}

impl Tree<'_> {
    /// The body within this entity; `None`: nothing of it is shown.
    fn body_from(&self, at: usize) -> Option<Found> {
        let entity = self.entities().get(at)?;
        if entity.is_attachment() {
            return None;
        }
        match entity.content_type.media_type.as_str() {
            "text/html" | "text/plain" => Some(Found::Body(Body { leaf: at, whole: at, alternative: None })),
            "multipart/mixed" => entity.parts.iter().find_map(|part| self.body_from(*part)),
            "multipart/related" => match self.body_from(self.related_root(entity)?) {
                Some(Found::Body(body)) if body.alternative.is_none() => Some(Found::Body(Body { whole: at, ..body })),
                other => other.or(Some(Found::Nothing)),
            },
            "multipart/alternative" => Some(self.only_alternative(at, entity).unwrap_or(Found::Nothing)),
            kind if kind.starts_with("multipart/") => Some(Found::Nothing),
            "text/calendar" | "message/rfc822" => Some(Found::Nothing),
            _ => None,
        }
    }

    /// The part of a `multipart/related` that shows the others (RFC 2387, 3.2).
    pub(super) fn related_root(&self, related: &Entity) -> Option<usize> {
        let start = related.content_type.parameter("start").map(|id| id.trim().trim_matches(['<', '>']));
        let is_start = |part: &&usize| start.is_some() && self.entities()[**part].content_id.as_deref() == start;
        related.parts.iter().find(is_start).or(related.parts.first()).copied()
    }

    /// The body of a choice that is none: text only, or pages only.
    fn only_alternative(&self, at: usize, entity: &Entity) -> Option<Found> {
        let [only] = entity.parts.as_slice() else { return None };
        match self.body_from(*only)? {
            Found::Body(body) if body.alternative.is_none() => {
                Some(Found::Body(Body { alternative: Some(at), whole: *only, ..body }))
            }
            _ => None,
        }
    }

    /// The encoding that a multipart of this entity has to declare (RFC 2045, 6.4).
    pub(super) fn widest_encoding(&self, entity: &Entity) -> Encoding {
        let range = entity.range();
        let within = self.entities().iter().filter(|one| range.start <= one.header.start && one.body.end <= range.end);
        let widest = within.map(|one| match one.encoding {
            Encoding::Binary | Encoding::Unknown => 2,
            Encoding::EightBit => 1,
            _ => 0,
        });
        [Encoding::SevenBit, Encoding::EightBit, Encoding::Binary][widest.max().unwrap_or(0)]
    }
}

/// The alternative; `None`: it would say nothing.
fn made(
    tree: &Tree<'_>,
    body: &Body,
    options: AlternativeOptions,
    allowance: &mut Allowance,
    flaws: &mut Flaws,
) -> Result<Option<Part<'static>>, ConvertError> {
    let leaf = &tree.entities()[body.leaf];
    let (kind, made) = if leaf.is("text/html") {
        let page = tree.page(leaf, allowance, flaws)?;
        allowance.step(page.len())?;
        ("text/plain", html::to_text(&page, options.text, allowance.rest())?)
    } else {
        let text = tree.text(leaf, allowance, flaws)?;
        if text.trim().is_empty() {
            return Ok(None);
        }
        allowance.step(text.len())?;
        let options = text::HtmlOptions::default().with_flowed(leaf.flowed()).with_links(!options.has_no_links);
        ("text/html", text::to_html(&text, options, allowance.rest())?)
    };
    allowance.make(made.output.len())?;
    flaws.extend(made.flaws);
    Ok((!made.output.trim().is_empty()).then(|| Part::text(kind, made.output)))
}

/// The body and its alternative, the richer one last, in the place of the body.
fn wrap(
    editor: &mut Editor<'_, '_>,
    tree: &Tree<'_>,
    whole: &Entity,
    written: &Written,
    is_page: bool,
    boundary: &str,
) {
    let encoding = tree.widest_encoding(whole).name();
    let fields = format!(
        "Content-Type: multipart/alternative;\r\n\tboundary=\"{boundary}\"\r\nContent-Transfer-Encoding: {encoding}\r\n"
    );
    let (delimiter, end) = (format!("--{boundary}\r\n"), format!("\r\n--{boundary}--\r\n"));
    let next = format!("\r\n{delimiter}");
    let part = written.octets();
    if is_page {
        let before = [delimiter.as_bytes(), &part, next.as_bytes()].concat();
        editor.wrap(whole, fields.as_bytes(), &before, end.into_bytes());
    } else {
        let behind = [next.as_bytes(), &part, end.as_bytes()].concat();
        editor.wrap(whole, fields.as_bytes(), delimiter.as_bytes(), behind);
    }
}

/// One more alternative in a multipart that has the body alone.
fn add(editor: &mut Editor<'_, '_>, tree: &Tree<'_>, alternative: usize, written: &Written, is_page: bool) {
    let entity = &tree.entities()[alternative];
    let Some(only) = entity.parts.first().and_then(|part| tree.entities().get(*part)) else { return };
    let delimiter = format!("\r\n--{}\r\n", entity.boundary().unwrap_or_default());
    if is_page {
        editor.put_before(only, [&written.octets(), delimiter.as_bytes()].concat());
    } else {
        editor.put_behind(only, [delimiter.as_bytes(), &written.octets()].concat());
    }
}
