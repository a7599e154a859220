-- The delivery protocol's tables. Topics sort by their bytes, the order in which every lock is taken.

create table stream_progress (
    group_id       text not null,
    topic          text collate "C" not null,
    partition      integer not null check (partition >= 0),
    initial_offset bigint not null check (initial_offset >= 0),
    next_offset    bigint not null check (next_offset >= 0),
    owner_epoch    bigint not null check (owner_epoch > 0),
    incarnation    bigint not null default 0,
    owner          text not null,
    taken_at       timestamptz not null,
    primary key (group_id, topic, partition)
) with (fillfactor = 50);

comment on table stream_progress is
    'One row per partition of a consumer group: where scoring goes on, and who may write.';
comment on column stream_progress.initial_offset is
    'Where the group began; offsets below were never promised. The first range or gap starts here.';
comment on column stream_progress.next_offset is 'First offset that no registered checkpoint covers.';
comment on column stream_progress.owner_epoch is 'Raised by every taking; a write that carries an older epoch is refused.';
comment on column stream_progress.incarnation is
    'Raised by every offsets reset: offsets are unique, and newest is comparable, only within one incarnation.';
comment on column stream_progress.owner is 'The worker that took the partition last; for people, no rule depends on it.';

create table archive_roots (
    storage_id    uuid primary key,
    group_id      text not null,
    root          text not null,
    first_used_at timestamptz not null,
    last_used_at  timestamptz not null
);

comment on table archive_roots is
    'Checkpoint folders by the identity in their storage_id file. A folder belongs to one consumer group.';
comment on column archive_roots.root is 'The folder as a worker saw it last; for people, mounts may differ.';

create table checkpoint_files (
    file_id       uuid primary key,
    group_id      text not null,
    storage_id    uuid not null,
    staged_path   text,
    final_path    text,
    row_count     bigint not null check (row_count >= 0),
    registered_at timestamptz not null,
    published_at  timestamptz,
    check ((staged_path is null) = (final_path is null)),
    check (staged_path is not null or row_count = 0)
);

comment on table checkpoint_files is
    'Registered checkpoints. Both paths lie below the archive root and are fixed at registration; a checkpoint without rows has none.';

create index checkpoint_files_unpublished on checkpoint_files (storage_id, registered_at) where published_at is null;

create table checkpoint_ranges (
    file_id      uuid not null references checkpoint_files,
    group_id     text not null,
    topic        text collate "C" not null,
    partition    integer not null,
    incarnation  bigint not null,
    owner_epoch  bigint not null,
    start_offset bigint not null,
    end_offset   bigint not null,
    row_count    bigint not null check (row_count >= 0),
    primary key (group_id, topic, partition, incarnation, start_offset),
    check (start_offset >= 0 and end_offset > start_offset and row_count <= end_offset - start_offset)
);

comment on table checkpoint_ranges is
    'The offsets each checkpoint accounts for: start inclusive, end exclusive. The key is a second guard against registering a range twice.';

create index checkpoint_ranges_file on checkpoint_ranges (file_id);

create table offset_gaps (
    group_id     text not null,
    topic        text collate "C" not null,
    partition    integer not null,
    incarnation  bigint not null,
    start_offset bigint not null,
    end_offset   bigint not null,
    reason       text not null,
    recorded_at  timestamptz not null,
    primary key (group_id, topic, partition, incarnation, start_offset),
    check (start_offset >= 0 and end_offset > start_offset)
);

comment on table offset_gaps is
    'Offsets passed over on record, because the topic no longer has them: start inclusive, end exclusive.';

create table offset_resets (
    group_id      text not null,
    topic         text collate "C" not null,
    partition     integer not null,
    incarnation   bigint not null,
    from_offset   bigint,
    to_offset     bigint not null,
    reason        text not null,
    reset_by      text not null,
    reset_at      timestamptz not null,
    primary key (group_id, topic, partition, incarnation)
);

comment on table offset_resets is
    'Moves of next_offset by an operator. Each begins the incarnation it names: what follows is an intended replay or skip.';
comment on column offset_resets.from_offset is 'next_offset before; null where the partition had no progress.';
