//! `/v1/documents`: taken in, listed, looked at, given other readers, taken away.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::allowed::{Allowed, Grants, Ingests, Looks, Removes};
use super::body::{Id, Json, Parameters};
use super::model::{Access, Page, ReceiptBody, is_settled, parse};
use super::problem::{Problem, Refusals};
use super::service::Service;
use super::upload::{Upload, UploadForm};
use crate::domain::api_key::Role;
use crate::domain::digest::Digest;
use crate::domain::document::RawDocument;
use crate::domain::id::DocumentId;
use crate::domain::limits::IDEMPOTENCY_KEY_BYTES_MAX;
use crate::pipeline::given::check_metadata;
use crate::pipeline::ledger::{Answered, DocumentHead};
use crate::pipeline::receipt::{Intake, Item, Receipt};

/// The header under which a request is done once.
const IDEMPOTENCY_HEADER: &str = "idempotency-key";

/// How to take it in.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Taking {
    /// `false`: answer as soon as the document is judged and durable, before it is searchable.
    pub(super) wait: Option<bool>,
}

/// Take a document in: read, scan, judge, seal, store.
///
/// 201: done. 202: judged and durable, but not searchable yet. 200: known content under the same judges,
/// or a repeated request under one `Idempotency-Key`.
#[utoipa::path(post, path = "/v1/documents", tag = "documents", params(Taking,
    ("Idempotency-Key" = Option<String>, Header, description = "the same request under the same key is done once; kept for a day")),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, body = ReceiptBody), (status = 202, body = ReceiptBody),
        (status = 200, body = ReceiptBody), Refusals))]
pub(super) async fn take_in(
    allowed: Allowed<Ingests>,
    Parameters(taking): Parameters<Taking>,
    State(service): State<Service>,
    headers: HeaderMap,
    upload: Upload,
) -> Result<(StatusCode, Answer<ReceiptBody>), Problem> {
    let once = Once::of(&service, &allowed, &headers, &upload)?;
    let access = upload.access.as_ref().map(|access| access.list("access")).transpose()?;
    check_metadata(&upload.metadata, "metadata")?;
    let source = allowed.source(&parse(&upload.source, "source")?).await?;
    let collection = allowed.collection(&parse(&upload.collection, "collection")?).await?;
    let guard = &allowed.present.guard;
    if let Some(once) = &once
        && let Some(answered) = guard.ledger.answered(&once.key).await?
    {
        return once.again(&allowed, answered).await;
    }
    let _place = service.gates.ingest.enter().await?;
    let bytes = upload.bytes.len();
    let raw = RawDocument { uri: upload.uri, declared: upload.declared, bytes: upload.bytes };
    let item = Item { metadata: upload.metadata, ..Item::file(raw, access) };
    let intake = Intake { source, collection, actor: allowed.app.actor() };
    let answers = guard.stage(&intake, vec![item]).await?;
    let missing =
        || crate::pipeline::error::GuardError::Task("an item without an answer".to_owned());
    let mut receipt = answers.into_iter().next().ok_or_else(missing)??;
    if let Some(Once { key, request }) = once {
        let answered = Answered { request, revision: receipt.revision };
        guard.ledger.keep_answer(&key, &answered, guard.clock.now()).await?;
    }
    service.metrics.uploaded(bytes);
    settled(&service, std::slice::from_mut(&mut receipt), taking.wait).await;
    service.metrics.took_in(&receipt);
    let is_done = receipt.all().iter().all(|receipt| is_settled(receipt.state));
    let status = match (receipt.known, is_done) {
        (_, false) => StatusCode::ACCEPTED,
        (true, true) => StatusCode::OK,
        (false, true) => StatusCode::CREATED,
    };
    Ok((status, Answer(ReceiptBody::from(&receipt))))
}

/// Has what was admitted served: waits for it, or has it done behind the answer. What the store does not
/// take now is taken later; it is acknowledged already.
pub(super) async fn settled(service: &Service, receipts: &mut [Receipt], wait: Option<bool>) {
    let all = receipts.iter().flat_map(Receipt::all);
    let pending = all.filter(|receipt| !is_settled(receipt.state));
    let revisions: Vec<_> = pending.map(|receipt| receipt.revision).collect();
    if wait == Some(false) {
        service.settler.hand_in(revisions);
    } else if service.settler.settle(revisions).await {
        receipts.iter_mut().for_each(Receipt::served);
    }
}

/// A request that is done once.
struct Once {
    key: Digest,
    request: Digest,
}

impl Once {
    fn of(
        service: &Service,
        allowed: &Allowed<Ingests>,
        headers: &HeaderMap,
        upload: &Upload,
    ) -> Result<Option<Self>, Problem> {
        let Some(key) = headers.get(IDEMPOTENCY_HEADER).map(|value| value.as_bytes()) else {
            return Ok(None);
        };
        if key.is_empty() || key.len() > IDEMPOTENCY_KEY_BYTES_MAX {
            let what = format!("1 to {IDEMPOTENCY_KEY_BYTES_MAX} bytes");
            return Err(Problem::field("Idempotency-Key", what));
        }
        // Of the application, not of its key: a rotated key repeats the requests of the old one.
        let owner = allowed.app.key();
        let key = service.idempotency.mac(&[
            owner.tenant.as_str().as_bytes(),
            owner.app.as_str().as_bytes(),
            key,
        ]);
        let said = serde_json::to_vec(&(&upload.metadata, &upload.access)).unwrap_or_default();
        let declared = upload.declared.map(crate::domain::document::Format::name);
        let parts = [
            upload.source.as_bytes(),
            upload.collection.as_bytes(),
            upload.uri.as_bytes(),
            declared.unwrap_or_default().as_bytes(),
            &Digest::of(&upload.bytes).0,
            &said,
        ];
        Ok(Some(Self { key, request: service.idempotency.mac(&parts) }))
    }

    /// The answer that the request was given; another request under the same key is a mistake.
    async fn again(
        &self,
        allowed: &Allowed<Ingests>,
        answered: Answered,
    ) -> Result<(StatusCode, Answer<ReceiptBody>), Problem> {
        if answered.request != self.request {
            let what = "another request was made under this key";
            return Err(Problem::field("Idempotency-Key", what));
        }
        let recorded = allowed.present.guard.ledger.revision(answered.revision).await?;
        let recorded = recorded.ok_or_else(|| Problem::not_found("receipt"))?;
        let status = match is_settled(recorded.head.state) {
            true => StatusCode::OK,
            false => StatusCode::ACCEPTED,
        };
        Ok((status, Answer(ReceiptBody { known: true, ..ReceiptBody::from(&recorded) })))
    }
}

/// A document of a source.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DocumentBody {
    /// Its id.
    id: String,
    /// Its source.
    source: String,
    /// Its path or URI in its source.
    uri: String,
    /// The revision that it serves.
    serving: Option<String>,
    /// Its newest revision.
    latest: Option<String>,
    /// Where that stands.
    state: Option<&'static str>,
    /// Who may read what it serves.
    access: Access,
}

impl DocumentBody {
    fn of(head: &DocumentHead, sources: &[crate::domain::source::Source]) -> Self {
        let source = sources.iter().find(|source| source.id == head.source);
        Self {
            id: head.document.to_string(),
            source: source.map(|source| source.name.to_string()).unwrap_or_default(),
            uri: head.uri.clone(),
            serving: head.serving.map(|revision| revision.to_string()),
            latest: head.latest.as_ref().map(|latest| latest.revision.to_string()),
            state: head.latest.as_ref().map(|latest| latest.state.name()),
            access: Access::of(&head.class.list),
        }
    }
}

/// A page of documents.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DocumentPage {
    documents: Vec<DocumentBody>,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Documents of the sources that the key reaches.
#[utoipa::path(get, path = "/v1/documents", tag = "documents", params(Page),
    responses((status = 200, body = DocumentPage), Refusals))]
pub(super) async fn list(
    allowed: Allowed<Looks>,
    State(service): State<Service>,
    Parameters(page): Parameters<Page>,
) -> Result<Answer<DocumentPage>, Problem> {
    let (limit, key) = (page.limit()?, allowed.app.key().id);
    let after =
        page.cursor.map(|text| service.cursors.read("documents", key, &text)).transpose()?;
    let sources = allowed.sources().await?;
    let ids: Vec<_> = sources.iter().map(|source| source.id).collect();
    let ledger = &allowed.present.guard.ledger;
    let heads = ledger.documents(&ids, after.map(DocumentId::new), limit).await?;
    let next = heads.last().filter(|_| heads.len() == limit);
    let next = next.map(|last| service.cursors.after("documents", key, last.document.uuid()));
    let documents = heads.iter().map(|head| DocumentBody::of(head, &sources)).collect();
    Ok(Answer(DocumentPage { documents, next }))
}

/// One document.
#[utoipa::path(get, path = "/v1/documents/{id}", tag = "documents",
    params(("id" = String, Path, description = "the document")),
    responses((status = 200, body = DocumentBody), Refusals))]
pub(super) async fn show(
    allowed: Allowed<Looks>,
    Id(id): Id<DocumentId>,
) -> Result<Answer<DocumentBody>, Problem> {
    let head = reached(&allowed, id).await?;
    Ok(Answer(DocumentBody::of(&head, &allowed.sources().await?)))
}

/// Take a document out of the index, and destroy what was kept of it. What is held of it stays in review.
#[utoipa::path(delete, path = "/v1/documents/{id}", tag = "documents",
    params(("id" = String, Path, description = "the document")),
    responses((status = 204), Refusals))]
pub(super) async fn remove(
    allowed: Allowed<Removes>,
    Id(id): Id<DocumentId>,
) -> Result<StatusCode, Problem> {
    let head = reached(&allowed, id).await?;
    allowed.present.guard.delete(&head, &allowed.app.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Set who may read a document: effective on the next query.
///
/// A key with the role ingest may set what its source gives or less; one with the role admin anything.
#[utoipa::path(put, path = "/v1/documents/{id}/access", tag = "documents",
    params(("id" = String, Path, description = "the document")), request_body = Access,
    responses((status = 200, body = DocumentBody), Refusals))]
pub(super) async fn set_access(
    allowed: Allowed<Grants>,
    Id(id): Id<DocumentId>,
    Json(access, _room): Json<Access>,
) -> Result<Answer<DocumentBody>, Problem> {
    let head = reached(&allowed, id).await?;
    let sources = allowed.sources().await?;
    let mut list = access.list("access")?;
    if !allowed.app.has(Role::Admin) {
        let source = sources.iter().find(|source| source.id == head.source);
        let source = source.ok_or_else(|| Problem::not_found("document"))?;
        list = list.within(&source.readers).map_err(crate::pipeline::error::GuardError::from)?;
    }
    let guard = &allowed.present.guard;
    let class = guard.set_access(&head, &list, &allowed.app.actor()).await?;
    Ok(Answer(DocumentBody::of(&DocumentHead { class, ..head }, &sources)))
}

/// The document of this id, if it is of a source that the key reaches.
pub(super) async fn reached<N>(
    allowed: &Allowed<N>,
    id: DocumentId,
) -> Result<DocumentHead, Problem> {
    let missing = || Problem::not_found("document");
    let found = allowed.present.guard.ledger.document(&id.to_string()).await?;
    let head = found.ok_or_else(missing)?;
    let sources = allowed.sources().await?;
    if sources.iter().any(|source| source.id == head.source) { Ok(head) } else { Err(missing()) }
}
