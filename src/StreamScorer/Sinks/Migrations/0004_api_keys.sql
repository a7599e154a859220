-- Who may call the HTTP API, and what was done with it. Of a key's secret only its SHA-256 is kept: 256 random bits need
-- no slow hash, because nobody can guess them.

create table api_keys (
    key_id              text collate "C" primary key,
    name                text not null,
    secret_hash         bytea not null check (length(secret_hash) = 32),
    scopes              text[] not null,
    requests_per_second integer check (requests_per_second > 0),
    created_at          timestamptz not null default now(),
    created_by          text not null,
    expires_at          timestamptz,
    revoked_at          timestamptz,
    replaced_by         text collate "C" references api_keys (key_id)
);

comment on table api_keys is 'Keys of the HTTP API. A rotated key works until its overlap ends (expires_at), its successor at once.';
comment on column api_keys.secret_hash is 'SHA-256 of the secret''s 32 bytes; the secret itself is shown once, when the key is made.';
comment on column api_keys.scopes is 'What the key may do: score, leads:read, models:read, models:write, admin.';
comment on column api_keys.requests_per_second is 'The key''s own limit; null: the setting Api:RequestsPerSecond.';

create table api_audit (
    audit_id   bigint generated always as identity primary key,
    at         timestamptz not null default now(),
    key_id     text collate "C",
    actor      text not null,
    action     text not null,
    resource   text not null,
    request_id text,
    detail     jsonb
);

comment on table api_audit is 'Reads of leads and administrative acts, with who did them. Rows are only ever added.';
comment on column api_audit.key_id is 'The key that was used; null for acts from the command line.';
comment on column api_audit.resource is 'What was read or changed: a lead id, a key id, a model name.';

create index api_audit_at on api_audit (at);
create index api_audit_resource on api_audit (resource, at);

create function api_audit_refuse() returns trigger language plpgsql as
$$ begin raise exception 'api_audit is append-only'; end $$;

create trigger api_audit_append_only before update or delete on api_audit
    for each row execute function api_audit_refuse();
create trigger api_audit_no_truncate before truncate on api_audit
    for each statement execute function api_audit_refuse();
