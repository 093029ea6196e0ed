//! Stand-in until the rules are there.
use crate::{content::Content, Address, Door, Peer, Recipients};
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'a> {
    pub peer: Option<&'a Peer>,
    pub door: Option<Door>,
    pub sender: Option<Option<&'a Address>>,
    pub recipients: Addressees<'a>,
    pub header: Option<&'a Content>,
}
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, Default)]
pub enum Addressees<'a> {
    #[default]
    None,
    One(&'a Address),
    All(&'a Recipients),
}
impl<'a> From<&'a Recipients> for Addressees<'a> {
    fn from(all: &'a Recipients) -> Self {
        Addressees::All(all)
    }
}
#[allow(missing_docs)]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rule;
#[allow(missing_docs)]
impl Rule {
    pub fn matches(&self, _: &Subject<'_>) -> bool {
        true
    }
}
