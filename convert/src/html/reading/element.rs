//! What each element is for the text of a page.
//!
//! Rule: an element that is not known stands in its line, as in a browser.

/// What an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Part of a line.
    Inline,
    /// Lines of its own.
    Block,
    /// Lines of its own, with a gap before and behind them.
    Spaced,
    /// A paragraph: any block ends it.
    Paragraph,
    /// A heading of this level.
    Heading(u8),
    /// A list; true: with numbers.
    List(bool),
    Item,
    /// What is explained in a list, and what explains it.
    Term,
    Detail,
    /// Quoted lines.
    Quote,
    /// White space is kept.
    Pre,
    Table,
    /// Head, body or foot of a table.
    Group,
    Row,
    Cell,
    Caption,
    Link,
    /// Words in quotation marks.
    Words,
    /// Nothing in it is shown.
    Gone,
    /// The page itself: it makes no difference.
    Page,
    Break,
    Rule,
    Image,
    /// It has neither content nor text.
    Void,
}

impl Role {
    /// What this name stands for.
    pub(crate) fn of(name: &[u8]) -> Role {
        match name {
            b"div" | b"address" | b"article" | b"aside" | b"center" | b"details" | b"dialog" | b"fieldset"
            | b"figcaption" | b"footer" | b"form" | b"header" | b"hgroup" | b"legend" | b"main" | b"nav"
            | b"search" | b"section" | b"summary" | b"optgroup" => Role::Block,
            b"p" => Role::Paragraph,
            b"td" | b"th" => Role::Cell,
            b"tr" => Role::Row,
            b"table" => Role::Table,
            b"tbody" | b"thead" | b"tfoot" => Role::Group,
            b"a" => Role::Link,
            b"br" => Role::Break,
            b"img" => Role::Image,
            b"hr" => Role::Rule,
            b"li" => Role::Item,
            b"ul" | b"menu" | b"dir" => Role::List(false),
            b"ol" => Role::List(true),
            b"blockquote" => Role::Quote,
            b"pre" | b"xmp" | b"listing" | b"plaintext" => Role::Pre,
            b"h1" => Role::Heading(1),
            b"h2" => Role::Heading(2),
            b"h3" | b"h4" | b"h5" | b"h6" => Role::Heading(3),
            b"dl" | b"figure" => Role::Spaced,
            b"dt" => Role::Term,
            b"dd" => Role::Detail,
            b"caption" => Role::Caption,
            b"q" => Role::Words,
            b"html" | b"head" | b"body" => Role::Page,
            b"script" | b"style" | b"title" | b"template" | b"textarea" | b"select" | b"datalist" | b"iframe"
            | b"noembed" | b"noframes" | b"svg" | b"math" | b"audio" | b"video" | b"canvas" | b"xml" | b"rp"
            | b"colgroup" => Role::Gone,
            b"area" | b"base" | b"basefont" | b"bgsound" | b"col" | b"embed" | b"frame" | b"input" | b"link"
            | b"meta" | b"param" | b"source" | b"track" | b"wbr" => Role::Void,
            _ => Role::Inline,
        }
    }

    /// It stands in lines of its own.
    pub(crate) fn is_block(self) -> bool {
        !matches!(
            self,
            Role::Inline | Role::Link | Role::Words | Role::Gone | Role::Page | Role::Break | Role::Image | Role::Void
        )
    }

    /// It stands in lines of its own, and is no part of a table.
    pub(crate) fn is_own_block(self) -> bool {
        self.is_block() && !matches!(self, Role::Table | Role::Group | Role::Row | Role::Cell)
    }

    /// A paragraph that is open ends where it begins.
    pub(crate) fn ends_paragraph(self) -> bool {
        self.is_block() && !matches!(self, Role::Group | Role::Row | Role::Cell | Role::Caption)
    }

    /// An end tag of what is outside of it does not end what is inside of it.
    pub(crate) fn is_scope(self) -> bool {
        matches!(self, Role::Cell | Role::Table | Role::Caption)
    }

    /// There is a gap before and behind it, unless its style has none.
    pub(crate) fn has_gap(self) -> bool {
        matches!(self, Role::Spaced | Role::Paragraph | Role::Heading(_) | Role::List(_) | Role::Quote | Role::Pre)
    }
}

/// Its end tag ends it across the blocks that began in it (HTML standard, 13.2.4.3: formatting).
pub(crate) fn is_formatting(name: &[u8]) -> bool {
    matches!(
        name,
        b"b" | b"big"
            | b"code"
            | b"em"
            | b"font"
            | b"i"
            | b"nobr"
            | b"s"
            | b"small"
            | b"strike"
            | b"strong"
            | b"tt"
            | b"u"
    )
}

/// What tells one name from another: as good as the name, and as short as a number (FNV-1a).
pub(crate) fn id(name: &[u8]) -> u64 {
    name.iter().fold(0xCBF2_9CE4_8422_2325, |id, octet| (id ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01B3))
}
