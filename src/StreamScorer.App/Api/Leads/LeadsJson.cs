using System.Text.Json;
using StreamScorer.App.Leads;

namespace StreamScorer.App.Api.Leads;

/// <summary>Leads as JSON, in the API's names.</summary>
internal static class LeadsJson
{
    /// <summary>Writes a page of leads as the answer.</summary>
    public static async Task WriteListAsync(HttpResponse response, IReadOnlyList<Lead> leads, string? nextCursor, CancellationToken ct)
    {
        response.ContentType = "application/json";
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteStartArray("leads");
            foreach (var lead in leads)
            {
                json.WriteStartObject();
                WriteFields(json, lead);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("next_cursor", nextCursor);
            json.WriteEndObject();
        }

        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), ct).ConfigureAwait(false);
    }

    /// <summary>Writes the fields of one lead into an open object.</summary>
    public static void WriteFields(Utf8JsonWriter json, Lead lead)
    {
        json.WriteString("lead_id", lead.LeadId);
        json.WriteNumber("probability", lead.Probability);
        json.WriteNumber("score", lead.Bucket);
        json.WriteString("tier", lead.Tier);
        json.WriteBoolean("hot", lead.CooledAt is null);
        JsonAnswer.WriteRaw(json, "reasons", lead.Reasons);
        JsonAnswer.WriteRaw(json, "features", lead.Features);
        json.WriteString("model", lead.ModelName);
        json.WriteString("model_version", lead.ModelId);
        json.WriteString("first_hot_at", Utc(lead.FirstHotAt));
        json.WriteString("turned_hot_at", Utc(lead.TurnedHotAt));
        json.WriteString("last_scored_at", Utc(lead.LastScoredAt));
        if (lead.CooledAt is { } cooled)
            json.WriteString("cooled_at", Utc(cooled));
        else
            json.WriteNull("cooled_at");
    }

    private static DateTime Utc(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Utc);
}
