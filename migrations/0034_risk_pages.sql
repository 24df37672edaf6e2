-- Every order of the list of risks has its index.
set local role meguri_owner;

create index risks_residual on registers.risks (consultancy_id, client_id, coalesce(residual_score, -1), id);

reset role;
