//! Users and groups that an identity provider keeps here.

use std::collections::BTreeSet;

use async_trait::async_trait;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Sqlite, query};
use uuid::Uuid;

use super::SqliteLedger;
use super::error::{conflict, damaged, failed, missing};
use super::query::advance_epoch;
use super::rows::{Fields, json, select_in, stored};
use crate::domain::access::{Label, Principal, User};
use crate::domain::id::{ApiKeyId, GroupId, PersonId};
use crate::domain::limits::{GROUPS_PER_USER_MAX, SCIM_PAGE_MEMBERS_MAX};
use crate::domain::people::{PeopleGroup, Person, Sought, Standing, name_key};
use crate::domain::source::Tenant;
use crate::domain::time::Timestamp;
use crate::pipeline::ledger::LedgerError;
use crate::pipeline::people::People;

/// Every group of a person: those it is in, those that these are in, and so on. A circle ends where it began, since
/// `UNION` keeps each once.
const GROUPS_OF: &str = "WITH RECURSIVE inside (id) AS (\
     SELECT people_group FROM membership WHERE member = $1 \
     UNION SELECT m.people_group FROM membership m JOIN inside i ON m.member = i.id) \
     SELECT g.name FROM people_group g JOIN inside i ON g.id = i.id WHERE g.tenant = $2 LIMIT $3";

#[async_trait]
impl People for SqliteLedger {
    async fn standing(&self, tenant: &Tenant, name: &str) -> Result<Standing, LedgerError> {
        // One state of all of it: a group that is taken away must not be seen beside one that is given.
        let mut tx = self.read().await?;
        let directory = query("SELECT provisioned FROM directory WHERE tenant = $1")
            .bind(tenant.as_str())
            .fetch_optional(&mut *tx)
            .await
            .map_err(failed)?;
        let provisioned = directory.as_ref().map(|row| Fields(row).number("provisioned"));
        let is_provisioned = provisioned.transpose()?.is_some_and(|yes| yes != 0);
        let row = query(
            "SELECT id, name, active, clearance FROM person WHERE tenant = $1 AND name_key = $2",
        )
        .bind(tenant.as_str())
        .bind(name_key(name))
        .fetch_optional(&mut *tx)
        .await
        .map_err(failed)?;
        let known = match &row {
            Some(row) if Fields(row).number("active")? != 0 => {
                Some(active(&mut tx, tenant, row).await?)
            }
            Some(_) | None => None,
        };
        let canonical = known.as_ref().map_or(name, |(name, _)| name.as_str()).to_owned();
        let ended = query("SELECT at FROM tokens_from WHERE tenant = $1 AND name = $2")
            .bind(tenant.as_str())
            .bind(name_key(&canonical))
            .fetch_optional(&mut *tx)
            .await
            .map_err(failed)?;
        let tokens_from = ended.as_ref().map(|row| Fields(row).moment("at")).transpose()?;
        Ok(Standing { is_provisioned, known, tokens_from })
    }

    async fn directory_version(&self, tenant: &Tenant) -> Result<u64, LedgerError> {
        let row = query("SELECT version FROM directory WHERE tenant = $1")
            .bind(tenant.as_str())
            .fetch_optional(&self.readers)
            .await
            .map_err(failed)?;
        row.as_ref().map_or(Ok(0), |row| Fields(row).number("version"))
    }

    async fn persons(
        &self,
        tenant: &Tenant,
        sought: &Sought,
        skip: usize,
        limit: usize,
    ) -> Result<(usize, Vec<Person>), LedgerError> {
        let (count, rows) = listed(self, "person", "name_key", tenant, sought, skip, limit).await?;
        Ok((count, rows.iter().map(person).collect::<Result<_, _>>()?))
    }

    async fn keep_person(&self, person: &Person) -> Result<(), LedgerError> {
        let mut tx = self.write().await?;
        let sql = match person.version {
            1 => {
                "INSERT INTO person (id, tenant, name, name_key, external_id, active, clearance, rest, \
                 version, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
            }
            _ => {
                "UPDATE person SET name = $3, name_key = $4, external_id = $5, active = $6, \
                 clearance = $7, rest = $8, version = $9, created_at = $10, changed_at = $11 \
                 WHERE id = $1 AND tenant = $2 AND version = $9 - 1"
            }
        };
        let done = query(sql)
            .bind(person.id.bytes().as_slice())
            .bind(person.tenant.as_str())
            .bind(&person.name)
            .bind(name_key(&person.name))
            .bind(&person.external_id)
            .bind(i64::from(person.is_active))
            .bind(person.clearance.map(Label::name))
            .bind(json(&person.rest)?)
            .bind(stored(person.version)?)
            .bind(person.created_at.0)
            .bind(person.changed_at.0)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        if done.rows_affected() == 0 {
            return Err(conflict(format!("person {}", person.id)));
        }
        advance(&mut tx, &person.tenant, true).await?;
        tx.commit().await.map_err(failed)
    }

    async fn remove_person(&self, tenant: &Tenant, id: PersonId) -> Result<(), LedgerError> {
        remove(self, "person", tenant, id.uuid()).await
    }

    async fn groups(
        &self,
        tenant: &Tenant,
        sought: &Sought,
        skip: usize,
        limit: usize,
    ) -> Result<(usize, Vec<PeopleGroup>), LedgerError> {
        let (count, rows) =
            listed(self, "people_group", "name", tenant, sought, skip, limit).await?;
        let mut conn = self.readers.acquire().await.map_err(failed)?;
        let (mut groups, mut members) = (Vec::with_capacity(rows.len()), 0);
        for row in &rows {
            let group = group(&mut conn, row).await?;
            members += group.members.len();
            groups.push(group);
            if members >= SCIM_PAGE_MEMBERS_MAX {
                break;
            }
        }
        Ok((count, groups))
    }

    async fn keep_group(&self, group: &PeopleGroup) -> Result<(), LedgerError> {
        let mut tx = self.write().await?;
        let sql = match group.version {
            1 => {
                "INSERT INTO people_group (id, tenant, name, external_id, rest, version, created_at, \
                 changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
            }
            _ => {
                "UPDATE people_group SET name = $3, external_id = $4, rest = $5, version = $6, \
                 created_at = $7, changed_at = $8 WHERE id = $1 AND tenant = $2 AND version = $6 - 1"
            }
        };
        let done = query(sql)
            .bind(group.id.bytes().as_slice())
            .bind(group.tenant.as_str())
            .bind(&group.name)
            .bind(&group.external_id)
            .bind(json(&group.rest)?)
            .bind(stored(group.version)?)
            .bind(group.created_at.0)
            .bind(group.changed_at.0)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        if done.rows_affected() == 0 {
            return Err(conflict(format!("group {}", group.id)));
        }
        let before = members(&mut tx, group.id).await?;
        let (fresh, gone): (Vec<Uuid>, Vec<Uuid>) = (
            group.members.difference(&before).copied().collect(),
            before.difference(&group.members).copied().collect(),
        );
        check_members(&mut tx, &group.tenant, &fresh).await?;
        for member in fresh {
            change_member(
                &mut tx,
                "INSERT INTO membership (people_group, member) VALUES ($1, $2)",
                group.id,
                member,
            )
            .await?;
        }
        for member in gone {
            change_member(
                &mut tx,
                "DELETE FROM membership WHERE people_group = $1 AND member = $2",
                group.id,
                member,
            )
            .await?;
        }
        advance(&mut tx, &group.tenant, false).await?;
        tx.commit().await.map_err(failed)
    }

    async fn remove_group(&self, tenant: &Tenant, id: GroupId) -> Result<(), LedgerError> {
        remove(self, "people_group", tenant, id.uuid()).await
    }

    async fn end_tokens(
        &self,
        tenant: &Tenant,
        name: &str,
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        let mut tx = self.write().await?;
        query(
            "INSERT INTO tokens_from (tenant, name, at) VALUES ($1, $2, $3) \
             ON CONFLICT (tenant, name) DO UPDATE SET at = MAX(at, excluded.at)",
        )
        .bind(tenant.as_str())
        .bind(name_key(name))
        .bind(at.0)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        advance(&mut tx, tenant, false).await?;
        tx.commit().await.map_err(failed)
    }

    async fn end_tokens_beside(&self, key: ApiKeyId, at: Timestamp) -> Result<(), LedgerError> {
        let mut tx = self.write().await?;
        let done = query(
            "UPDATE api_key SET tokens_from = MAX(COALESCE(tokens_from, 0), $2) WHERE id = $1",
        )
        .bind(key.bytes().as_slice())
        .bind(at.0)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        if done.rows_affected() == 0 {
            return Err(missing(format!("key {key}")));
        }
        advance_epoch(&mut tx).await?;
        tx.commit().await.map_err(failed)
    }
}

/// Notes that somebody of this tenant changed. From its first user on a tenant is provisioned.
async fn advance(
    conn: &mut SqliteConnection,
    tenant: &Tenant,
    provisions: bool,
) -> Result<(), LedgerError> {
    query(
        "INSERT INTO directory (tenant, provisioned, version) VALUES ($1, $2, 1) ON CONFLICT (tenant) \
         DO UPDATE SET provisioned = MAX(provisioned, excluded.provisioned), version = version + 1",
    )
    .bind(tenant.as_str())
    .bind(i64::from(provisions))
    .execute(&mut *conn)
    .await
    .map_err(failed)?;
    advance_epoch(conn).await
}

/// An active person's name and groups.
async fn active(
    conn: &mut SqliteConnection,
    tenant: &Tenant,
    row: &SqliteRow,
) -> Result<(String, User), LedgerError> {
    let fields = Fields(row);
    let id: PersonId = fields.id("id", PersonId::new)?;
    let limit = i64::try_from(GROUPS_PER_USER_MAX).unwrap_or(i64::MAX).saturating_add(1);
    let rows = query(GROUPS_OF)
        .bind(id.bytes().as_slice())
        .bind(tenant.as_str())
        .bind(limit)
        .fetch_all(conn)
        .await
        .map_err(failed)?;
    if rows.len() > GROUPS_PER_USER_MAX {
        // Some of them, or none, would be another answer: a group that is left out may be one that is denied.
        return Err(conflict(format!("a user of more than {GROUPS_PER_USER_MAX} groups")));
    }
    let group = |row: &SqliteRow| {
        let name = Fields(row).text("name")?;
        format!("group:{name}").parse::<Principal>().map_err(|_| damaged("column name"))
    };
    let groups: BTreeSet<Principal> = rows.iter().map(group).collect::<Result<_, _>>()?;
    Ok((fields.text("name")?, User { groups, clearance: clearance(row)?.unwrap_or_default() }))
}

/// Rows of this table, and how many there are in all. The names of tables and columns are this file's own.
async fn listed(
    ledger: &SqliteLedger,
    table: &str,
    name_column: &str,
    tenant: &Tenant,
    sought: &Sought,
    skip: usize,
    limit: usize,
) -> Result<(usize, Vec<SqliteRow>), LedgerError> {
    let condition = match sought {
        Sought::All => "$2 IS NULL",
        Sought::Id(_) => "id = $2",
        Sought::Name(_) => &format!("{name_column} = $2"),
        Sought::ExternalId(_) => "external_id = $2",
        Sought::Member(_) => "id IN (SELECT people_group FROM membership WHERE member = $2)",
    };
    let bound = |query: sqlx::query::Query<'static, Sqlite, sqlx::sqlite::SqliteArguments>| {
        let query = query.bind(tenant.as_str().to_owned());
        match sought.clone() {
            Sought::All => query.bind(None::<String>),
            Sought::Id(id) | Sought::Member(id) => query.bind(id.as_bytes().to_vec()),
            Sought::Name(name) if name_column == "name_key" => query.bind(name_key(&name)),
            Sought::Name(name) => query.bind(name),
            Sought::ExternalId(id) => query.bind(id),
        }
    };
    let mut tx = ledger.read().await?;
    let sql = format!("SELECT COUNT(*) AS count FROM {table} WHERE tenant = $1 AND {condition}");
    let row = bound(query(AssertSqlSafe(sql))).fetch_one(&mut *tx).await.map_err(failed)?;
    let count = usize::try_from(Fields(&row).number("count")?).unwrap_or(usize::MAX);
    let sql = format!(
        "SELECT * FROM {table} WHERE tenant = $1 AND {condition} ORDER BY id LIMIT $3 OFFSET $4"
    );
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let rows = bound(query(AssertSqlSafe(sql)))
        .bind(number(limit))
        .bind(number(skip))
        .fetch_all(&mut *tx)
        .await
        .map_err(failed)?;
    Ok((count, rows))
}

fn person(row: &SqliteRow) -> Result<Person, LedgerError> {
    let fields = Fields(row);
    Ok(Person {
        id: fields.id("id", PersonId::new)?,
        tenant: fields.parsed("tenant")?,
        name: fields.text("name")?,
        external_id: fields.text_if("external_id")?,
        is_active: fields.number("active")? != 0,
        clearance: clearance(row)?,
        rest: fields.json("rest")?,
        version: fields.number("version")?,
        created_at: fields.moment("created_at")?,
        changed_at: fields.moment("changed_at")?,
    })
}

fn clearance(row: &SqliteRow) -> Result<Option<Label>, LedgerError> {
    Fields(row).named_if("clearance", &Label::ALL, Label::name)
}

async fn group(conn: &mut SqliteConnection, row: &SqliteRow) -> Result<PeopleGroup, LedgerError> {
    let fields = Fields(row);
    let id = fields.id("id", GroupId::new)?;
    Ok(PeopleGroup {
        id,
        tenant: fields.parsed("tenant")?,
        name: fields.text("name")?,
        external_id: fields.text_if("external_id")?,
        members: members(conn, id).await?,
        groups_inside: groups_inside(conn, id).await?,
        rest: fields.json("rest")?,
        version: fields.number("version")?,
        created_at: fields.moment("created_at")?,
        changed_at: fields.moment("changed_at")?,
    })
}

async fn members(conn: &mut SqliteConnection, id: GroupId) -> Result<BTreeSet<Uuid>, LedgerError> {
    let rows = query("SELECT member FROM membership WHERE people_group = $1")
        .bind(id.bytes().as_slice())
        .fetch_all(conn)
        .await
        .map_err(failed)?;
    rows.iter().map(|row| Fields(row).id("member", |uuid| uuid)).collect()
}

async fn groups_inside(
    conn: &mut SqliteConnection,
    id: GroupId,
) -> Result<BTreeSet<Uuid>, LedgerError> {
    let sql = "SELECT m.member FROM membership m JOIN people_group g ON g.id = m.member \
               WHERE m.people_group = $1";
    let rows = query(sql).bind(id.bytes().as_slice()).fetch_all(conn).await.map_err(failed)?;
    rows.iter().map(|row| Fields(row).id("member", |uuid| uuid)).collect()
}

/// Whether each of these is somebody of the tenant.
async fn check_members(
    conn: &mut SqliteConnection,
    tenant: &Tenant,
    ids: &[Uuid],
) -> Result<(), LedgerError> {
    let mut found = BTreeSet::new();
    for sql in [
        "SELECT id, tenant FROM person WHERE id IN",
        "SELECT id, tenant FROM people_group WHERE id IN",
    ] {
        for row in select_in(conn, sql, ids).await? {
            let fields = Fields(&row);
            if fields.parsed::<Tenant>("tenant")? == *tenant {
                found.insert(fields.id("id", |uuid| uuid)?);
            }
        }
    }
    match ids.iter().find(|id| !found.contains(*id)) {
        Some(id) => Err(missing(format!("member {id}"))),
        None => Ok(()),
    }
}

async fn change_member(
    conn: &mut SqliteConnection,
    sql: &'static str,
    group: GroupId,
    member: Uuid,
) -> Result<(), LedgerError> {
    query(sql)
        .bind(group.bytes().as_slice())
        .bind(member.as_bytes().as_slice())
        .execute(conn)
        .await
        .map_err(failed)?;
    Ok(())
}

/// Removes somebody, and from all groups; a group with its own members.
async fn remove(
    ledger: &SqliteLedger,
    table: &str,
    tenant: &Tenant,
    id: Uuid,
) -> Result<(), LedgerError> {
    let mut tx = ledger.write().await?;
    for sql in [
        "DELETE FROM membership WHERE member = $1",
        "DELETE FROM membership WHERE people_group = $1",
    ] {
        query(sql).bind(id.as_bytes().as_slice()).execute(&mut *tx).await.map_err(failed)?;
    }
    let sql = format!("DELETE FROM {table} WHERE id = $1 AND tenant = $2");
    let done = query(AssertSqlSafe(sql))
        .bind(id.as_bytes().as_slice())
        .bind(tenant.as_str())
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
    if done.rows_affected() == 0 {
        // The memberships come back with the transaction.
        return Err(missing(format!("{table} {id}")));
    }
    advance(&mut tx, tenant, false).await?;
    tx.commit().await.map_err(failed)
}
