using Dapper;
using Npgsql;

namespace StreamScorer.App.Leads;

/// <summary>Which leads are asked for, and in what order.</summary>
internal sealed record LeadFilter
{
    /// <summary>Leads that have cooled too.</summary>
    public bool IncludeCooled { get; init; }

    /// <summary>How many at most.</summary>
    public int Top { get; init; } = 20;

    /// <summary>Least probability, 0 to 1; null: any.</summary>
    public double? LeastProbability { get; init; }

    /// <summary>Tier A to E; null: any.</summary>
    public string? Tier { get; init; }

    /// <summary>Features by stream name that must have a value, compared without case.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Features { get; init; } = [];

    /// <summary>Part of the lead id or of a feature's value, compared without case; null: any.</summary>
    public string? Text { get; init; }

    /// <summary>What comes first.</summary>
    public LeadOrder Order { get; init; } = LeadOrder.Probability;

    /// <summary>Only what comes behind this; null: from the start.</summary>
    public LeadCursor? After { get; init; }
}

/// <summary>What comes first in a list of leads.</summary>
internal enum LeadOrder
{
    /// <summary>The highest probability.</summary>
    Probability,

    /// <summary>The lead that turned hot last.</summary>
    Newest,

    /// <summary>The lead that was scored last.</summary>
    Scored,

    /// <summary>Lead ids in their order.</summary>
    Lead,
}

/// <summary>A lead as agents see it.</summary>
/// <param name="LeadId">Who.</param>
/// <param name="Probability">Calibrated probability, 0 to 1.</param>
/// <param name="Tier">A to E.</param>
/// <param name="Bucket">1 to 5.</param>
/// <param name="Reasons">JSON array of reasons, strongest first; null while the lead is cold.</param>
/// <param name="Features">JSON object of the newest hot event's features, by stream name.</param>
/// <param name="ModelName">Model that scored the lead.</param>
/// <param name="ModelId">Its id.</param>
/// <param name="FirstHotAt">Since when the lead is known as hot, UTC.</param>
/// <param name="TurnedHotAt">Since when it is hot without a break, UTC.</param>
/// <param name="LastScoredAt">When it was last scored, UTC.</param>
/// <param name="CooledAt">Since when it is cold; null while hot, UTC.</param>
internal sealed record Lead(
    string LeadId, double Probability, string Tier, short Bucket, string? Reasons, string? Features, string ModelName, string ModelId,
    DateTime FirstHotAt, DateTime TurnedHotAt, DateTime LastScoredAt, DateTime? CooledAt)
{
    /// <summary>When the newest event happened, UTC; null where it says nothing, and where it was not asked for.</summary>
    public DateTime? EventTime { get; init; }
}

/// <summary>Reads hot_leads as agents do. Every value travels as a parameter.</summary>
internal static class LeadQuery
{
    /// <summary>SQL: since when a lead is hot without a break. Rows of older programs know only when it was first hot.</summary>
    public const string TurnedHotAt = "coalesce(turned_hot_at, first_hot_at)";

    /// <summary>SQL: the columns of a <see cref="Lead"/>.</summary>
    public const string Columns =
        $"""
        lead_id as LeadId, probability as Probability, tier::text as Tier, bucket as Bucket, reasons::text as Reasons,
        features::text as Features, model_name as ModelName, model_id as ModelId, first_hot_at as FirstHotAt,
        {TurnedHotAt} as TurnedHotAt, last_scored_at as LastScoredAt, cooled_at as CooledAt
        """;

    /// <summary>The leads that pass the filter.</summary>
    public static async Task<IReadOnlyList<Lead>> ReadAsync(NpgsqlConnection connection, LeadFilter filter, CancellationToken ct)
    {
        var where = new List<string> { filter.IncludeCooled ? "true" : "cooled_at is null" };
        var arguments = new DynamicParameters(new { top = filter.Top, least = filter.LeastProbability, tier = filter.Tier });
        if (filter.LeastProbability is not null)
            where.Add("probability >= @least");
        if (filter.Tier is not null)
            where.Add("tier = @tier::\"char\"");
        for (var i = 0; i < filter.Features.Count; i++)
        {
            where.Add($"lower(features->>@name{i}) = lower(@value{i})");
            arguments.Add($"name{i}", filter.Features[i].Key);
            arguments.Add($"value{i}", filter.Features[i].Value);
        }

        if (filter.Text is { Length: > 0 } text)
        {
            where.Add("(lead_id ilike @text or exists (select from jsonb_each_text(features) feature where feature.value ilike @text))");
            arguments.Add("text", $"%{text.Replace("\\", "\\\\").Replace("%", "\\%").Replace("_", "\\_")}%");
        }

        if (filter.After is { } after)
        {
            where.Add(filter.Order switch
            {
                LeadOrder.Probability => "probability_band <= floor(@afterProbability * 10)::smallint"
                    + " and (probability < @afterProbability or (probability = @afterProbability and lead_id > @afterLead))",
                LeadOrder.Newest => $"({TurnedHotAt} < @afterTime or ({TurnedHotAt} = @afterTime and lead_id > @afterLead))",
                LeadOrder.Scored => "(last_scored_at < @afterTime or (last_scored_at = @afterTime and lead_id > @afterLead))",
                _ => "lead_id > @afterLead",
            });
            arguments.AddDynamicParams(new { afterProbability = after.Probability, afterTime = after.At, afterLead = after.LeadId });
        }

        var order = filter.Order switch
        {
            LeadOrder.Probability => "probability_band desc, probability desc, lead_id",
            LeadOrder.Newest => $"{TurnedHotAt} desc, lead_id",
            LeadOrder.Scored => "last_scored_at desc, lead_id",
            _ => "lead_id",
        };
        // Chosen first and made into text afterwards: the server would write the JSON of all leads before it sorts them.
        return (await connection.QueryAsync<Lead>(new CommandDefinition(
            $"""
            select {Columns}
            from (select * from hot_leads where {string.Join(" and ", where)} order by {order} limit @top) best
            order by {order}
            """, arguments, cancellationToken: ct))).AsList();
    }

    /// <summary>One lead, hot or cooled; null where it was never hot.</summary>
    public static async Task<Lead?> FindAsync(NpgsqlConnection connection, string leadId, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select lead_id, probability, tier::text, bucket, reasons::text, features::text, model_name, model_id, first_hot_at,
                   {TurnedHotAt}, last_scored_at, cooled_at, event_time
            from hot_leads where organization_id = '' and lead_id = $1
            """, connection);
        command.Parameters.Add(new NpgsqlParameter { Value = leadId });
        await using var row = await command.ExecuteReaderAsync(ct);
        if (!await row.ReadAsync(ct))
            return null;
        string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);
        DateTime? Time(int column) => row.IsDBNull(column) ? null : row.GetDateTime(column);
        return new Lead(
            row.GetString(0), row.GetDouble(1), row.GetString(2), row.GetInt16(3), Text(4), Text(5), row.GetString(6), row.GetString(7),
            row.GetDateTime(8), row.GetDateTime(9), row.GetDateTime(10), Time(11))
        {
            EventTime = Time(12),
        };
    }

    /// <summary>How many leads are hot and how many have cooled, whatever the filter.</summary>
    public static async Task<(long Hot, long Cooled)> CountAsync(NpgsqlConnection connection, CancellationToken ct) =>
        await connection.QuerySingleAsync<(long Hot, long Cooled)>(new CommandDefinition(
            "select count(*) filter (where cooled_at is null), count(*) filter (where cooled_at is not null) from hot_leads",
            cancellationToken: ct));

    /// <summary>Schemas of this database that have a table of hot leads, for a person who looked in the wrong one.</summary>
    public static async Task<IReadOnlyList<string>> SchemasAsync(NpgsqlConnection connection, CancellationToken ct) =>
        (await connection.QueryAsync<string>(new CommandDefinition(
            "select schemaname::text from pg_tables where tablename = 'hot_leads' order by 1 limit 10", cancellationToken: ct))).AsList();
}
