using System.Text.Json;
using Dapper;
using Npgsql;
using StreamScorer.App.Api.Leads;
using StreamScorer.App.Leads;

namespace StreamScorer.App.Api.Live;

/// <summary>
/// What has happened to the hot leads since the last look: which turned hot, which have cooled. One query answers for
/// every viewer, and by indexes alone, so that neither viewers nor leads make it dearer. One caller at a time.
/// </summary>
internal sealed class HotLeadFeed
{
    // Rows become visible in another order than their times: a micro-batch that waited for the database comes late, and
    // workers' clocks differ. Each look goes back so far and leaves out what it has told already.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(30);

    // What a person can follow; a page that needs all of them reads the list again.
    private const int MostHot = 50;
    private const int MostCooled = 500;
    private const int MostSources = 50;

    private readonly Dictionary<string, DateTime> _told = new(StringComparer.Ordinal);
    private DateTime? _since;

    /// <summary>The next look starts anew: nobody has looked for a while.</summary>
    public void Forget()
    {
        _since = null;
        _told.Clear();
    }

    /// <summary>Looks; null where nothing has happened.</summary>
    /// <returns>JSON: <c>hot</c> (leads as in the list), <c>cooled</c> (lead ids), <c>more</c> (there were more than it carries).</returns>
    public async Task<byte[]?> ReadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var both = await connection.QueryMultipleAsync(new CommandDefinition(
            $"""
            select now();
            select {LeadQuery.Columns}
            from hot_leads where cooled_at is null and {LeadQuery.TurnedHotAt} > coalesce(@since, now()) - @overlap
            order by {LeadQuery.TurnedHotAt} desc limit @MostRead;
            select lead_id as LeadId, cooled_at as CooledAt from hot_leads
            where cooled_at > coalesce(@since, now()) - @overlap order by cooled_at desc limit @MostCooled;
            """, new { since = _since, overlap = Overlap, MostRead = MostHot * 4, MostCooled }, cancellationToken: ct)).ConfigureAwait(false);
        var now = await both.ReadSingleAsync<DateTime>().ConfigureAwait(false);
        var hot = (await both.ReadAsync<Lead>().ConfigureAwait(false)).AsList();
        var cooled = (await both.ReadAsync<(string LeadId, DateTime CooledAt)>().ConfigureAwait(false)).AsList();
        var newHot = hot.Where(lead => Tell("+" + lead.LeadId, lead.TurnedHotAt)).ToList();
        var newCooled = cooled.Where(lead => Tell("-" + lead.LeadId, lead.CooledAt)).Select(lead => lead.LeadId).ToList();
        // The oldest that was read being new means that older ones may be new too.
        var more = newHot.Count > MostHot || (hot.Count == MostHot * 4 && newHot.Contains(hot[^1])) || cooled.Count == MostCooled;
        _since = now;
        Prune(now);
        return newHot.Count + newCooled.Count == 0 ? null : Write(newHot.Take(MostHot), newCooled, more);
    }

    /// <summary>How many leads are hot, how many have cooled, and where the hot ones came from.</summary>
    public static async Task<byte[]> ReadTotalsAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var both = await connection.QueryMultipleAsync(new CommandDefinition(
            $$"""
            select count(*) filter (where cooled_at is null), count(*) filter (where cooled_at is not null),
                   count(*) filter (where cooled_at is null and {{LeadQuery.TurnedHotAt}} > now() - interval '1 hour')
            from hot_leads;
            select source, count(*) from (
                select coalesce(features->>'referralSource', features->>'leadCaptureChannel', features->>'campaignTouchpoints') as source
                from hot_leads where cooled_at is null order by {{LeadQuery.TurnedHotAt}} desc limit 5000) newest
            where source is not null group by 1 order by 2 desc limit @MostSources;
            """, new { MostSources }, cancellationToken: ct)).ConfigureAwait(false);
        var (hot, cooled, lastHour) = await both.ReadSingleAsync<(long, long, long)>().ConfigureAwait(false);
        var sources = await both.ReadAsync<(string Source, long Count)>().ConfigureAwait(false);
        return JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            ["hot"] = hot,
            ["cooled"] = cooled,
            ["turned_hot_last_hour"] = lastHour,
            ["sources"] = sources.ToDictionary(pair => pair.Source, pair => pair.Count),
        });
    }

    private bool Tell(string what, DateTime when)
    {
        if (_told.TryGetValue(what, out var known) && known == when)
            return false;
        _told[what] = when;
        return true;
    }

    private void Prune(DateTime now)
    {
        if (_told.Count < 4 * MostCooled)
            return;
        foreach (var (what, when) in _told)
            if (when < now - (Overlap * 2))
                _told.Remove(what);
    }

    private static byte[] Write(IEnumerable<Lead> hot, IReadOnlyList<string> cooled, bool more)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteStartArray("hot");
            foreach (var lead in hot)
            {
                json.WriteStartObject();
                LeadsJson.WriteFields(json, lead);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("cooled");
            foreach (var lead in cooled)
                json.WriteStringValue(lead);
            json.WriteEndArray();
            json.WriteBoolean("more", more);
            json.WriteEndObject();
        }

        return body.ToArray();
    }
}
