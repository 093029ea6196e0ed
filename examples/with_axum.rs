//! Postrider in an axum service: who signs up gets a welcome mail, once, and the answer comes when the mail is on disk.
//!
//! Copy this file into a new crate that depends on `postrider`, `axum` 0.8, `serde` and `serde_json`, `tokio` (with `full`)
//! and `tracing-subscriber`.
//!
//! ```text
//! with_axum --smart-host HOST:PORT --spool FOLDER --listen ADDRESS:PORT
//! curl -i -H 'Content-Type: application/json' -d '{"address":"ann@example.org"}' http://ADDRESS:PORT/sign-ups
//! curl http://ADDRESS:PORT/mails/0000002A
//! ```
//!
//! 202: the mail is on disk, and survives a crash. The request may be repeated: the address is the key. 503: try again
//! later. 422: never. SIGTERM and Ctrl-C end it in order: first the service, then the engine; mail that waits for its next
//! attempt goes out after the next start.

use std::{collections::BTreeMap, env, error::Error, process::ExitCode, time::Duration};

use axum::{
    extract::{Path, State},
    http::{header, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
    Json, Router,
};
use postrider::{End, Engine, NewMail, QueueId, SendError, Settings, StatusError};
use serde::Deserialize;
use serde_json::{json, Value};
use tokio::signal::unix::{signal, SignalKind};

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

async fn sign_up(State(engine): State<Engine>, Json(new): Json<SignUp>) -> Response {
    let key = format!("welcome {}", new.address);
    match engine.send_with_key(key, welcome(&new.address)).or_busy().await {
        Ok(receipt) => {
            let id = receipt.id().to_string();
            let location = [(header::LOCATION, format!("/mails/{id}"))];
            (StatusCode::ACCEPTED, location, Json(json!({ "mail": id }))).into_response()
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
pub fn not_sent(error: &SendError) -> Response {
    match error.is_temporary() {
        true => later(error),
        false => failed(StatusCode::UNPROCESSABLE_ENTITY, error),
    }
}

fn later(error: &dyn Error) -> Response {
    ([(header::RETRY_AFTER, RETRY_AFTER)], failed(StatusCode::SERVICE_UNAVAILABLE, error)).into_response()
}

fn failed(status: StatusCode, error: &dyn Error) -> Response {
    (status, Json(json!({ "error": error.to_string() }))).into_response()
}

/// How each recipient stands.
async fn mail(State(engine): State<Engine>, Path(id): Path<String>) -> Response {
    match id.parse() {
        Ok(id) => match statuses(&engine, id).await {
            Ok(recipients) => Json(recipients).into_response(),
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

fn not_known(error: &StatusError) -> Response {
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

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let named = arguments()?;
    let smart_host = named.get("smart-host").ok_or("--smart-host HOST:PORT is missing")?;
    let spool = named.get("spool").ok_or("--spool FOLDER is missing")?;
    let listen = named.get("listen").ok_or("--listen ADDRESS:PORT is missing")?;
    let mut settings = Settings::embedded(spool).with_smart_hosts(&[smart_host])?;
    settings.delivery.retry.first.splice(0..0, SOON.map(Duration::from_secs));
    let engine = Engine::builder(settings).start()?;

    let service =
        Router::new().route("/sign-ups", post(sign_up)).route("/mails/{id}", get(mail)).with_state(engine.clone());
    let listener = tokio::net::TcpListener::bind(listen).await?;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, service)
        .with_graceful_shutdown(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
        .await?;

    let end = engine.drain(DRAIN).await;
    println!("{end:?}");
    Ok(if end == End::Drained { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
