using System.Globalization;
using System.Text;
using StreamScorer.App.Leads;

namespace StreamScorer.App.Api.Leads;

/// <summary>
/// Leads as CSV (RFC 4180), UTF-8. A cell that a spreadsheet would run as a formula gets an apostrophe in front.
/// </summary>
internal static class LeadsCsv
{
    private const string Head = "lead_id,probability,score,tier,hot,model,model_version,first_hot_at,last_scored_at,cooled_at,reasons,features\r\n";

    /// <summary>Writes leads as the answer.</summary>
    public static async Task WriteAsync(HttpResponse response, IReadOnlyList<Lead> leads, CancellationToken ct)
    {
        response.ContentType = "text/csv; charset=utf-8";
        response.Headers.ContentDisposition = "attachment; filename=\"hot-leads.csv\"";
        var text = new StringBuilder(Head);
        foreach (var lead in leads)
            Append(text, lead);
        await response.WriteAsync(text.ToString(), Encoding.UTF8, ct).ConfigureAwait(false);
    }

    private static void Append(StringBuilder text, Lead lead)
    {
        string[] cells =
        [
            lead.LeadId,
            lead.Probability.ToString(CultureInfo.InvariantCulture),
            lead.Bucket.ToString(CultureInfo.InvariantCulture),
            lead.Tier,
            lead.CooledAt is null ? "true" : "false",
            lead.ModelName,
            lead.ModelId,
            Time(lead.FirstHotAt),
            Time(lead.LastScoredAt),
            lead.CooledAt is { } cooled ? Time(cooled) : "",
            string.Join("; ", LeadTable.ReasonTexts(lead.Reasons)),
            lead.Features ?? "",
        ];
        text.AppendJoin(',', cells.Select(Cell)).Append("\r\n");
    }

    private static string Cell(string value)
    {
        var safe = value.Length > 0 && value[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + value : value;
        return safe.AsSpan().IndexOfAny(",\"\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static string Time(DateTime utc) => utc.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
