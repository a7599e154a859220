-- An update that changes no indexed column leaves every index alone and stays within its page, if there is room; the index
-- on the probability, which each new score changes, kept all updates from that. The band changes seldom, and the best
-- leads are still read first: a band at a time, sorted by the probability within it.

-- Room for the row's next versions until the server has cleared its old ones away.
alter table hot_leads set (fillfactor = 60);

alter table hot_leads add column probability_band smallint not null generated always as (floor(probability * 10)::smallint) stored;

comment on column hot_leads.probability_band is 'Tenths of the probability, 0 to 10: order by it before the probability, and an index serves the order.';

create index hot_leads_current_band on hot_leads (probability_band desc) where cooled_at is null;
drop index hot_leads_current_probability;
