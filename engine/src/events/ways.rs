//! Events about ways and sizes: what their sinks are asked, and what they may answer.
//!
//! Rule: the question is read-only; the answer is what a sink sets. Without an answer it stays as the settings say.

use std::{collections::BTreeMap, sync::Arc};

use super::{sealed::Sealed, Caller, DnsResolve, Given, MaxMessageSize, Properties, Turn, Verdict};
use crate::{exchangers::Exchanger, Address, Addressees, Content, Draft, Envelope, Next, QueueId, RcptNo, Recipient};
use crate::{Reply, Route, Subject, Token};

/// Exchangers that a sink may name for a domain.
const MOST_EXCHANGERS: usize = 100;

/// A mail whose recipients have their ways, before it is split into one part for each next hop.
#[derive(Clone, Debug)]
pub struct Routing {
    id: QueueId,
    draft: Arc<Draft>,
    ways: BTreeMap<RcptNo, Arc<Route>>,
    token: Token,
}

impl Sealed for Routing {}

impl Given for Routing {
    fn subject(&self) -> Subject<'_> {
        Subject::from(&*self.draft)
    }

    fn spare(&self) -> Self {
        self.clone()
    }

    fn token(&self) -> &Token {
        &self.token
    }
}

impl Routing {
    /// For whoever leads mail on.
    pub fn new(id: QueueId, draft: Arc<Draft>, ways: BTreeMap<RcptNo, Arc<Route>>) -> Self {
        let token = draft.token();
        Routing { id, draft, ways, token }
    }

    /// The ways, as the sinks left them: for whoever leads mail on.
    pub fn into_ways(self) -> BTreeMap<RcptNo, Arc<Route>> {
        self.ways
    }

    /// The mail's number.
    pub fn id(&self) -> QueueId {
        self.id
    }

    /// What SMTP says about it.
    pub fn envelope(&self) -> &Envelope {
        &self.draft.envelope
    }

    /// Its octets.
    pub fn content(&self) -> &Content {
        &self.draft.content
    }

    /// Each recipient and its way.
    pub fn ways(&self) -> impl Iterator<Item = (RcptNo, &Recipient, &Route)> {
        self.ways.iter().filter_map(|(no, way)| Some((*no, self.draft.envelope.recipients.get(*no)?, &**way)))
    }

    /// Leads one recipient elsewhere; what its route says otherwise stays. `false`: there is no such recipient, or the way
    /// is [`Next::Direct`], which would have to be asked for: name the exchangers.
    pub fn lead(&mut self, no: RcptNo, next: Next) -> bool {
        match self.ways.get_mut(&no) {
            Some(way) if next != Next::Direct => {
                *way = Arc::new(way.leading_to(next));
                true
            }
            _ => false,
        }
    }

    /// Goes on with the next sink.
    pub fn next(self) -> Verdict<super::Route> {
        Verdict::new(self, Turn::Next)
    }

    /// Goes on past the other sinks of this event.
    pub fn skip_rest(self) -> Verdict<super::Route> {
        Verdict::new(self, Turn::SkipRest)
    }
}

/// A mail that is larger than it may be: by what MAIL FROM says (SIZE), or by what has come.
#[derive(Clone, Debug)]
pub struct Oversize {
    caller: Caller,
    sender: Option<Address>,
    recipients: Vec<Address>,
    size: u64,
    limit: u64,
    token: Token,
}

impl Sealed for Oversize {}

impl Given for Oversize {
    fn subject(&self) -> Subject<'_> {
        let recipients = self.recipients.first().map_or(Addressees::None, Addressees::One);
        Subject { sender: Some(self.sender.as_ref()), recipients, ..self.caller.subject() }
    }

    fn spare(&self) -> Self {
        self.clone()
    }

    fn token(&self) -> &Token {
        &self.token
    }
}

impl Oversize {
    /// For whoever has the session.
    pub fn new(caller: Caller, sender: Option<Address>, recipients: Vec<Address>, size: u64, limit: u64) -> Self {
        Oversize { caller, sender, recipients, size, limit, token: Token::default() }
    }

    /// The session, and how large the mail may be: for whoever has it.
    pub fn into_parts(self) -> (Caller, u64) {
        (self.caller, self.limit)
    }

    /// Who sends it.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// What sinks leave on the session.
    pub fn properties_mut(&mut self) -> &mut Properties {
        &mut self.caller.properties
    }

    /// Its sender.
    pub fn sender(&self) -> Option<&Address> {
        self.sender.as_ref()
    }

    /// To whom it goes, as far as that was said.
    pub fn recipients(&self) -> &[Address] {
        &self.recipients
    }

    /// Octets that were announced, or that have come so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Octets that it may have.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Lets this mail have so many octets. Less than it has already refuses it.
    pub fn allow(&mut self, octets: u64) {
        self.limit = octets;
    }

    /// Goes on with the next sink.
    pub fn next(self) -> Verdict<MaxMessageSize> {
        Verdict::new(self, Turn::Next)
    }

    /// Goes on past the other sinks of this event.
    pub fn skip_rest(self) -> Verdict<MaxMessageSize> {
        Verdict::new(self, Turn::SkipRest)
    }
}

/// A domain whose exchangers are looked for.
#[derive(Clone, Debug)]
pub struct Lookup {
    domain: Arc<str>,
    answer: Option<Result<Vec<Exchanger>, Reply>>,
    token: Token,
}

impl Sealed for Lookup {}

impl Given for Lookup {
    fn subject(&self) -> Subject<'_> {
        Subject::default()
    }

    fn spare(&self) -> Self {
        self.clone()
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn flaw(&self, _: bool) -> Option<&'static str> {
        let named = self.answer.as_ref().and_then(|answer| answer.as_ref().ok()).map_or(0, Vec::len);
        (named > MOST_EXCHANGERS).then_some("it named too many exchangers")
    }
}

impl Lookup {
    /// For whoever finds ways.
    pub fn new(domain: Arc<str>) -> Self {
        Lookup { domain, answer: None, token: Token::default() }
    }

    /// What was answered in the place of the DNS: for whoever finds ways.
    pub fn into_answer(self) -> Option<Result<Vec<Exchanger>, Reply>> {
        self.answer
    }

    /// The domain in normal form.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Answers in the place of the DNS. Exchangers are tried in the order of their preference.
    pub fn answer(&mut self, exchangers: Vec<Exchanger>) {
        self.answer = Some(Ok(exchangers));
    }

    /// Says that there are none: with a 5xx mail for the domain fails, with a 4xx it waits.
    pub fn fail(&mut self, reply: Reply) {
        self.answer = Some(Err(super::message::refusal(reply)));
    }

    /// Goes on with the next sink.
    pub fn next(self) -> Verdict<DnsResolve> {
        Verdict::new(self, Turn::Next)
    }

    /// Goes on past the other sinks of this event.
    pub fn skip_rest(self) -> Verdict<DnsResolve> {
        Verdict::new(self, Turn::SkipRest)
    }
}
