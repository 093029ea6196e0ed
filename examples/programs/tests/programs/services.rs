//! `with_axum` and `with_actix_web`: the same service twice, and the same is asked of both.

use postrider::testing::{At, Peer};
use rustix::process::Signal;
use serde_json::{json, Value};
use tempfile::TempDir;

use super::{
    http::{get, post, Answer},
    program::{within, Program, LONG},
};

struct Service {
    program: Program,
    address: String,
}

impl Service {
    fn start(name: &str, peer: &Peer, spool: &TempDir) -> Self {
        let (smart_host, spool) = (peer.address().to_string(), spool.path().display().to_string());
        let arguments = ["--smart-host", &smart_host, "--spool", &spool, "--listen", "127.0.0.1:0"];
        let mut program = Program::start(name, &arguments);
        let address = program.says("listening on ");
        Service { program, address }
    }

    fn sign_up(&self, address: &str) -> Answer {
        post(&self.address, "/sign-ups", &json!({ "address": address }))
    }

    /// Where the mail of a sign-up that was taken is told of.
    fn signed_up(&self, address: &str) -> String {
        let answer = self.sign_up(address);
        assert_eq!(answer.status, 202, "{answer:?}");
        let place = answer.field("Location").expect("it says where").to_owned();
        assert_eq!(place, format!("/mails/{}", answer.body["mail"].as_str().unwrap()));
        place
    }

    /// How the one recipient of a mail has ended.
    fn outcome(&self, place: &str) -> String {
        let mut last = Value::Null;
        let is_final = within(LONG, || {
            let answer = get(&self.address, place);
            assert_eq!(answer.status, 200, "{answer:?}");
            last = answer.body[0].clone();
            last["final"] == true
        });
        assert!(is_final && last.get("address").is_none(), "{last}");
        last["status"].as_str().unwrap().to_owned()
    }
}

/// To whom mails went, in order.
fn taken_for(peer: &Peer) -> Vec<String> {
    let recipients = peer.taken().into_iter().flat_map(|mail| mail.recipients);
    recipients.map(|recipient| recipient.address).collect()
}

fn welcomes_once_and_tells_what_became_of_it(name: &str) {
    let (peer, spool) = (Peer::start(), TempDir::new().unwrap());
    peer.always(At::rcpt_to("nobody@example.org"), (550, "5.1.1 No such user"));
    let service = Service::start(name, &peer, &spool);

    let first = service.signed_up("ann@example.org");
    assert_eq!(service.signed_up("ann@example.org"), first);
    assert_eq!(service.outcome(&first), "delivered");
    assert_eq!(service.signed_up("ann@example.org"), first);

    let second = service.signed_up("nobody@example.org");
    let failed = service.outcome(&second);
    assert!(failed.starts_with("failed: ") && failed.contains("550 5.1.1 No such user"), "{failed}");

    let refused = service.sign_up("ann at example.org");
    assert!(refused.status == 422 && refused.field("Retry-After").is_none(), "{refused:?}");
    // One address, or nobody: a list would mail to whomever a stranger names.
    for many in ["ann@example.org, bob@example.org", "\"You won\" <ann@example.org>", "ann@example.org;bob@example.org"]
    {
        assert_eq!(service.sign_up(many).status, 422, "{many}");
    }
    assert_eq!(service.signed_up("ANN@example.org"), first, "the same address in other letters is the same key");
    assert_eq!(get(&service.address, "/mails/00ABCDEF").status, 404);
    assert_eq!(get(&service.address, "/mails/nonsense").status, 404);

    service.program.ends_in_order_by(Signal::TERM);
    // The sender of the one that failed is told by a report, which may have gone out already.
    let welcomed: Vec<_> = taken_for(&peer).into_iter().filter(|to| to != "club@example.com").collect();
    assert_eq!(welcomed, ["ann@example.org"]);
}

fn keeps_for_its_next_start_what_cannot_go(name: &str) {
    let (peer, spool) = (Peer::start(), TempDir::new().unwrap());
    peer.address();
    peer.down();
    let service = Service::start(name, &peer, &spool);
    let place = service.signed_up("ann@example.org");
    let answer = get(&service.address, &place);
    assert_eq!((answer.status, &answer.body[0]["final"]), (200, &json!(false)), "{answer:?}");
    service.program.ends_in_order_by(Signal::INT);
    assert!(peer.taken().is_empty());

    peer.up();
    let service = Service::start(name, &peer, &spool);
    assert!(within(LONG, || !peer.taken().is_empty()), "nobody has to ask for it again");
    assert_eq!(service.signed_up("ann@example.org"), place, "the key is known");
    assert_eq!(service.outcome(&place), "delivered");
    service.program.ends_in_order_by(Signal::TERM);
    assert_eq!(taken_for(&peer), ["ann@example.org"]);
}

#[test]
fn a_service_of_axum_welcomes_once_and_tells_what_became_of_it() {
    welcomes_once_and_tells_what_became_of_it("with_axum");
}

#[test]
fn a_service_of_actix_web_welcomes_once_and_tells_what_became_of_it() {
    welcomes_once_and_tells_what_became_of_it("with_actix_web");
}

#[test]
fn a_service_of_axum_keeps_for_its_next_start_what_cannot_go() {
    keeps_for_its_next_start_what_cannot_go("with_axum");
}

#[test]
fn a_service_of_actix_web_keeps_for_its_next_start_what_cannot_go() {
    keeps_for_its_next_start_what_cannot_go("with_actix_web");
}
