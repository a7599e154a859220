using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace StreamScorer.App.Leads;

/// <summary>Leads as a table for people.</summary>
internal static class LeadTable
{
    private const int MostReasons = 3;
    private const int MostFeatures = 4;
    private const int FeaturesWidth = 150;
    private const int TimesWidth = 110;

    /// <summary>The table; what matters less gives way where the terminal is narrow.</summary>
    /// <param name="leads">In the order to be shown.</param>
    /// <param name="now">For "since when".</param>
    /// <param name="width">Columns of the terminal.</param>
    public static Table Of(IReadOnlyList<Lead> leads, DateTimeOffset now, int width)
    {
        var hasFeatures = width >= FeaturesWidth;
        var hasTimes = width >= TimesWidth;
        var table = new Table().Border(TableBorder.Rounded);
        table.AddColumn(new TableColumn("lead").NoWrap());
        table.AddColumn(new TableColumn("score").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("tier").Centered().NoWrap());
        table.AddColumn("why");
        if (hasFeatures)
            table.AddColumn("features");
        if (hasTimes)
            table.AddColumn(new TableColumn("hot since").RightAligned().NoWrap()).AddColumn(new TableColumn("scored").RightAligned().NoWrap());
        foreach (var lead in leads)
        {
            var cells = new List<string>
            {
                Markup.Escape(lead.LeadId),
                Probability(lead),
                Markup.Escape(lead.Tier),
                Markup.Escape(string.Join("\n", ReasonTexts(lead.Reasons).Take(MostReasons))),
            };
            if (hasFeatures)
                cells.Add(Markup.Escape(string.Join("\n", FeatureTexts(lead.Features).Take(MostFeatures))));
            if (hasTimes)
                cells.AddRange([lead.CooledAt is { } cooled ? $"[grey]cooled {Ago(cooled, now)}[/]" : Ago(lead.FirstHotAt, now), Ago(lead.LastScoredAt, now)]);
            table.AddRow([.. cells]);
        }

        return table;
    }

    /// <summary>The sentences of a reasons array, strongest first; none when there is no array.</summary>
    internal static IEnumerable<string> ReasonTexts(string? json)
    {
        if (json is null)
            return [];
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind != JsonValueKind.Array ? [] :
        [
            .. document.RootElement.EnumerateArray()
                .Select(reason => reason.ValueKind == JsonValueKind.Object && reason.TryGetProperty("text", out var text) ? text.GetString() : null)
                .OfType<string>(),
        ];
    }

    /// <summary>"name value" of each feature that has one.</summary>
    internal static IEnumerable<string> FeatureTexts(string? json)
    {
        if (json is null)
            return [];
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind != JsonValueKind.Object ? [] :
        [
            .. document.RootElement.EnumerateObject()
                .Where(feature => feature.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)
                .Select(feature => $"{feature.Name} {feature.Value}"),
        ];
    }

    /// <summary>A span of time in its largest unit.</summary>
    internal static string Ago(DateTime utc, DateTimeOffset now)
    {
        var ago = now.UtcDateTime - utc;
        return ago switch
        {
            { TotalSeconds: < 1 } => "now",
            { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)ago.TotalSeconds} s ago"),
            { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)ago.TotalMinutes} min ago"),
            { TotalDays: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)ago.TotalHours} h ago"),
            _ => utc.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        };
    }

    private static string Probability(Lead lead)
    {
        var text = lead.Probability.ToString("P2", CultureInfo.InvariantCulture);
        return lead.CooledAt is null ? $"[red]{text}[/]" : $"[grey]{text}[/]";
    }
}
