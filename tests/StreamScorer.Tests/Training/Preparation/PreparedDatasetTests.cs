using System.Text;
using System.Text.Json;
using StreamScorer.Tests.Training.LeadScoring;
using StreamScorer.Training.Preparation;
using StreamScorer.Training.Tables;
using Xunit;

namespace StreamScorer.Tests.Training.Preparation;

public sealed class PreparedDatasetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_event_has_every_feature_by_its_stream_name_and_never_the_label()
    {
        var csv = new LeadCsvText();
        for (var i = 0; i < 10; i++)
            csv.Row(("Prospect ID", $"lead-{i}"), ("TotalVisits", "5"), ("Page Views Per Visit", "2.5"), ("Total Time Spent on Website", null),
                ("City", "Select"), ("Tags", "say \"hi\""));
        DatasetPreparation.Run(_folder.Write("t.csv", csv.ToString()), _folder["out"], new PreparationOptions { Partitions = 1 });
        var lead = PreparedDataset.Open(_folder["out/streaming/user_events"]).Files[0].ReadLeads().First();

        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            lead.WriteEventMembers(json);
            json.WriteEndObject();
        }

        using var parsed = JsonDocument.Parse(Encoding.UTF8.GetString(stream.ToArray()));
        var members = parsed.RootElement.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetRawText());
        Assert.Equal(
            [
                "leadId", "totalVisits", "totalBrowsingTime", "avgListingsViewedPerSession", "leadCaptureChannel",
                "referralSource", "lastAction", "finalEngagementAction", "city", "country", "leadStatusTag",
            ],
            members.Keys);
        Assert.Equal(("5", "2.5", "null", "null", "\"x\""),
            (members["totalVisits"], members["avgListingsViewedPerSession"], members["totalBrowsingTime"], members["city"], members["country"]));
        Assert.Equal("say \"hi\"", parsed.RootElement.GetProperty("leadStatusTag").GetString());
    }

    [Fact]
    public void Says_what_is_wrong_with_a_folder()
    {
        Assert.Contains("no such file or folder", Fault(_folder["gone"]), StringComparison.Ordinal);
        Assert.Contains("holds no .parquet files", Fault(_folder.Path), StringComparison.Ordinal);
        File.WriteAllText(_folder["x.parquet"], "this is not a Parquet file at all");
        Assert.Contains("x.parquet", Fault(_folder.Path), StringComparison.Ordinal);
        Assert.Contains("cannot be read", Fault(_folder.Path), StringComparison.Ordinal);
    }

    private static string Fault(string path) => Assert.Throws<DataFileException>(() => PreparedDataset.Open(path)).Message;
}
