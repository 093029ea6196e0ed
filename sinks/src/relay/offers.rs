//! What a peer offers in its reply to EHLO.
//!
//! Rule: what is not offered is not used; what is offered in a form we do not understand counts as not offered.

/// The extensions of a peer that we know how to use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Offers {
    /// RFC 2920
    pub pipelining: bool,
    /// RFC 1870
    pub size: bool,
    /// Octets of a mail, at most; `None`: it does not say.
    pub max_size: Option<u64>,
    /// RFC 6152
    pub eight_bit: bool,
    /// RFC 6531
    pub utf8: bool,
    /// RFC 3030
    pub chunking: bool,
    /// RFC 3030; worth nothing without CHUNKING.
    pub binary: bool,
    /// RFC 3461
    pub dsn: bool,
    /// Recipients of one transaction (RFC 9422).
    pub max_recipients: Option<usize>,
    /// Mails over one connection (RFC 9422).
    pub max_mails: Option<usize>,
}

impl Offers {
    /// Reads the text of a reply to EHLO; its first line is a greeting.
    pub fn parse(text: &str) -> Self {
        let mut offers = Offers::default();
        for line in text.split('\n').skip(1) {
            let mut words = line.split_ascii_whitespace();
            if let Some(keyword) = words.next() {
                offers.note(&keyword.to_ascii_uppercase(), words);
            }
        }
        offers.binary &= offers.chunking;
        offers
    }

    fn note<'a>(&mut self, keyword: &str, mut parameters: impl Iterator<Item = &'a str>) {
        match keyword {
            "PIPELINING" => self.pipelining = true,
            "SIZE" => {
                self.size = true;
                self.max_size = parameters.next().and_then(|n| n.parse().ok()).filter(|n| *n > 0);
            }
            "8BITMIME" => self.eight_bit = true,
            "SMTPUTF8" => self.utf8 = true,
            "CHUNKING" => self.chunking = true,
            "BINARYMIME" => self.binary = true,
            "DSN" => self.dsn = true,
            "LIMITS" => parameters.for_each(|limit| self.limit(limit)),
            _ => {}
        }
    }

    fn limit(&mut self, limit: &str) {
        match limit.split_once('=') {
            Some((name, value)) if name.eq_ignore_ascii_case("RCPTMAX") => self.max_recipients = at_least_one(value),
            Some((name, value)) if name.eq_ignore_ascii_case("MAILMAX") => self.max_mails = at_least_one(value),
            _ => {}
        }
    }
}

fn at_least_one(value: &str) -> Option<usize> {
    value.parse().ok().filter(|n| *n >= 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_read_in_any_case_and_unknown_ones_passed_over() {
        let text = "mx PIPELINING\nSize 1000\nX-FOO bar\n8bitmime\nSMTPUTF8\nCHUNKING\nBINARYMIME\nDSN\n\n\
                    LIMITS rcptmax=50 MAILMAX=10 RCPTDOMAINMAX=1";
        let all = Offers {
            pipelining: false,
            size: true,
            max_size: Some(1000),
            eight_bit: true,
            utf8: true,
            chunking: true,
            binary: true,
            dsn: true,
            max_recipients: Some(50),
            max_mails: Some(10),
        };
        assert_eq!(Offers::parse(text), all, "the first line is no offer");
    }

    #[test]
    fn what_makes_no_sense_counts_as_not_offered() {
        let text = "mx\nSIZE\nBINARYMIME\nLIMITS RCPTMAX=0 MAILMAX=x RCPTMAX\nSIZE 0";
        assert_eq!(Offers::parse(text), Offers { size: true, ..Offers::default() });
    }
}
