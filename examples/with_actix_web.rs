//! Postrider in an actix-web service: who signs up gets a welcome mail, once, and the answer comes when the mail is on disk.
//!
//! Copy this file into a new crate that depends on `postrider`, `actix-web` 4, `serde` and `serde_json`, and
//! `tracing-subscriber`.
//!
//! ```text
//! with_actix_web --smart-host HOST:PORT --spool FOLDER --listen ADDRESS:PORT
//! curl -i -H 'Content-Type: application/json' -d '{"address":"ann@example.org"}' http://ADDRESS:PORT/sign-ups
//! curl http://ADDRESS:PORT/mails/0000002A
//! ```
//!
//! 202: the mail is on disk, and survives a crash. The request may be repeated: the address is the key. 503: try again
//! later. 422: never. The engine is made of actors, too, but they live in a system of their own, on threads of their own: the
//! service may stop its system and the engine goes on, and the other way round. SIGTERM and Ctrl-C end the service, and
//! then the engine is drained; mail that waits for its next attempt goes out after the next start.

use std::{collections::BTreeMap, env, error::Error, process::ExitCode, time::Duration};

use actix_web::{
    http::{header, StatusCode},
    rt::System,
    web::{self, Data, Json, Path},
    App, HttpResponse, HttpServer,
};
use postrider::{End, Engine, NewMail, QueueId, SendError, Settings, StatusError};
use serde::Deserialize;
use serde_json::{json, Value};

/// Seconds after which a client may come again.
const RETRY_AFTER: &str = "10";
/// How long attempts that are under way may take when the program ends.
const DRAIN: Duration = Duration::from_secs(25);
/// Somebody waits for this mail: seconds between the first tries, and then as usual.
const SOON: [u64; 6] = [1, 2, 4, 8, 16, 32];

#[derive(Deserialize)]
struct SignUp {
    address: String,
}

async fn sign_up(engine: Data<Engine>, new: Json<SignUp>) -> HttpResponse {
    let key = format!("welcome {}", new.address);
    match engine.send_with_key(key, welcome(&new.address)).or_busy().await {
        Ok(receipt) => {
            let id = receipt.id().to_string();
            HttpResponse::Accepted()
                .insert_header((header::LOCATION, format!("/mails/{id}")))
                .json(json!({ "mail": id }))
        }
        Err(error) => not_sent(&error),
    }
}

fn welcome(address: &str) -> NewMail {
    NewMail::new()
        .from("The Club <club@example.com>")
        .to(("", address)) // one address, whatever somebody typed: a text alone is a list
        .subject("Welcome")
        .text("Hello,\n\nnice to have you here.\n")
}

/// The answer where a mail was not taken: whether it is worth another try.
pub fn not_sent(error: &SendError) -> HttpResponse {
    match error.is_temporary() {
        true => later(error),
        false => failed(StatusCode::UNPROCESSABLE_ENTITY, error),
    }
}

fn later(error: &dyn Error) -> HttpResponse {
    HttpResponse::ServiceUnavailable()
        .insert_header((header::RETRY_AFTER, RETRY_AFTER))
        .json(json!({ "error": error.to_string() }))
}

fn failed(status: StatusCode, error: &dyn Error) -> HttpResponse {
    HttpResponse::build(status).json(json!({ "error": error.to_string() }))
}

/// How each recipient stands.
async fn mail(engine: Data<Engine>, id: Path<String>) -> HttpResponse {
    match id.parse() {
        Ok(id) => match statuses(&engine, id).await {
            Ok(recipients) => HttpResponse::Ok().json(recipients),
            Err(error) => not_known(&error),
        },
        Err(_) => not_known(&StatusError::Forgotten),
    }
}

async fn statuses(engine: &Engine, id: QueueId) -> Result<Value, StatusError> {
    let recipients = engine.receipt(id).await?.status().await?;
    let recipients = recipients.iter().map(|recipient| {
        let status = &recipient.status;
        json!({ "address": recipient.address.as_str(), "status": status.to_string(), "final": status.is_final() })
    });
    Ok(recipients.collect())
}

fn not_known(error: &StatusError) -> HttpResponse {
    match error {
        StatusError::Forgotten => failed(StatusCode::NOT_FOUND, error),
        _ => later(error),
    }
}

/// `--name value` pairs.
fn arguments() -> Result<BTreeMap<String, String>, String> {
    let (mut named, mut from) = (BTreeMap::new(), env::args().skip(1));
    while let Some(argument) = from.next() {
        let name = argument.strip_prefix("--").ok_or_else(|| format!("{argument} is no argument"))?;
        named.insert(name.to_owned(), from.next().ok_or_else(|| format!("{argument} wants a value"))?);
    }
    Ok(named)
}

async fn serve(engine: Engine, listen: &str) -> std::io::Result<()> {
    let service = move || {
        App::new()
            .app_data(Data::new(engine.clone()))
            .route("/sign-ups", web::post().to(sign_up))
            .route("/mails/{id}", web::get().to(mail))
    };
    let server = HttpServer::new(service).workers(2).bind(listen)?;
    println!("listening on {}", server.addrs().first().map(ToString::to_string).unwrap_or_default());
    server.run().await // until SIGTERM, SIGINT or SIGQUIT
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let named = arguments()?;
    let smart_host = named.get("smart-host").ok_or("--smart-host HOST:PORT is missing")?;
    let spool = named.get("spool").ok_or("--spool FOLDER is missing")?;
    let listen = named.get("listen").ok_or("--listen ADDRESS:PORT is missing")?;
    let mut settings = Settings::embedded(spool).with_smart_hosts(&[smart_host])?;
    settings.delivery.retry.first.splice(0..0, SOON.map(Duration::from_secs));
    let engine = Engine::builder(settings).start()?;

    let end = System::new().block_on(async {
        serve(engine.clone(), listen).await?;
        Ok::<_, std::io::Error>(engine.drain(DRAIN).await)
    })?;
    println!("{end:?}");
    Ok(if end == End::Drained { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
