//! A file with its fields, as `multipart/form-data` brings it.

use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::body::{in_time, is_type, parsed, room_in, too_large};
use super::model::{Access, default_name};
use super::problem::Problem;
use super::room::Taken;
use super::service::Service;
use crate::domain::document::Format;
use crate::domain::limits::{
    DOCUMENT_BYTES_MAX, HTTP_FIELD_BYTES_MAX, HTTP_JSON_BYTES_MAX, URI_BYTES_MAX,
};

/// A file and what is said of it.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) bytes: Vec<u8>,
    pub(super) uri: String,
    pub(super) source: String,
    pub(super) collection: String,
    pub(super) declared: Option<Format>,
    pub(super) metadata: Map<String, Value>,
    pub(super) access: Option<Access>,
    /// The room that its bytes take.
    _room: Taken,
}

/// Fields as they came.
#[derive(Debug, Default)]
struct Fields {
    file: Option<Vec<u8>>,
    file_name: Option<String>,
    file_type: Option<String>,
    uri: Option<String>,
    source: Option<String>,
    collection: Option<String>,
    kind: Option<String>,
    metadata: Option<String>,
    access: Option<String>,
}

impl FromRequest<Service> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, service: &Service) -> Result<Self, Problem> {
        if !is_type(request.headers(), "multipart/form-data") {
            let detail = "send multipart/form-data with the part `file`";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", detail));
        }
        let bytes_max = DOCUMENT_BYTES_MAX.saturating_add(HTTP_JSON_BYTES_MAX as u64);
        let room = room_in(&service.gates.uploads, &request, bytes_max, 1)?;
        let form = Multipart::from_request(request, service).await.map_err(|_| malformed())?;
        let fields = in_time(read(form)).await??;
        fields.into_upload(room)
    }
}

async fn read(mut form: Multipart) -> Result<Fields, Problem> {
    let mut fields = Fields::default();
    while let Some(field) = form.next_field().await.map_err(|error| broken(&error))? {
        let name = field.name().unwrap_or_default().to_owned();
        let place = match name.as_str() {
            "file" => {
                fields.file_name = field.file_name().map(str::to_owned);
                fields.file_type = field.content_type().map(str::to_owned);
                let bytes = bytes_of(field, DOCUMENT_BYTES_MAX).await?;
                if fields.file.replace(bytes).is_some() {
                    return Err(Problem::field("file", "it is there twice"));
                }
                continue;
            }
            "uri" => &mut fields.uri,
            "source" => &mut fields.source,
            "collection" => &mut fields.collection,
            "type" => &mut fields.kind,
            "metadata" => &mut fields.metadata,
            "access" => &mut fields.access,
            _ => {
                let name = crate::domain::finding::draw_safely(&name);
                return Err(Problem::field(name, "there is no such field"));
            }
        };
        let text = String::from_utf8(bytes_of(field, HTTP_FIELD_BYTES_MAX).await?)
            .map_err(|_| Problem::field(name.clone(), "it is not UTF-8"))?;
        if place.replace(text).is_some() {
            return Err(Problem::field(name, "it is there twice"));
        }
    }
    Ok(fields)
}

async fn bytes_of(mut field: Field<'_>, bytes_max: u64) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(|error| broken(&error))? {
        if (bytes.len() as u64).saturating_add(piece.len() as u64) > bytes_max {
            return Err(too_large());
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

fn malformed() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "body-unread", "the form could not be read")
}

fn broken(error: &MultipartError) -> Problem {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => malformed(),
    }
}

impl Fields {
    fn into_upload(self, room: Taken) -> Result<Upload, Problem> {
        let bytes = self.file.ok_or_else(|| Problem::field("file", "it is missing"))?;
        let uri = self.uri.or_else(|| self.file_name.clone()).unwrap_or_default();
        check_uri(&uri, "uri")?;
        let declared = declared(self.kind.as_deref(), self.file_type.as_deref(), &uri)?;
        let json = |text: Option<String>, field: &str| {
            text.map(|text| parsed::<Value>(text.as_bytes()).map_err(|error| error.under(field)))
                .transpose()
        };
        let metadata = match json(self.metadata, "metadata")? {
            None => Map::new(),
            Some(Value::Object(metadata)) => metadata,
            Some(_) => return Err(Problem::field("metadata", "it must be a JSON object")),
        };
        let access = self
            .access
            .map(|text| parsed::<Access>(text.as_bytes()).map_err(|error| error.under("access")))
            .transpose()?;
        Ok(Upload {
            bytes,
            uri,
            source: self.source.unwrap_or_else(default_name),
            collection: self.collection.unwrap_or_else(default_name),
            declared,
            metadata,
            access,
            _room: room,
        })
    }
}

/// A document's name in its source: any text that is not empty and has a bound.
pub(super) fn check_uri(uri: &str, field: &str) -> Result<(), Problem> {
    if uri.trim().is_empty() || uri.len() > URI_BYTES_MAX {
        let what = format!("a path or URI of 1 to {URI_BYTES_MAX} bytes; or name the file");
        return Err(Problem::field(field, what));
    }
    Ok(())
}

/// What the sender says that the file is: the field `type`, else its media type, else its name.
fn declared(kind: Option<&str>, media: Option<&str>, uri: &str) -> Result<Option<Format>, Problem> {
    if let Some(kind) = kind {
        let names: Vec<&str> = Format::all()
            .filter(|format| Format::named(format.name()).is_some())
            .map(Format::name)
            .collect();
        let what = || format!("use one of {}, or leave it out", names.join(", "));
        return Format::named(kind).map(Some).ok_or_else(|| Problem::field("type", what()));
    }
    let of_media = media.and_then(Format::of_media_type);
    Ok(of_media.or_else(|| Format::of_name(uri)))
}

/// The form, for the OpenAPI document.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "read by the generator of the OpenAPI document alone")]
pub(super) struct UploadForm {
    /// The file; its type is sniffed from the bytes.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// Path or URI in the source; the file's name when not said.
    uri: Option<String>,
    /// Where it comes from; `default` when not said.
    source: Option<String>,
    /// Where it is searched; `default` when not said.
    collection: Option<String>,
    /// What the file is said to be: text, markdown, html, pdf, docx, eml, zip and so on. A lie is a finding.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// A JSON object that is returned with every chunk.
    metadata: Option<String>,
    /// A JSON object: `allow`, `deny`, `label`; within what the source gives.
    access: Option<String>,
}
