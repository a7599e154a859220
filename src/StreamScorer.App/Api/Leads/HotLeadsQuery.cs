using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using StreamScorer.App.Leads;
using StreamScorer.Features;

namespace StreamScorer.App.Api.Leads;

/// <summary>What a request for hot leads asks for.</summary>
/// <param name="Filter">Which leads, in what order, from where on.</param>
/// <param name="Limit">How many at most, 1 to 1,000.</param>
/// <param name="AsCsv">CSV rather than JSON.</param>
internal sealed record HotLeadsQuery(LeadFilter Filter, int Limit, bool AsCsv)
{
    private const int MostLeads = 1000;
    private const int MostTextChars = 100;

    private static readonly string[] Known = ["limit", "min_probability", "tier", "sort", "include_cooled", "format", "cursor", "text"];

    /// <summary>Reads the query of a request; false: every fault of it, each named by its parameter.</summary>
    public static bool TryRead(
        HttpRequest request, [NotNullWhen(true)] out HotLeadsQuery? query, out IReadOnlyList<RequestFault> faults)
    {
        var reading = new QueryReading(request.Query);
        var limit = reading.Int("limit", 1, MostLeads, 100);
        var least = reading.Share("min_probability");
        var tier = reading.OneOf("tier", ["A", "B", "C", "D", "E"]);
        var sort = reading.OneOf("sort", ["probability", "newest", "scored", "lead"]) ?? "probability";
        var cooled = reading.OneOf("include_cooled", ["true", "false"]) == "true";
        var format = reading.OneOf("format", ["json", "csv"]);
        var order = Enum.Parse<LeadOrder>(sort, ignoreCase: true);
        var words = reading.Text("text");
        if (words?.Length > MostTextChars)
            reading.Refuse("text", "out_of_range", $"Takes at most {MostTextChars} characters.");
        LeadCursor? after = null;
        if (reading.Text("cursor") is { } text && !LeadCursor.TryParse(text, order, out after))
            reading.Refuse("cursor", "invalid_cursor", "Takes next_cursor of a page with the same sort.");
        var features = reading.Rest(Known, "feature.");
        faults = reading.Faults;
        var asCsv = format is null ? PrefersCsv(request) : format == "csv";
        query = new HotLeadsQuery(
            new LeadFilter { IncludeCooled = cooled, LeastProbability = least, Tier = tier, Features = features, Text = words, Order = order, After = after },
            limit, asCsv);
        return faults.Count == 0;
    }

    private static bool PrefersCsv(HttpRequest request) =>
        request.Headers.Accept.ToString().Contains("text/csv", StringComparison.OrdinalIgnoreCase);
}
