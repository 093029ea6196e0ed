//! How often the system is asked: a small mail over a kept connection is two writes and two reads.

use std::{
    pin::Pin,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    task::{ready, Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

use super::*;

/// Counts what brought or took octets.
struct Counted {
    stream: DuplexStream,
    reads: Arc<AtomicUsize>,
    writes: Arc<AtomicUsize>,
}

impl AsyncRead for Counted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let result = ready!(Pin::new(&mut self.stream).poll_read(cx, buf));
        self.reads.fetch_add(1, Relaxed);
        Poll::Ready(result)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        self.writes.fetch_add(1, Relaxed);
        Pin::new(&mut self.stream).poll_write(cx, octets)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.writes.fetch_add(1, Relaxed);
        Pin::new(&mut self.stream).poll_write_vectored(cx, octets)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Reads and writes for the second of two mails.
async fn second_mail(offers: &str, one: &str, content: &str) -> (usize, usize) {
    let (stream, theirs) = tokio::io::duplex(1 << 20);
    let (reads, writes) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (spool, settings, mut peer) = (Spool::default(), settings(), Peer::new(theirs));
    let script = greeted(offers, &one.repeat(2));
    let client = async {
        let stream = Counted { stream, reads: Arc::clone(&reads), writes: Arc::clone(&writes) };
        let mut connection = Connection::greet(stream, NAME.into(), &settings).await.unwrap();
        for _ in 0..2 {
            reads.store(0, Relaxed);
            writes.store(0, Relaxed);
            assert!(connection.is_usable(&settings));
            let job = Job { lease: spool.lend(mail(1, content)), known: Default::default() };
            assert!(matches!(connection.carry(job, &settings).await, Ended::Answered(Fit::Yes)));
            connection.rest();
        }
    };
    tokio::join!(client, peer.play(&script));
    spool.played().came_to(&["0 relayed: 250 ok", "0 relayed: 250 ok"]);
    (writes.load(Relaxed), reads.load(Relaxed))
}

#[tokio::test]
async fn a_small_mail_is_two_writes_and_two_reads() {
    let line = "x".repeat(62);
    let content = format!("{line}\r\n").repeat(64);
    let heard = format!("C: {line}\n").repeat(64);
    let asked = "C: MAIL FROM:<a@x.org>\nC: RCPT TO:<r0@y.org>\n";
    let by_data = format!("{asked}C: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\n{heard}C: .\nS: 250 ok\n");
    assert_eq!(second_mail("PIPELINING", &by_data, &content).await, (2, 2));
    let by_bdat = format!("{asked}S: 250 ok\nS: 250 ok\nC: BDAT 4096 LAST\n{heard}S: 250 ok\n");
    assert_eq!(second_mail("PIPELINING\nCHUNKING", &by_bdat, &content).await, (2, 2));
}
