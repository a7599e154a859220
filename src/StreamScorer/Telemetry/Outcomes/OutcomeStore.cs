using System.Data;
using Dapper;
using Npgsql;

namespace StreamScorer.Telemetry.Outcomes;

/// <summary>The table of outcomes. Every method is one attempt and may be repeated after an unknown outcome.</summary>
/// <param name="dataSource">Connections whose search path leads to the migrated schema.</param>
/// <param name="clock">Stamps what is recorded.</param>
public sealed class OutcomeStore(NpgsqlDataSource dataSource, TimeProvider clock)
{
    /// <summary>Records a batch in one transaction. A lead's older outcome never replaces its newer one.</summary>
    /// <returns>Leads whose outcome is new or changed.</returns>
    public async Task<int> RecordAsync(OutcomeBatch batch, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(batch);
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
        if (batch.Deleted.Count > 0)
            await connection.ExecuteAsync(new CommandDefinition(
                "delete from lead_outcomes where organization_id = '' and lead_id = any(@Leads)",
                new { Leads = batch.Deleted.Order(StringComparer.Ordinal).ToArray() }, cancellationToken: ct));
        var recorded = await RecordAsync(connection, batch.Outcomes, ct);
        foreach (var rejected in batch.Rejected)
            await RejectAsync(connection, rejected, ct);
        await transaction.CommitAsync(ct);
        return recorded;
    }

    /// <summary>Outcomes whose score is still looked for and that were recorded by then, oldest first.</summary>
    public async Task<IReadOnlyList<OpenOutcome>> OpenAsync(DateTimeOffset recordedBy, int most, CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        var open = await connection.QueryAsync<OpenOutcome>(new CommandDefinition(
            """
            select lead_id as LeadId, (extract(epoch from occurred_at) * 1000000)::bigint as OccurredAtMicros,
                   searched_through as SearchedThrough
            from lead_outcomes
            where organization_id = '' and search_ended_at is null and recorded_at <= @recordedBy
            order by recorded_at
            limit @most
            """,
            new { recordedBy = recordedBy.UtcDateTime, most }, cancellationToken: ct));
        return open.AsList();
    }

    /// <summary>Enters the scores found, and how far was searched for the others.</summary>
    /// <param name="found">Leads with their scores.</param>
    /// <param name="missed">Leads without one.</param>
    /// <param name="searchedThrough">Registration time of the newest checkpoint searched.</param>
    /// <param name="giveUpBefore">Missed outcomes recorded before are not looked for any more.</param>
    /// <param name="ct">Cancels the attempt.</param>
    public async Task EnterSearchAsync(
        IReadOnlyCollection<ActedOnScore> found, IReadOnlyCollection<OpenOutcome> missed, DateTimeOffset searchedThrough,
        DateTimeOffset giveUpBefore, CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
        await EnterFoundAsync(connection, [.. found.OrderBy(score => score.LeadId, StringComparer.Ordinal)], ct);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            update lead_outcomes
            set searched_through = @through,
                search_ended_at = case when recorded_at < @giveUpBefore then @now::timestamptz end
            where organization_id = '' and lead_id = any(@leads) and search_ended_at is null
            """,
            new
            {
                through = searchedThrough.UtcDateTime,
                giveUpBefore = giveUpBefore.UtcDateTime,
                now = Now,
                leads = missed.Select(outcome => outcome.LeadId).ToArray(),
            },
            cancellationToken: ct));
        await transaction.CommitAsync(ct);
    }

    /// <summary>Scores with what came true, of outcomes since then, in the order of lead ids.</summary>
    public async Task<IReadOnlyList<ScoredOutcome>> ScoredAsync(DateTimeOffset since, CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        var rows = await connection.QueryAsync<ScoredOutcome>(new CommandDefinition(
            """
            select model_name as ModelName, model_id as ModelId, probability as Probability, bucket::integer as Bucket,
                   converted as Converted
            from lead_outcomes
            where probability is not null and occurred_at >= @since
            order by organization_id, lead_id
            """,
            new { since = since.UtcDateTime }, cancellationToken: ct));
        return rows.AsList();
    }

    /// <summary>How many outcomes there are since then, by whether their score is known.</summary>
    public async Task<OutcomeCounts> CountAsync(DateTimeOffset since, CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        return await connection.QuerySingleAsync<OutcomeCounts>(new CommandDefinition(
            """
            select count(*) filter (where probability is not null) as Scored,
                   count(*) filter (where search_ended_at is null) as Open,
                   count(*) filter (where probability is null and search_ended_at is not null) as NeverScored,
                   (select count(*) from rejected_outcomes where rejected_at >= @since) as Rejected
            from lead_outcomes
            where occurred_at >= @since
            """,
            new { since = since.UtcDateTime }, cancellationToken: ct));
    }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    private Task<int> RecordAsync(NpgsqlConnection connection, IReadOnlyCollection<LeadOutcome> outcomes, CancellationToken ct)
    {
        // In the order of lead ids: two consumers that meet the same leads cannot wait for each other.
        var ordered = outcomes.OrderBy(outcome => outcome.LeadId, StringComparer.Ordinal).ToList();
        return connection.ExecuteAsync(new CommandDefinition(
            """
            insert into lead_outcomes as o (lead_id, converted, occurred_at, recorded_at)
            select e.lead_id, e.converted, e.occurred_at, @now
            from unnest(@leads, @converted, @times) as e(lead_id, converted, occurred_at)
            on conflict (organization_id, lead_id) do update
            set converted = excluded.converted, occurred_at = excluded.occurred_at, recorded_at = excluded.recorded_at,
                searched_through = null, search_ended_at = null, probability = null, bucket = null, tier = null,
                model_name = null, model_id = null, scored_at = null, source_topic = null, source_partition = null,
                source_offset = null
            where excluded.occurred_at > o.occurred_at
               or (excluded.occurred_at = o.occurred_at and excluded.converted <> o.converted)
            """,
            new
            {
                now = Now,
                leads = ordered.Select(outcome => outcome.LeadId).ToArray(),
                converted = ordered.Select(outcome => outcome.Converted).ToArray(),
                times = ordered.Select(outcome => outcome.OccurredAt.UtcDateTime).ToArray(),
            },
            cancellationToken: ct));
    }

    private Task<int> RejectAsync(NpgsqlConnection connection, RejectedOutcome rejected, CancellationToken ct) => connection.ExecuteAsync(
        new CommandDefinition(
            """
            insert into rejected_outcomes
                (source_topic, source_partition, source_offset, reason, record_key, record_value, rejected_at)
            values (@Topic, @Partition, @Offset, @Reason, @Key, @Value, @now)
            on conflict do nothing
            """,
            new { rejected.Topic, rejected.Partition, rejected.Offset, rejected.Reason, rejected.Key, rejected.Value, now = Now },
            cancellationToken: ct));

    private Task<int> EnterFoundAsync(NpgsqlConnection connection, IReadOnlyList<ActedOnScore> found, CancellationToken ct) =>
        connection.ExecuteAsync(new CommandDefinition(
            """
            update lead_outcomes o
            set probability = e.probability, bucket = e.bucket, tier = e.tier, model_name = e.model_name, model_id = e.model_id,
                scored_at = e.scored_at, source_topic = e.topic, source_partition = e.partition, source_offset = e.position,
                search_ended_at = @now
            from unnest(@leads, @probabilities, @buckets, @tiers, @names, @ids, @times, @topics, @partitions, @offsets)
                as e(lead_id, probability, bucket, tier, model_name, model_id, scored_at, topic, partition, position)
            where o.organization_id = '' and o.lead_id = e.lead_id and o.search_ended_at is null
            """,
            new
            {
                now = Now,
                leads = found.Select(score => score.LeadId).ToArray(),
                probabilities = found.Select(score => score.Probability).ToArray(),
                buckets = found.Select(score => score.Bucket).ToArray(),
                tiers = found.Select(score => score.Tier).ToArray(),
                names = found.Select(score => score.ModelName).ToArray(),
                ids = found.Select(score => score.ModelId).ToArray(),
                times = found.Select(score => DateTimeOffset.UnixEpoch.AddMicroseconds(score.ScoredAtMicros).UtcDateTime).ToArray(),
                topics = found.Select(score => score.Topic).ToArray(),
                partitions = found.Select(score => score.Partition).ToArray(),
                offsets = found.Select(score => score.Offset).ToArray(),
            },
            cancellationToken: ct));
}

/// <summary>An outcome whose score is still looked for.</summary>
public sealed record OpenOutcome(string LeadId, long OccurredAtMicros, DateTime? SearchedThrough);

/// <summary>The score that a lead's outcome is held against.</summary>
public sealed record ActedOnScore(
    string LeadId, double Probability, int Bucket, string Tier, string ModelName, string ModelId, long ScoredAtMicros,
    string Topic, int Partition, long Offset);

/// <summary>A score and what came true.</summary>
public sealed record ScoredOutcome(string ModelName, string ModelId, double Probability, int Bucket, bool Converted);

/// <summary>Outcomes by what is known of them.</summary>
/// <param name="Scored">With the score that was acted on.</param>
/// <param name="Open">Their score is still looked for.</param>
/// <param name="NeverScored">The archive has no score of the lead at or before its outcome.</param>
/// <param name="Rejected">Records that were no outcome.</param>
public sealed record OutcomeCounts(long Scored, long Open, long NeverScored, long Rejected);
