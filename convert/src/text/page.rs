//! Text → HTML: a page that looks as the text did, with its quotes, its signature and its links.
//!
//! Rule: every line is a line, every blank is seen, and nothing in the text is markup: what it says is escaped, and its links lead
//! to where nothing is run. `html::to_text` gives the text again.

use std::borrow::Cow;

use super::{
    flowed::{lines, paragraphs, Flowed, Line, SIGNATURE},
    links::Links,
};
use crate::{html::escape, Allowance, ConvertError, Converted, Flaws, Limits, Trouble};

type Done = Result<(), ConvertError>;

/// What stands around a page. It says its character set, whoever writes it to where.
const HEAD: &str = "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head><body>\n";
const FOOT: &str = "</body></html>\n";
/// Quotes have a line at their side, and no gap around them: the text has the gaps that it has.
const QUOTE: &str =
    "<blockquote type=\"cite\" style=\"margin:0 0 0 .8ex;border-left:2px solid #ccc;padding-left:1ex\">\n";
const UNQUOTE: &str = "</blockquote>\n";
const SIGNED: &str = "<div class=\"signature\" style=\"color:#666\">";
const UNSIGNED: &str = "</div>\n";
const BREAK: &str = "<br>\n";

/// How a page is made of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HtmlOptions {
    /// The text flows (`format=flowed`). `None`: each line is as long as it is.
    pub flowed: Option<Flowed>,
    /// Addresses become links.
    pub has_links: bool,
}

impl HtmlOptions {
    /// The same of text that flows, or does not.
    #[must_use]
    pub fn with_flowed(self, flowed: Option<Flowed>) -> Self {
        HtmlOptions { flowed, ..self }
    }

    /// The same with or without links.
    #[must_use]
    pub fn with_links(self, has_links: bool) -> Self {
        HtmlOptions { has_links, ..self }
    }
}

impl Default for HtmlOptions {
    /// Text that does not flow, with links.
    fn default() -> Self {
        HtmlOptions { flowed: None, has_links: true }
    }
}

/// The page that this text is.
///
/// # Errors
/// [`ConvertError`]: a limit is reached. Whatever the text is, it is a page.
///
/// ```
/// use postrider_convert::{text, Limits};
/// let page = text::to_html("1 < 2, see www.a.example.\n> so?\n", text::HtmlOptions::default(), Limits::default())?.output;
/// assert!(page.contains("1 &lt; 2, see <a href=\"http://www.a.example\">www.a.example</a>.<br>"));
/// assert!(page.contains("so?<br>\n</blockquote>"));
/// # Ok::<(), postrider_convert::ConvertError>(())
/// ```
pub fn to_html(text: &str, options: HtmlOptions, limits: Limits) -> Result<Converted<String>, ConvertError> {
    let mut writer = Writer {
        html: String::new(),
        depth: 0,
        is_signed: false,
        links: options.has_links.then(Links::new),
        left: Allowance::new(limits),
        flaws: Flaws::default(),
    };
    writer.left.step(text.len())?;
    writer.push(HEAD)?;
    match options.flowed {
        Some(flowed) => paragraphs(text, flowed).try_for_each(|line| writer.line(line))?,
        None => lines(text).try_for_each(|(at, line)| writer.line(quoted(line, at)))?,
    }
    writer.quote(0)?;
    writer.unsign()?;
    writer.push(FOOT)?;
    Ok(Converted { output: writer.html, flaws: writer.flaws })
}

/// A line that does not flow. Blanks may stand among its quote marks.
fn quoted(line: &str, at: usize) -> Line<'_> {
    let (mut depth, mut rest) = (0, line);
    while let Some(behind) = rest.strip_prefix('>') {
        depth += 1;
        rest = behind;
        if let Some(behind) = rest.strip_prefix(' ').filter(|behind| behind.starts_with('>')) {
            rest = behind;
        }
    }
    if depth > 0 {
        rest = rest.strip_prefix(' ').unwrap_or(rest);
    }
    Line { depth, at, text: rest.into() }
}

struct Writer {
    html: String,
    depth: usize,
    /// A signature has begun at this depth.
    is_signed: bool,
    links: Option<Links>,
    left: Allowance,
    flaws: Flaws,
}

impl Writer {
    fn push(&mut self, html: &str) -> Done {
        self.left.make(html.len())?;
        self.html.push_str(html);
        Ok(())
    }

    /// A signature that has begun ends.
    fn unsign(&mut self) -> Done {
        if std::mem::take(&mut self.is_signed) {
            self.push(UNSIGNED)?;
        }
        Ok(())
    }

    /// What follows is quoted so often.
    fn quote(&mut self, depth: usize) -> Done {
        if self.depth != depth {
            self.unsign()?;
        }
        while self.depth > depth {
            self.depth -= 1;
            self.push(UNQUOTE)?;
        }
        while self.depth < depth {
            self.depth += 1;
            self.push(QUOTE)?;
        }
        Ok(())
    }

    fn line(&mut self, line: Line<'_>) -> Done {
        let Line { depth, at, mut text } = line;
        let most = self.left.depth();
        if depth > most {
            self.flaws.note(Trouble::TooDeep, at, "quote");
            text = Cow::Owned(format!("{} {text}", ">".repeat(depth - most)));
        }
        self.quote(depth.min(most))?;
        if text == SIGNATURE && !self.is_signed {
            self.is_signed = true;
            self.push(SIGNED)?;
        }
        self.content(&text)?;
        self.push(BREAK)
    }

    fn content(&mut self, text: &str) -> Done {
        let Some(links) = self.links.take() else { return self.text(text, true) };
        let mut end = 0;
        let done = links.of(text).try_for_each(|link| {
            self.text(&text[end..link.place.start], end == 0)?;
            end = link.place.end;
            self.link(link.scheme, &text[link.place])
        });
        self.links = Some(links);
        done?;
        self.text(&text[end..], end == 0)
    }

    fn text(&mut self, text: &str, is_first: bool) -> Done {
        self.left.make(text.len())?;
        let before = self.html.len();
        escape::text(&mut self.html, text, is_first);
        self.left.make((self.html.len() - before).saturating_sub(text.len()))
    }

    fn link(&mut self, scheme: &str, address: &str) -> Done {
        self.push("<a href=\"")?;
        self.push(scheme)?;
        let before = self.html.len();
        escape::attribute(&mut self.html, address);
        self.left.make(self.html.len() - before)?;
        self.push("\">")?;
        self.text(address, false)?;
        self.push("</a>")
    }
}
