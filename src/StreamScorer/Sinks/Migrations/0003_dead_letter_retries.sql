-- Which bad events were published again by hand. Keyed by the event, not by its letter: after a fault an event may have
-- several letters, and is still retried once.

create table dead_letter_retries (
    source_topic        text collate "C" not null,
    source_partition    integer not null,
    source_offset       bigint not null,
    retried_by          text not null,
    began_at            timestamptz not null,
    published_partition integer,
    published_offset    bigint,
    primary key (source_topic, source_partition, source_offset),
    check ((published_partition is null) = (published_offset is null))
);

comment on table dead_letter_retries is 'Events published again with deadletters retry; what published them twice would loop.';
comment on column dead_letter_retries.published_offset is
    'Where the event stands now; null when the publisher did not come to learn it, and it may or may not be there.';

create unique index dead_letter_retries_published
    on dead_letter_retries (source_topic, published_partition, published_offset) where published_offset is not null;
