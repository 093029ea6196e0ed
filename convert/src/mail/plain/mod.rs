//! A mail as a text, for those who take nothing else: pagers, gateways to short messages, servers of lists.
//!
//! Rule: whoever reads the text knows what is not in it. Attachments are named where they stood, unless somebody says otherwise.

mod collect;

use self::collect::{Collected, Item};
use super::{
    encoding::{encode, Form},
    insert::Insertion,
    unpack::unpack_within,
    SignedMail, TnefOptions, Tree,
};
use crate::{html, Allowance, ConvertError, Converted, Flaws, Limits, Trouble};

/// What becomes of attachments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Attachments {
    /// A line says what it was: `[attachment: name, type, octets]`.
    #[default]
    Name,
    /// They go, and nothing says so.
    Drop,
    /// They stay as they are, behind the text, in a `multipart/mixed`. So do pictures that a page has shown.
    Keep,
}

/// How a mail becomes a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlainOptions {
    /// What becomes of attachments.
    pub attachments: Attachments,
    /// What happens to mail that is signed or encrypted.
    pub signed: SignedMail,
    /// How a text is made of a page. Text that flows gets lines of this length, too.
    pub text: html::TextOptions,
}

impl PlainOptions {
    /// The same with another choice for attachments.
    #[must_use]
    pub fn with_attachments(self, attachments: Attachments) -> Self {
        PlainOptions { attachments, ..self }
    }

    /// The same with another choice for mail that is signed or encrypted.
    #[must_use]
    pub fn with_signed(self, signed: SignedMail) -> Self {
        PlainOptions { signed, ..self }
    }

    /// The same with texts made in this way.
    #[must_use]
    pub fn with_text(self, text: html::TextOptions) -> Self {
        PlainOptions { text, ..self }
    }
}

/// The mail as one `text/plain` in UTF-8; `None`: it is one already, or is left alone.
///
/// Of alternatives the text is taken, else a text is made of the page or of the RTF. TNEF is unpacked first; what is no TNEF, though
/// it says so, is an attachment.
///
/// # Errors
/// [`ConvertError`]: a limit is reached.
///
/// ```
/// use postrider_convert::{mail::{plain_only, PlainOptions}, Limits};
/// let mail = b"Subject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Hello\r\n\
///     --b\r\nContent-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n--b--\r\n";
/// let plain = plain_only(mail, PlainOptions::default(), Limits::default())?.unwrap_or_default().output;
/// assert!(plain.starts_with(b"Subject: s\r\n"));
/// assert!(plain.ends_with(b"\r\n\r\nHello\r\n\r\n[attachment: a.png, image/png, 4 octets]\r\n"));
/// # Ok::<(), postrider_convert::ConvertError>(())
/// ```
pub fn plain_only(
    mail: &[u8],
    options: PlainOptions,
    limits: Limits,
) -> Result<Option<Converted<Vec<u8>>>, ConvertError> {
    let (mut allowance, mut flaws) = (Allowance::new(limits), Flaws::default());
    let allowance = &mut allowance;
    let tree = Tree::read_within(mail, allowance, &mut flaws)?;
    if is_plain(&tree, allowance)? || options.signed.leaves(tree.signed(allowance)?) {
        return Ok(None);
    }
    let tnef = TnefOptions::default().with_signed(options.signed);
    let output = match unpack_within(mail, tnef, allowance, &mut flaws) {
        Ok(Some(unpacked)) => {
            let tree = Tree::read_within(&unpacked, allowance, &mut Flaws::default())?;
            plain(&tree, options, allowance, &mut flaws)?
        }
        Ok(None) | Err(ConvertError::NotAllSeen) => plain(&tree, options, allowance, &mut flaws)?,
        Err(ConvertError::NotThis { .. }) => {
            flaws.note(Trouble::Malformed, 0, "TNEF");
            plain(&tree, options, allowance, &mut flaws)?
        }
        Err(error) => return Err(error),
    };
    Ok(Some(Converted { output, flaws }))
}

/// It is one text in a character set that every reader of UTF-8 reads.
fn is_plain(tree: &Tree<'_>, allowance: &mut Allowance) -> Result<bool, ConvertError> {
    let root = tree.root();
    if !root.is("text/plain") || !root.parts.is_empty() || root.is_attachment() {
        return Ok(false);
    }
    let charset = root.content_type.parameter("charset").unwrap_or("us-ascii").trim().to_ascii_lowercase();
    Ok(match charset.as_str() {
        "utf-8" => true,
        // An encoding may hide octets that are none of it.
        "us-ascii" => tree.decoded(root, allowance, &mut Flaws::default())?.is_ascii(),
        _ => false,
    })
}

fn plain(
    tree: &Tree<'_>,
    options: PlainOptions,
    allowance: &mut Allowance,
    flaws: &mut Flaws,
) -> Result<Vec<u8>, ConvertError> {
    let Collected { items, kept } = collect::collected(tree, options, allowance, flaws)?;
    let text = joined(&items);
    allowance.make(text.len())?;
    allowance.step(text.len())?;
    let (encoding, body) = encode(text.as_bytes(), Form::Text);
    allowance.make(body.len())?;
    let fields =
        format!("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {}\r\n", encoding.name());
    let mut editor = tree.edit();
    let root = tree.root();
    if kept.is_empty() {
        editor.content_fields(root, fields.as_bytes());
        editor.body(root, body);
        return editor.write(allowance);
    }
    let mut insertion = Insertion::new(tree, allowance)?;
    insertion.avoid(&body, allowance)?;
    let boundary = insertion.boundary();
    let encoding = tree.widest_encoding(root).name();
    let mixed = format!(
        "Content-Type: multipart/mixed;\r\n\tboundary=\"{boundary}\"\r\nContent-Transfer-Encoding: {encoding}\r\n"
    );
    let mut parts = format!("--{boundary}\r\n{fields}\r\n").into_bytes();
    parts.extend_from_slice(&body);
    for part in kept {
        allowance.make(part.len() + boundary.len() + 6)?;
        parts.extend_from_slice(format!("\r\n--{boundary}\r\n").as_bytes());
        parts.extend_from_slice(&part);
    }
    parts.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    editor.content_fields(root, mixed.as_bytes());
    editor.body(root, parts);
    editor.write(allowance)
}

/// Texts with an empty line between them, and lines about attachments, which stand together.
fn joined(items: &[Item]) -> String {
    let mut text = String::new();
    let mut was_line = false;
    for item in items {
        let (content, is_line) = match item {
            Item::Text(text) => (text.trim_end_matches(['\r', '\n']), false),
            Item::Attachment(line) => (line.as_str(), true),
        };
        if content.is_empty() {
            continue;
        }
        let is_list = was_line && is_line;
        if !text.is_empty() && !is_list {
            text.push('\n');
        }
        text.push_str(content);
        text.push('\n');
        was_line = is_line;
    }
    text
}
