//! A mail as a peer took it.

use std::{borrow::Cow, fmt};

use postrider_engine::Moment;

/// A mail that a peer took: it said 2xx to the end of its content, or was told to take it without a word.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Taken {
    /// The address in MAIL; empty: the null sender of reports.
    pub sender: String,
    /// The parameters of MAIL, as `SIZE=100`.
    pub parameters: Vec<String>,
    /// Whom the peer took it for.
    pub recipients: Vec<TakenRecipient>,
    /// The octets as they came, without the dots that DATA adds (RFC 5321, 4.5.2), every line with its CRLF.
    pub content: Vec<u8>,
    /// It came by BDAT (RFC 3030), not by DATA.
    pub by_chunks: bool,
    /// Over which connection of this peer, counted from 1.
    pub connection: u64,
    /// When its content was whole: the engine's time in a [`TestEngine`](crate::testing::TestEngine), else the wall clock.
    pub at: Moment,
    /// The peer meant to answer. `false`: it was told to be silent, so the client does not know that the mail was taken.
    pub answered: bool,
}

/// A recipient whom a peer took a mail for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TakenRecipient {
    /// The address in RCPT.
    pub address: String,
    /// The parameters of RCPT, as `NOTIFY=NEVER`.
    pub parameters: Vec<String>,
}

impl Taken {
    /// The peer took it for this address. Case does not matter.
    pub fn is_for(&self, address: &str) -> bool {
        self.recipients.iter().any(|recipient| recipient.address.eq_ignore_ascii_case(address))
    }

    /// Its content as text; what is no UTF-8 is replaced.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.content)
    }

    /// The first header field of this name, unfolded, without blanks around it.
    pub fn header(&self, name: &str) -> Option<String> {
        let text = self.text();
        let header = text.split("\r\n\r\n").next()?;
        let unfolded = header.replace("\r\n ", " ").replace("\r\n\t", " ");
        let field = unfolded.split("\r\n").find_map(|line| {
            let (field, value) = line.split_once(':')?;
            field.trim_end().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        });
        field
    }

    /// Its `Subject`.
    pub fn subject(&self) -> Option<String> {
        self.header("Subject")
    }

    /// Its `Message-ID`.
    pub fn message_id(&self) -> Option<String> {
        self.header("Message-ID")
    }
}

/// A line that says what a person needs to tell it from others.
impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to: Vec<_> = self.recipients.iter().map(|recipient| recipient.address.as_str()).collect();
        let (to, octets) = (to.join(", "), self.content.len());
        let subject = self.subject().unwrap_or_default();
        write!(f, "from <{}> to {to}: {subject:?}, {octets} octets, connection {}", self.sender, self.connection)?;
        if !self.answered {
            f.write_str(", taken without an answer")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(to: &str, content: &str) -> Taken {
        Taken {
            sender: "me@home.example".into(),
            parameters: Vec::new(),
            recipients: vec![TakenRecipient { address: to.into(), parameters: Vec::new() }],
            content: content.as_bytes().to_vec(),
            by_chunks: false,
            connection: 1,
            at: Moment(0),
            answered: true,
        }
    }

    #[test]
    fn a_header_field_is_found_whatever_its_case_and_unfolded_and_the_body_is_no_header() {
        let taken = taken("Ann@x.org", "subject: a\r\n long one\r\nTo: ann\r\n\r\nMessage-ID: <no>\r\n");
        assert_eq!(taken.subject().unwrap(), "a long one");
        assert_eq!(taken.message_id(), None);
        assert!(taken.is_for("ann@X.org") && !taken.is_for("x.org"));
    }
}
