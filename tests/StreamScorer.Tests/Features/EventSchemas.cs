using StreamScorer.Forests;

namespace StreamScorer.Tests.Features;

/// <summary>Schemas that decoder tests share: small enough to read, with every kind of feature in them.</summary>
internal static class EventSchemas
{
    /// <summary>Two numeric, two categorical (one optional), a boolean and a timestamp feature.</summary>
    public static FeatureSchema EveryKind()
    {
        FeatureSpec[] specs =
        [
            new("TotalVisits", "v", "totalVisits", "total_visits", FeatureKind.Numeric, Required: true),
            new("Spend", "m", "spend", "spend", FeatureKind.Numeric, ["", "n/a"], Required: false),
            new("LastAction", "a", "lastAction", "last_action", FeatureKind.Categorical, Required: true),
            new("City", "c", "city", "city", FeatureKind.Categorical, Required: false),
            new("Subscribed", "s", "subscribed", "subscribed", FeatureKind.Boolean, Required: false),
            new("SignedUp", "t", "signedUp", "signed_up", FeatureKind.Timestamp, Required: false),
        ];
        string?[][] columns =
        [
            ["1", "2", "3", "4"],
            ["0.5", "n/a", "2.5", null],
            ["Email Opened", "Email Bounced", "Page Visited on Website", "SMS Sent"],
            ["Mumbai", "Zürich", "東京", "Select"],
            ["true", "false", "true", null],
            ["2020-01-01", "2021-01-01", null, "2022-01-01"],
            ["2024-01-01", "2024-01-01", "2024-01-01", "2024-01-01"],
        ];
        var table = new RawTable(["v", "m", "a", "c", "s", "t", "at"], columns);
        return FeatureSchema.Fit("every-kind", specs, table, new SchemaFitOptions { MinCategoryRows = 1, EventTimeColumn = "at" });
    }

    /// <summary>A schema of numeric features f0, f1, …, all of them required.</summary>
    public static FeatureSchema Wide(int count)
    {
        FeatureSpec[] specs = [.. Enumerable.Range(0, count).Select(i => new FeatureSpec($"F{i}", $"f{i}", $"f{i}", $"f{i}"))];
        var table = new RawTable([.. specs.Select(s => s.ColumnName)], [.. specs.Select(_ => new string?[] { "1", "2" })]);
        return FeatureSchema.Fit("wide", specs, table);
    }
}
