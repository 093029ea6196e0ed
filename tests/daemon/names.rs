//! A DNS server that says what the test says, over UDP.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    sync::mpsc::{channel, Sender},
    thread,
};

use hickory_resolver::proto::{
    op::{Message, ResponseCode},
    rr::{
        rdata::{A, MX},
        Name, RData, Record, RecordType,
    },
};

/// What is said of one name.
#[derive(Clone, Debug)]
pub enum Says {
    /// These exchangers, with their preference.
    Exchangers(Vec<(u16, &'static str)>),
    /// This address.
    Address(Ipv4Addr),
    /// SERVFAIL.
    Failure,
    /// Nothing: the question is not answered.
    Silence,
}

/// The running server. A name that it was told nothing of does not exist.
pub struct Names {
    /// Where it listens.
    pub address: SocketAddr,
    tell: Sender<(String, Says)>,
}

impl Names {
    /// Starts it on a port of its own. It ends with the test.
    pub fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback has a free port");
        let address = socket.local_addr().expect("a bound socket has an address");
        let (tell, told) = channel::<(String, Says)>();
        thread::spawn(move || {
            let mut zone = HashMap::new();
            let mut octets = [0; 1500];
            while let Ok((length, client)) = socket.recv_from(&mut octets) {
                zone.extend(told.try_iter());
                if let Some(answer) = answer(&zone, &octets[..length]) {
                    let _ = socket.send_to(&answer, client);
                }
            }
        });
        Names { address, tell }
    }

    /// What is said of this name from now on.
    pub fn say(&self, name: impl Into<String>, says: Says) {
        self.tell.send((name.into(), says)).expect("the server runs");
    }
}

fn answer(zone: &HashMap<String, Says>, question: &[u8]) -> Option<Vec<u8>> {
    let asked = Message::from_vec(question).ok()?;
    let query = asked.queries.first()?.clone();
    let (name, kind) = (query.name().clone(), query.query_type());
    let mut answer = Message::response(asked.metadata.id, asked.metadata.op_code);
    answer.metadata.recursion_available = true;
    answer.queries.push(query);
    let says = zone.get(name.to_ascii().trim_end_matches('.'));
    match (says, kind) {
        (Some(Says::Silence), _) => return None,
        (Some(Says::Failure), _) => answer.metadata.response_code = ResponseCode::ServFail,
        (None, _) => answer.metadata.response_code = ResponseCode::NXDomain,
        (Some(Says::Exchangers(all)), RecordType::MX) => {
            for (preference, host) in all {
                let host = Name::from_ascii(host).expect("the test gives names");
                answer.add_answer(Record::from_rdata(name.clone(), 0, RData::MX(MX::new(*preference, host))));
            }
        }
        (Some(Says::Address(ip)), RecordType::A) => {
            answer.add_answer(Record::from_rdata(name, 0, RData::A(A(*ip))));
        }
        _ => {} // it exists and has no such record
    }
    answer.to_vec().ok()
}
