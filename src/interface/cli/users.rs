//! `alnage user`: users' tokens, and the users that an identity provider keeps here.

use serde_json::json;

use crate::domain::access::Principal;
use crate::domain::finding::draw_safely;
use crate::domain::limits::SCIM_PAGE_MAX;
use crate::domain::people::Sought;
use crate::domain::source::Tenant;

use super::args::{Format, UserCommand};
use super::error::{CliError, Outcome};
use super::screen::Screen;
use super::workspace::{Workspace, operator};

/// Runs the command.
pub(super) async fn run(
    workspace: &Workspace,
    command: UserCommand,
    screen: &mut Screen,
) -> Result<Outcome, CliError> {
    let guard = &workspace.guard;
    match command {
        UserCommand::EndTokens { user, tenant } => {
            let named: Result<Principal, _> = format!("user:{user}").parse();
            named.map_err(|error| CliError::Usage(error.to_string()))?;
            let tenant = workspace.tenant(tenant.as_ref());
            guard.end_tokens(&tenant, &user, &operator()).await?;
            let user = draw_safely(&user);
            screen.line(format!("no token of `{user}` counts that was issued by now"))?;
        }
        UserCommand::List { tenant, format } => {
            let tenant = workspace.tenant(tenant.as_ref());
            list(workspace, &tenant, format, screen).await?;
        }
    }
    Ok(Outcome::Done)
}

async fn list(
    workspace: &Workspace,
    tenant: &Tenant,
    format: Format,
    screen: &mut Screen,
) -> Result<(), CliError> {
    let people = &workspace.guard.people;
    let (mut skip, mut rows) = (0, Vec::new());
    loop {
        let (_, page) = people.persons(tenant, &Sought::All, skip, SCIM_PAGE_MAX).await?;
        skip += page.len();
        for person in &page {
            let standing = people.standing(tenant, &person.name).await?;
            let groups: Vec<String> = standing
                .known
                .map(|(_, user)| user.groups.iter().map(ToString::to_string).collect())
                .unwrap_or_default();
            match format {
                Format::Json => screen.json(&json!({
                    "id": person.id, "user": person.name, "external_id": person.external_id,
                    "active": person.is_active, "clearance": person.clearance, "groups": groups,
                    "changed_at": person.changed_at.to_string(),
                }))?,
                Format::Text => rows.push(vec![
                    person.name.clone(),
                    if person.is_active { "active" } else { "not active" }.to_owned(),
                    person.clearance.unwrap_or_default().name().to_owned(),
                    groups.join(", "),
                ]),
            }
        }
        if page.len() < SCIM_PAGE_MAX {
            break;
        }
    }
    match format {
        Format::Json => Ok(()),
        Format::Text => Ok(screen.table(&["user", "", "clearance", "groups"], rows)?),
    }
}
