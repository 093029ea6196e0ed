use postrider::{rules::NewMail, Engine};

fn commit(engine: &Engine, mail: NewMail) {
    if let Ok(ticket) = engine.prepare(mail).blocking() {
        let _ = engine.redeem_blocking(&ticket);
    }
}

fn main() {
    let _ = commit;
}
