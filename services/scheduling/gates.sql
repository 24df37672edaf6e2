-- name: findGateClient
select n.id
from tenants.clients n
where n.consultancy_id = :consultancy and n.id = :client_id
