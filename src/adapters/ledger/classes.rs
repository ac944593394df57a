//! Access classes: made once for each (tenant, list, label), never changed, checked against their
//! own digest whenever they are read.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::query;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use uuid::Uuid;

use super::error::{broken, conflict, damaged, failed, missing};
use super::rows::{Fields, json, select_in};
use crate::domain::access::{AccessClass, AccessList};
use crate::domain::id::ClassId;
use crate::domain::source::Tenant;
use crate::pipeline::ledger::LedgerError;

/// A row of `access_class`.
pub(super) fn read(row: &SqliteRow) -> Result<AccessClass, LedgerError> {
    let fields = Fields(row);
    let class = AccessClass {
        id: fields.id("id", ClassId::new)?,
        tenant: fields.parsed("tenant")?,
        list: fields.json("list")?,
    };
    if class.list.class_digest(&class.tenant) == fields.digest("digest")? {
        Ok(class)
    } else {
        Err(damaged(format!("access class {}", class.id)))
    }
}

/// The class of a list, if it has one.
pub(super) async fn find(
    conn: &mut SqliteConnection,
    tenant: &Tenant,
    list: &AccessList,
) -> Result<Option<AccessClass>, LedgerError> {
    let row = query("SELECT id, tenant, digest, list FROM access_class WHERE digest = $1")
        .bind(list.class_digest(tenant).0.as_slice())
        .fetch_optional(conn)
        .await
        .map_err(failed)?;
    row.as_ref().map(read).transpose()
}

/// The class of a list, made with id `fresh` when it has none.
pub(super) async fn find_or_make(
    conn: &mut SqliteConnection,
    tenant: &Tenant,
    list: &AccessList,
    fresh: ClassId,
) -> Result<AccessClass, LedgerError> {
    if let Some(class) = find(conn, tenant, list).await? {
        return Ok(class);
    }
    query("INSERT INTO access_class (id, tenant, digest, list) VALUES ($1, $2, $3, $4)")
        .bind(fresh.bytes().as_slice())
        .bind(tenant.as_str())
        .bind(list.class_digest(tenant).0.as_slice())
        .bind(json(list)?)
        .execute(conn)
        .await
        .map_err(failed)?;
    Ok(AccessClass { id: fresh, tenant: tenant.clone(), list: list.clone() })
}

/// The class that lets nobody read who may not read by both.
pub(super) async fn narrowed(
    conn: &mut SqliteConnection,
    present: ClassId,
    asked: &AccessClass,
) -> Result<ClassId, LedgerError> {
    let present = get(conn, present).await?;
    let list = present.list.narrowed_by(&asked.list);
    if list == present.list {
        return Ok(present.id);
    }
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(broken)?;
    let fresh = ClassId::new(uuid::Builder::from_random_bytes(bytes).into_uuid());
    Ok(find_or_make(conn, &present.tenant, &list, fresh).await?.id)
}

/// The class of this id, which a row names.
pub(super) async fn get(
    conn: &mut SqliteConnection,
    id: ClassId,
) -> Result<AccessClass, LedgerError> {
    let found = by_id(conn, &BTreeSet::from([id])).await?;
    found.into_values().next().ok_or_else(|| damaged(format!("access class {id}")))
}

/// The classes of these ids; each must be there, for rows name them.
pub(super) async fn by_id(
    conn: &mut SqliteConnection,
    ids: &BTreeSet<ClassId>,
) -> Result<BTreeMap<ClassId, AccessClass>, LedgerError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let sql = "SELECT id, tenant, digest, list FROM access_class WHERE id IN";
    let mut classes = BTreeMap::new();
    for row in select_in(conn, sql, &ids).await? {
        let class = read(&row)?;
        classes.insert(class.id, class);
    }
    match ids.iter().find(|id| !classes.contains_key(&ClassId::new(**id))) {
        Some(id) => Err(damaged(format!("access class {id}"))),
        None => Ok(classes),
    }
}

/// Whether this is a class of the ledger, and of this tenant.
pub(super) async fn check(
    conn: &mut SqliteConnection,
    class: &AccessClass,
    tenant: &Tenant,
) -> Result<(), LedgerError> {
    let found = find(conn, &class.tenant, &class.list).await?;
    match found {
        Some(found) if found.id == class.id && found.tenant == *tenant => Ok(()),
        Some(_) => Err(conflict(format!("access class {}", class.id))),
        None => Err(missing(format!("access class {}", class.id))),
    }
}
