-- Hot leads are written without waiting for the disk, so a crash of the server may take the newest of them, while the
-- worker that wrote them lives on and goes to register their offsets. An unlogged table is emptied by every recovery
-- from a crash, and by a failover: a taking that it does not witness any more is not registered, but scored again.

create unlogged table take_witnesses (
    group_id    text not null,
    topic       text collate "C" not null,
    partition   integer not null,
    owner_epoch bigint not null,
    primary key (group_id, topic, partition)
);

comment on table take_witnesses is
    'The newest taking of each partition since the server started after its last crash; what is missing here cannot register.';
