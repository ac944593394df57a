//! What comes with a request, read with the field named that is to blame.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::allowed::KeyOf;
use super::gates::full;
use super::problem::Problem;
use super::room::{Room, Taken};
use super::service::Service;
use crate::domain::finding::draw_safely;
use crate::domain::limits::{HTTP_BODY_SECONDS_MAX, HTTP_REQUEST_BYTES_MAX, JSON_ROOM_FACTOR};

/// A JSON body of so many bytes at most (the router's limit for the route), and the room that it takes
/// until it is answered.
#[derive(Debug)]
pub(super) struct Json<T, const BYTES_MAX: usize = HTTP_REQUEST_BYTES_MAX>(
    pub(super) T,
    pub(super) Taken,
);

impl<T: DeserializeOwned, const BYTES_MAX: usize> FromRequest<Service> for Json<T, BYTES_MAX> {
    type Rejection = Problem;

    async fn from_request(request: Request, service: &Service) -> Result<Self, Problem> {
        if !is_type(request.headers(), "application/json") {
            let detail = "send a body of type application/json";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", detail));
        }
        let (body, room) = json_body::<T, BYTES_MAX>(request, service).await?;
        Ok(Self(body, room))
    }
}

/// A JSON body of whatever type it says that it is, and the room that it takes.
pub(super) async fn json_body<T: DeserializeOwned, const BYTES_MAX: usize>(
    request: Request,
    service: &Service,
) -> Result<(T, Taken), Problem> {
    let gates = &service.gates;
    let room = match BYTES_MAX {
        HTTP_REQUEST_BYTES_MAX => &gates.requests,
        _ => &gates.uploads,
    };
    let room = room_in(room, &request, BYTES_MAX as u64, JSON_ROOM_FACTOR)?;
    let bytes = in_time(Bytes::from_request(request, service))
        .await?
        .map_err(|rejection| unread(&rejection))?;
    Ok((parsed(&bytes)?, room))
}

/// Parses JSON; the mistake names its field.
pub(super) fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = draw_safely(&error.path().to_string());
        let inner = draw_safely(&error.into_inner().to_string());
        let path = if path == "." { "body".to_owned() } else { path };
        Problem::field(path, inner)
    })?;
    json.end().map_err(|error| Problem::field("body", draw_safely(&error.to_string())))?;
    Ok(value)
}

/// A body that does not come in time is given up: whoever sends a byte a minute holds no room for long.
pub(super) async fn in_time<T>(body: impl Future<Output = T>) -> Result<T, Problem> {
    timeout(Duration::from_secs(HTTP_BODY_SECONDS_MAX), body).await.map_err(|_| {
        Problem::new(StatusCode::BAD_REQUEST, "body-too-slow", "the body did not come in time")
    })
}

/// Room for the body of a request, whose length is said or else counts as the largest; `factor` is what
/// a byte may come to.
pub(super) fn room_in(
    room: &Arc<Room>,
    request: &Request,
    bytes_max: u64,
    factor: u64,
) -> Result<Taken, Problem> {
    let bytes = length(request.headers()).unwrap_or(bytes_max);
    if bytes > bytes_max {
        return Err(too_large());
    }
    let key = request.extensions().get::<KeyOf>().ok_or_else(full)?;
    room.take(key.0, bytes.saturating_mul(factor))
}

fn unread(rejection: &BytesRejection) -> Problem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => Problem::new(StatusCode::BAD_REQUEST, "body-unread", "the body could not be read"),
    }
}

pub(super) fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", "the body is too large")
}

pub(super) fn is_type(headers: &HeaderMap, wanted: &str) -> bool {
    let said = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    said.and_then(|text| text.split(';').next())
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case(wanted))
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Parameters of the query string.
#[derive(Debug)]
pub(super) struct Parameters<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Service> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, service).await;
        query.map(|Query(parameters)| Self(parameters)).map_err(|rejection| {
            let text = rejection.body_text();
            let (_, what) = text.split_once(": ").unwrap_or(("", &text));
            let (field, _) = what.split_once(": ").unwrap_or(("query", ""));
            Problem::field(draw_safely(field), draw_safely(what))
        })
    }
}

/// An id in the path; one that is none is of nothing that exists.
#[derive(Debug)]
pub(super) struct Id<T>(pub(super) T);

impl<T: std::str::FromStr> FromRequestParts<Service> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Problem> {
        let missing = || Problem::not_found("thing");
        let path = Path::<String>::from_request_parts(parts, service).await;
        let Path(text) = path.map_err(|_| missing())?;
        text.parse().map(Self).map_err(|_| missing())
    }
}
