using System.Globalization;
using System.Text;

namespace StreamScorer.Tests.Features;

/// <summary>Writes random events for <see cref="EventSchemas.EveryKind"/> as JSON text, and breaks them.</summary>
internal sealed class RandomEvents(Random random)
{
    private static readonly string[] Texts =
    [
        "Email Opened", "Email Bounced", "SMS Sent", "Mumbai", "Zürich", "東京", "Select", "", "n/a", "select", "never seen", "a\"b\\c/d\b\f\n\r\t",
        "🙂 surrogate pair", "NaN", "Infinity", "2024-02-29", "2024-02-29T23:59:59.123456Z", "1999-12-31T23:59:59Z", "5",
    ];

    private static readonly string[] Times =
    [
        "\"2024-02-29T23:59:59Z\"", "\"2026-05-04T12:00:00.5+02:00\"", "\"2030-01-01T00:00:00Z\"", "1700000000000", "1700000000000.25",
        "-5", "1e300", "null", "\"2026-05-05T12:00:00Z\"", "\"2026-05-05T12:00:01Z\"",
    ];

    private static readonly string[] Numbers =
    [
        "0", "-0", "5", "1.5", "-12.75", "0.1", "123456789012345", "1234567890123456789012", "1e3", "1E-3", "4.9e-324", "1e-400",
        "1.7976931348623157e308", "0.000000000000000000000000001", "9007199254740993", "2.2250738585072011e-308", "100.00",
    ];

    // What mutations splice in: pieces that change a meaning more often than random bytes do.
    private static readonly string[] Pieces =
    [
        "\"", "\\", "{", "}", "[", "]", ",", ":", "null", "true", "NaN", "1e999", "-", "0", ".", "e", "\\u0000", "\\ud800", "\\u00e9", " ",
        "\"leadId\":", "\"city\":\"x\",", "\"totalVisits\":1,", "\"eventId\":", "\"occurredAt\":", "\0", "[[[[", "\u00e9",
    ];

    /// <summary>An event that a decoder mostly accepts: fields in any order, white space, escapes, unknown fields between.</summary>
    public string Next()
    {
        var fields = new List<string>();
        AddField(fields, 0.9, "leadId", () => random.Next(20) == 0 ? "null" : Text());
        AddField(fields, 0.5, "eventId", () => random.Next(4) == 0 ? "null" : Text());
        AddField(fields, 0.7, "occurredAt", () => Pick(Times));
        AddField(fields, 0.98, "totalVisits", Number);
        AddField(fields, 0.6, "spend", () => random.Next(4) == 0 ? "\"n/a\"" : Number());
        AddField(fields, 0.98, "lastAction", () => random.Next(8) == 0 ? "null" : Text());
        AddField(fields, 0.7, "city", Text);
        AddField(fields, 0.6, "subscribed", () => Pick(["true", "false", "null", "\"\""]));
        AddField(fields, 0.6, "signedUp", () => Pick([.. Times.Where(t => t != "1e300"), "\"2024-02-29\"", "\"Select\""]));
        for (var i = random.Next(3); i > 0; i--)
            fields.Add($"{Quote("extra" + i)}{Space()}:{Space()}{Structure(3)}");
        if (random.Next(50) == 0 && fields.Count > 0)
            fields.Add(Pick([.. fields]));
        var order = fields.ToArray();
        random.Shuffle(order);
        return $"{Space()}{{{Space()}{string.Join($"{Space()},{Space()}", order)}{Space()}}}{Space()}";
    }

    /// <summary>The event with one to three pieces flipped, cut, doubled, spliced in or cut off.</summary>
    public byte[] Mutate(byte[] json) => ByteMutation.Of(json, random, Pieces);

    private void AddField(List<string> fields, double chance, string name, Func<string> value)
    {
        if (random.NextDouble() < chance)
            fields.Add($"{Quote(name)}{Space()}:{Space()}{value()}");
    }

    private string Text() => Quote(Pick(Texts));

    private string Number() => random.Next(3) switch
    {
        0 => Pick(Numbers),
        1 => random.Next(100).ToString(CultureInfo.InvariantCulture),
        _ => (random.NextDouble() * Math.Pow(10, random.Next(-20, 20))).ToString("R", CultureInfo.InvariantCulture),
    };

    private string Structure(int depth) => random.Next(depth == 0 ? 4 : 6) switch
    {
        0 => Number(),
        1 => Text(),
        2 => "null",
        3 => "true",
        4 => $"[{Space()}{string.Join(",", Enumerable.Range(0, random.Next(4)).Select(_ => Structure(depth - 1)))}]",
        _ => $"{{{string.Join(",", Enumerable.Range(0, random.Next(4)).Select(_ => $"{Text()}:{Space()}{Structure(depth - 1)}"))}{Space()}}}",
    };

    private string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var unit in text)
        {
            if (unit < ' ' || unit is '"' or '\\' || random.Next(40) == 0)
                quoted.Append(unit is '"' or '\\' or '/' && random.Next(2) == 0 ? $"\\{unit}" : $"\\u{(int)unit:x4}");
            else
                quoted.Append(unit);
        }

        return quoted.Append('"').ToString();
    }

    private string Space() => random.Next(6) == 0 ? Pick([" ", "\n", "\r\n", "\t", "   "]) : "";

    private string Pick(string[] among) => among[random.Next(among.Length)];
}
