-- What the webhook has been told, so that several workers of a group tell each alert and its end once.

create table alert_notices (
    group_id text not null,
    rule     text not null,
    subject  text not null,
    told_at  timestamptz not null,
    told_by  text not null,
    primary key (group_id, rule, subject)
);

comment on table alert_notices is 'Alerts that were told and have not been told to have ended.';

create table alert_holds (
    group_id text not null,
    rule     text not null,
    subject  text not null,
    worker   text not null,
    held_at  timestamptz not null,
    primary key (group_id, rule, subject, worker)
);

comment on table alert_holds is
    'For which workers an alert holds, said anew at each look: it has ended when nobody has said so for a while.';
