//! A relay whose streams are opened by somebody else.

use std::{net::IpAddr, path::Path};

use postrider_engine::{BoxFuture, HostPort, Socket};
use tokio::{io::duplex, sync::mpsc};

use super::{
    super::{Connect, Destination, Relay, Stream},
    hosts::{one_mail, send, Names},
    *,
};

/// Where it was asked to lead, and the other end of the stream that it opened.
type Asked = (String, tokio::io::DuplexStream);

/// Opens a stream within the process wherever it is asked to, but to nobody who listens on port 9, and for hosts on port 10 it
/// takes for ever.
struct Within(mpsc::UnboundedSender<Asked>);

impl Connect for Within {
    fn connect<'a>(&'a self, to: Destination<'a>, _: Duration) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(async move {
            let name = match to {
                Destination::Tcp { address, .. } if address.port() == 9 => return Err(io::Error::other("as told")),
                Destination::Tcp { address, .. } if address.port() == 10 => std::future::pending().await,
                Destination::Tcp { host, address, source } => format!("{host} at {address} from {source:?}"),
                Destination::Unix(path) => path.display().to_string(),
            };
            let (ours, theirs) = duplex(1024);
            self.0.send((name, theirs)).unwrap();
            Ok(Box::new(ours) as Box<dyn Stream>)
        })
    }
}

fn relay(settings: RelaySettings) -> (Relay, mpsc::UnboundedReceiver<Asked>) {
    let (tell, told) = mpsc::unbounded_channel();
    let found: Vec<IpAddr> = vec!["192.0.2.7".parse().unwrap()];
    let relay = Relay::new(Arc::new(settings), Arc::new(Names(Ok(found))));
    (relay.connecting(Arc::new(Within(tell))), told)
}

fn hosts(texts: &[&str]) -> RelaySettings {
    let hosts: Vec<HostPort> = texts.iter().map(|text| text.parse().unwrap()).collect();
    RelaySettings::new(hosts, "me.example.org").unwrap()
}

/// Plays a script at the end of the next stream, and says where that led.
async fn play(told: &mut mpsc::UnboundedReceiver<Asked>, script: &str) -> String {
    let (name, stream) = told.recv().await.unwrap();
    Peer::new(stream).play(script).await;
    name
}

#[tokio::test(start_paused = true)]
async fn a_connector_is_told_the_host_and_the_address_and_its_stream_is_spoken_over() {
    let (spool, mut settings) = (Spool::default(), hosts(&["mx.example.org:2525"]));
    settings.source = Some("192.0.2.1".parse().unwrap());
    let (mut relay, mut told) = relay(settings);
    let script = greeted("PIPELINING", &one_mail());
    let ((), name) = tokio::join!(send(&mut relay, &spool), play(&mut told, &script));
    assert_eq!(name, "mx.example.org:2525 at 192.0.2.7:2525 from Some(192.0.2.1)");
    spool.played().came_to(&["0 relayed: 250 ok"]);
}

#[tokio::test(start_paused = true)]
async fn what_a_connector_cannot_open_is_a_host_that_is_not_there_and_one_that_hangs_is_waited_for_as_long() {
    let spool = Spool::default();
    let (mut relay, mut told) = relay(hosts(&["192.0.2.9:9", "192.0.2.10:10", "192.0.2.11:25"]));
    let begun = tokio::time::Instant::now();
    let script = greeted("PIPELINING", &one_mail());
    let ((), name) = tokio::join!(send(&mut relay, &spool), play(&mut told, &script));
    assert_eq!(name, "192.0.2.11:25 at 192.0.2.11:25 from None");
    assert_eq!(begun.elapsed(), super::super::Timeouts::default().connect);
    spool.played().came_to(&["0 relayed: 250 ok"]);
}

#[tokio::test(start_paused = true)]
async fn a_connector_leads_to_services_in_the_file_system_as_well() {
    let (spool, path) = (Spool::default(), Path::new("/run/service"));
    let settings = RelaySettings::lmtp(&Socket::Unix(path.into()), "me.example.org").unwrap();
    let (mut relay, mut told) = relay(settings);
    let script = greeted("PIPELINING", &one_mail()).replace("EHLO", "LHLO");
    let ((), name) = tokio::join!(send(&mut relay, &spool), play(&mut told, &script));
    assert_eq!(name, "/run/service");
    spool.played().came_to(&["0 delivered: 250 ok"]);
}
