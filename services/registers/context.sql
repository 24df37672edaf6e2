-- name: listContextIssues
-- key: i.id
-- sort: created_at i.created_at timestamptz
select i.id, i.client_id, i.kind, i.topic, i.description, i.effect, i.response, i.is_climate, i.status, i.version, i.created_at,
       i.updated_at{key}
from registers.context_issues i
where i.consultancy_id = :consultancy and i.client_id = :client_id
  and (:kind::text is null or i.kind = :kind)
  and (:is_climate::boolean is null or i.is_climate = :is_climate::boolean)
  and (:status::text is null or i.status = :status)
{page}

-- name: createContextIssue
-- event: context_issue.created
insert into registers.context_issues (consultancy_id, id, client_id, kind, topic, description, effect, response, is_climate, status,
                                      created_at, updated_at)
values (:consultancy, :new_id, :client_id, :kind, :topic, :description, :effect, :response, coalesce(:is_climate::boolean, false),
        coalesce(:status, 'active'), :now, :now)
returning id, client_id, kind, topic, description, effect, response, is_climate, status, version, created_at, updated_at

-- name: getContextIssue
select i.id, i.client_id, i.kind, i.topic, i.description, i.effect, i.response, i.is_climate, i.status, i.version, i.created_at,
       i.updated_at
from registers.context_issues i
where i.consultancy_id = :consultancy and i.client_id = :client_id and i.id = :context_issue_id

-- name: updateContextIssue
-- event: context_issue.changed
update registers.context_issues i
set (kind, topic, description, effect, response, is_climate, status) =
    (select n.kind, n.topic, n.description, n.effect, n.response, n.is_climate, n.status
     from jsonb_populate_record(i, :body::jsonb) n),
    version = i.version + 1, updated_at = :now
where i.consultancy_id = :consultancy and i.client_id = :client_id and i.id = :context_issue_id
  and (:if_match::int is null or i.version = :if_match::int)
returning id, client_id, kind, topic, description, effect, response, is_climate, status, version, created_at, updated_at

-- name: deleteContextIssue
-- event: context_issue.deleted
delete from registers.context_issues i
where i.consultancy_id = :consultancy and i.client_id = :client_id and i.id = :context_issue_id
  and (:if_match::int is null or i.version = :if_match::int)
returning id, client_id, kind, topic, description, effect, response, is_climate, status, version + 1 as version, created_at, updated_at

-- name: listInterestedParties
-- key: p.id
-- sort: created_at p.created_at timestamptz
select p.id, p.client_id, p.kind, p.name, p.description, p.version, p.created_at, p.updated_at{key}
from registers.interested_parties p
where p.consultancy_id = :consultancy and p.client_id = :client_id
  and (:kind::text is null or p.kind = :kind)
{page}

-- name: createInterestedParty
-- event: interested_party.created
insert into registers.interested_parties (consultancy_id, id, client_id, kind, name, description, created_at, updated_at)
values (:consultancy, :new_id, :client_id, coalesce(:kind, 'other'), :name, :description, :now, :now)
returning id, client_id, kind, name, description, version, created_at, updated_at

-- name: getInterestedParty
select p.id, p.client_id, p.kind, p.name, p.description, p.version, p.created_at, p.updated_at
from registers.interested_parties p
where p.consultancy_id = :consultancy and p.client_id = :client_id and p.id = :interested_party_id

-- name: updateInterestedParty
-- event: interested_party.changed
update registers.interested_parties p
set (kind, name, description) =
    (select n.kind, n.name, n.description
     from jsonb_populate_record(p, :body::jsonb) n),
    version = p.version + 1, updated_at = :now
where p.consultancy_id = :consultancy and p.client_id = :client_id and p.id = :interested_party_id
  and (:if_match::int is null or p.version = :if_match::int)
returning id, client_id, kind, name, description, version, created_at, updated_at

-- name: deleteInterestedParty
-- event: interested_party.deleted
delete from registers.interested_parties p
where p.consultancy_id = :consultancy and p.client_id = :client_id and p.id = :interested_party_id
  and (:if_match::int is null or p.version = :if_match::int)
returning id, client_id, kind, name, description, version + 1 as version, created_at, updated_at

-- name: listPartyRequirements
-- key: q.id
-- sort: created_at q.created_at timestamptz
select q.id, q.client_id, q.interested_party_id, q.requirement, q.addressed, q.how, q.version, q.created_at, q.updated_at{key}
from registers.party_requirements q
where q.consultancy_id = :consultancy and q.client_id = :client_id and q.interested_party_id = :interested_party_id::uuid
  and (:addressed::boolean is null or q.addressed = :addressed::boolean)
{page}

-- name: createPartyRequirement
-- event: party_requirement.created
insert into registers.party_requirements (consultancy_id, id, client_id, interested_party_id, requirement, addressed, how, created_at,
                                          updated_at)
values (:consultancy, :new_id, :client_id, :interested_party_id::uuid, :requirement, coalesce(:addressed::boolean, true), :how, :now, :now)
returning id, client_id, interested_party_id, requirement, addressed, how, version, created_at, updated_at

-- name: getPartyRequirement
select q.id, q.client_id, q.interested_party_id, q.requirement, q.addressed, q.how, q.version, q.created_at, q.updated_at
from registers.party_requirements q
where q.consultancy_id = :consultancy and q.client_id = :client_id and q.interested_party_id = :interested_party_id::uuid and q.id = :party_requirement_id

-- name: updatePartyRequirement
-- event: party_requirement.changed
update registers.party_requirements q
set (requirement, addressed, how) =
    (select n.requirement, n.addressed, n.how
     from jsonb_populate_record(q, :body::jsonb) n),
    version = q.version + 1, updated_at = :now
where q.consultancy_id = :consultancy and q.client_id = :client_id and q.interested_party_id = :interested_party_id::uuid and q.id = :party_requirement_id
  and (:if_match::int is null or q.version = :if_match::int)
returning id, client_id, interested_party_id, requirement, addressed, how, version, created_at, updated_at

-- name: deletePartyRequirement
-- event: party_requirement.deleted
delete from registers.party_requirements q
where q.consultancy_id = :consultancy and q.client_id = :client_id and q.interested_party_id = :interested_party_id::uuid and q.id = :party_requirement_id
  and (:if_match::int is null or q.version = :if_match::int)
returning id, client_id, interested_party_id, requirement, addressed, how, version + 1 as version, created_at, updated_at
