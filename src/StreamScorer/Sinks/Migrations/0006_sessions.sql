-- Sessions of the built-in pages, in the database so that every worker behind a balancer knows them, and what the pages
-- need to tell, cheaply, which leads have just turned hot and which have cooled.

create table api_sessions (
    session_hash bytea primary key check (length(session_hash) = 32),
    key_id       text collate "C" not null references api_keys (key_id),
    opened_at    timestamptz not null default now(),
    expires_at   timestamptz not null
);

comment on table api_sessions is 'Browsers that logged in with an API key. A session may do what its key may, and ends with it.';
comment on column api_sessions.session_hash is 'SHA-256 of the cookie''s 256 random bits; the cookie itself is kept nowhere.';

create index api_sessions_expires on api_sessions (expires_at);

create table api_login_tokens (
    token_hash bytea primary key check (length(token_hash) = 32),
    key_id     text collate "C" not null references api_keys (key_id),
    expires_at timestamptz not null
);

comment on table api_login_tokens is 'Links that log in once, as the demo prints one. A row goes with its use.';

alter table hot_leads add column turned_hot_at timestamptz;

comment on column hot_leads.turned_hot_at is
    'Since when the lead is hot without a break; unlike first_hot_at it is set anew when a cooled lead heats again. Null in rows of older programs.';

-- Takes the place of hot_leads_current_recent: newest first now means the lead that turned hot last.
create index hot_leads_current_turned_hot on hot_leads ((coalesce(turned_hot_at, first_hot_at)) desc) where cooled_at is null;
drop index hot_leads_current_recent;

create index hot_leads_cooled on hot_leads (cooled_at desc) where cooled_at is not null;

create index checkpoint_files_recent on checkpoint_files (group_id, registered_at desc);
