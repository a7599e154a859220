using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace StreamScorer.App.Leads;

/// <summary>
/// Where a page of leads ended: the sort value and the id of its last lead. The next page starts behind it, whatever has
/// been inserted meanwhile; no lead is shown twice unless it moved.
/// </summary>
/// <param name="Order">What the pages are sorted by.</param>
/// <param name="Probability">The last lead's probability.</param>
/// <param name="At">The last lead's time, where the order goes by one, UTC.</param>
/// <param name="LeadId">The last lead.</param>
internal sealed record LeadCursor(LeadOrder Order, double Probability, DateTime At, string LeadId)
{
    private const int MostTextChars = 2048;

    /// <summary>The cursor behind a lead.</summary>
    public static LeadCursor After(Lead lead, LeadOrder order) => new(
        order, lead.Probability, DateTime.SpecifyKind(order == LeadOrder.Newest ? lead.TurnedHotAt : lead.LastScoredAt, DateTimeKind.Utc), lead.LeadId);

    /// <summary>The cursor as callers hand it back.</summary>
    public string ToText() => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(this));

    /// <summary>Reads a cursor; false where it is none, or one of another order.</summary>
    public static bool TryParse(string text, LeadOrder order, [NotNullWhen(true)] out LeadCursor? cursor)
    {
        cursor = null;
        if (text.Length > MostTextChars || !Base64Url.IsValid(text))
            return false;
        try
        {
            cursor = JsonSerializer.Deserialize<LeadCursor>(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)));
        }
        catch (JsonException)
        {
            return false;
        }

        if (cursor is { LeadId: { Length: > 0 and <= 256 } id } && !id.Contains('\0', StringComparison.Ordinal) && cursor.Order == order
            && double.IsFinite(cursor.Probability))
        {
            cursor = cursor with { At = DateTime.SpecifyKind(cursor.At, DateTimeKind.Utc) };
            return true;
        }

        cursor = null;
        return false;
    }
}
