-- How leads ended, beside the score that was acted on. One row per lead: the newest outcome wins.

create table lead_outcomes (
    organization_id  text collate "C" not null default '',
    lead_id          text collate "C" not null,
    converted        boolean not null,
    occurred_at      timestamptz not null,
    recorded_at      timestamptz not null,
    searched_through timestamptz,
    search_ended_at  timestamptz,
    probability      double precision,
    bucket           smallint,
    tier             char(1),
    model_name       text,
    model_id         text,
    scored_at        timestamptz,
    source_topic     text collate "C",
    source_partition integer,
    source_offset    bigint,
    primary key (organization_id, lead_id),
    check ((probability is null) = (scored_at is null))
);

comment on table lead_outcomes is 'How leads ended, with the score of their newest event at or before that. Bounded by the number of leads with an outcome.';
comment on column lead_outcomes.occurred_at is 'When the lead converted or was lost, by its producer; else the broker''s timestamp.';
comment on column lead_outcomes.searched_through is 'Every checkpoint registered up to here was searched for the lead''s score; null before the first search.';
comment on column lead_outcomes.search_ended_at is 'Since when no score is looked for any more: found, or nowhere in the archive.';
comment on column lead_outcomes.probability is 'The score acted on: that of the newest event at or before occurred_at; null while not found.';

create index lead_outcomes_open on lead_outcomes (recorded_at) where search_ended_at is null;
create index lead_outcomes_scored on lead_outcomes (occurred_at) where probability is not null;

create table rejected_outcomes (
    source_topic     text collate "C" not null,
    source_partition integer not null,
    source_offset    bigint not null,
    reason           text not null,
    record_key       bytea,
    record_value     bytea,
    rejected_at      timestamptz not null,
    primary key (source_topic, source_partition, source_offset)
);

comment on table rejected_outcomes is 'Records of the outcome topic that are no outcome, byte for byte: the dead letters of outcomes.';
