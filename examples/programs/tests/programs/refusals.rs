//! What the services answer to a mail that is not taken: the examples' own functions, for errors that nobody can bring about
//! from outside.

use actix_web::http::StatusCode;
use postrider::{rules::Reply, SendError};

#[path = "../../../with_actix_web.rs"]
#[allow(dead_code)]
mod with_actix_web;
#[path = "../../../with_axum.rs"]
#[allow(dead_code)]
mod with_axum;

#[test]
fn what_is_temporary_is_503_with_a_time_to_come_again_and_all_else_422() {
    let rejected = |code| SendError::Rejected(Reply::new(code, 7, 1, "Not this"));
    for (error, status, retry_after) in [
        (SendError::Busy, 503, Some("10")),
        (SendError::NoSpace, 503, Some("10")),
        (SendError::TooManyKeys, 503, Some("10")),
        (SendError::Unknown("the disk".into()), 503, Some("10")),
        (rejected(451), 503, Some("10")),
        (rejected(550), 422, None),
        (SendError::Discarded, 422, None),
    ] {
        let by_axum = with_axum::not_sent(&error);
        let found = by_axum.headers().get("retry-after").map(|value| value.to_str().unwrap());
        assert_eq!((by_axum.status().as_u16(), found), (status, retry_after), "axum: {error}");

        let by_actix = with_actix_web::not_sent(&error);
        let found = by_actix.headers().get("retry-after").map(|value| value.to_str().unwrap());
        assert_eq!((by_actix.status(), found), (StatusCode::from_u16(status).unwrap(), retry_after), "actix: {error}");
    }
}
