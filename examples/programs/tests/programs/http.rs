//! One HTTP request over one connection, and its answer.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use serde_json::Value;

use super::program::LONG;

/// An answer of a service.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    header: String,
    pub body: Value,
}

impl Answer {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&str> {
        let fields = self.header.lines().filter_map(|line| line.split_once(": "));
        fields.filter(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

/// `GET path`
pub fn get(address: &str, path: &str) -> Answer {
    ask(address, &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
}

/// `POST path` with a body of JSON.
pub fn post(address: &str, path: &str, body: &Value) -> Answer {
    let body = body.to_string();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    ask(address, &request)
}

fn ask(address: &str, request: &str) -> Answer {
    let mut stream = TcpStream::connect(address).expect("the service listens");
    stream.set_read_timeout(Some(LONG)).expect("a socket takes a limit");
    stream.write_all(request.as_bytes()).expect("the service reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the service answers");
    let (header, body) = answer.split_once("\r\n\r\n").expect("an answer has a header");
    let status = header.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("an answer has a status");
    Answer { status, header: header.to_owned(), body: serde_json::from_str(body).expect("its body is JSON") }
}
