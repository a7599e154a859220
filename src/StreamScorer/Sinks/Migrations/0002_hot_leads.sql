-- One row per lead that was hot at least once. Lead ids sort by their bytes, the order in which workers write them.

create table hot_leads (
    organization_id    text collate "C" not null default '',
    lead_id            text collate "C" not null,
    probability        double precision not null,
    bucket             smallint not null,
    tier               char(1) not null,
    reasons            jsonb,
    features           jsonb,
    model_name         text not null,
    model_id           text not null,
    event_time         timestamptz,
    source_topic       text collate "C" not null,
    source_partition   integer not null,
    source_offset      bigint not null,
    source_timestamp   timestamptz,
    source_incarnation bigint not null,
    first_hot_at       timestamptz not null,
    last_scored_at     timestamptz not null,
    cooled_at          timestamptz,
    primary key (organization_id, lead_id)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

comment on table hot_leads is
    'The newest decision about each lead that was ever hot. For the leads that are hot now, read hot_leads_current.';
comment on column hot_leads.probability is 'Calibrated probability of conversion, 0 to 1.';
comment on column hot_leads.tier is 'A (highest) to E; only A and B lie above a threshold of 0.7.';
comment on column hot_leads.reasons is 'What moved the score most, strongest first; as a rule null while the lead is cold.';
comment on column hot_leads.features is 'The features of the lead''s newest hot event, by stream name.';
comment on column hot_leads.event_time is 'When the event happened, by its producer; never used for order.';
comment on column hot_leads.source_offset is 'With topic, partition and incarnation: the event of this decision.';
comment on column hot_leads.source_incarnation is 'stream_progress.incarnation when the event was scored; raised by offsets reset.';
comment on column hot_leads.first_hot_at is 'When the lead was first seen hot; kept while it cools and heats again.';
comment on column hot_leads.cooled_at is 'Since when the newest score is at or below the threshold; null while the lead is hot.';

-- What agents ask: best first, a tier newest first, newest first. Only the first changes with every new score, so that
-- most updates stay within their page.
create index hot_leads_current_probability on hot_leads (probability desc) where cooled_at is null;
create index hot_leads_current_tier on hot_leads (tier, first_hot_at desc) where cooled_at is null;
create index hot_leads_current_recent on hot_leads (first_hot_at desc) where cooled_at is null;

create view hot_leads_current as
select organization_id, lead_id, probability, bucket, tier, reasons, features, model_name, model_id, event_time,
       source_topic, source_partition, source_offset, source_timestamp, first_hot_at, last_scored_at
from hot_leads
where cooled_at is null;

comment on view hot_leads_current is 'Leads whose newest decision is hot.';
