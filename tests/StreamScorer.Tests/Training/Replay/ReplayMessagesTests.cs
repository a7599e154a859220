using System.Text;
using System.Text.Json;
using StreamScorer.Training.Generation;
using StreamScorer.Training.LeadScoring;
using StreamScorer.Training.Preparation;
using StreamScorer.Training.Replay;
using Xunit;

namespace StreamScorer.Tests.Training.Replay;

public sealed class ReplayMessagesTests : IDisposable
{
    private static readonly DateTimeOffset At = new(2026, 2, 3, 4, 5, 6, 789, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();
    private readonly ReplayMessages _messages = new();

    public void Dispose()
    {
        _messages.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void AnEventHasEveryFeatureAndNeverTheLabel()
    {
        SyntheticDataset.WriteFolder(_folder.Path, new GenerationOptions { Leads = 50, Partitions = 1 });
        var file = PreparedDataset.Open(_folder[PreparedLayout.StreamingFolder]).Files.Single();
        string[] expected = ["eventId", "occurredAt", "leadId", .. LeadScoringSchema.Features.Select(feature => feature.StreamName)];
        foreach (var lead in file.ReadLeads())
        {
            var message = _messages.Event(lead, "e-1", At);
            Assert.Equal(lead.LeadId, Encoding.UTF8.GetString(message.Key));
            using var json = JsonDocument.Parse(message.Value);
            Assert.Equal(expected, json.RootElement.EnumerateObject().Select(member => member.Name));
            Assert.Equal(lead.LeadId, json.RootElement.GetProperty("leadId").GetString());
            Assert.Equal("2026-02-03T04:05:06.789Z", json.RootElement.GetProperty("occurredAt").GetString());
        }
    }

    [Fact]
    public void AnOutcomeHasNothingElse()
    {
        var message = _messages.Outcome("lead \"7\"", true, At);
        Assert.Equal("lead \"7\"", Encoding.UTF8.GetString(message.Key));
        using var json = JsonDocument.Parse(message.Value);
        Assert.Equal(["leadId", "converted", "occurredAt"], json.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.Equal("lead \"7\"", json.RootElement.GetProperty("leadId").GetString());
        Assert.True(json.RootElement.GetProperty("converted").GetBoolean());
    }

    [Fact]
    public void AnEventIdNamesFolderFileAndRow() =>
        Assert.Equal("user_events/part-00007/12", ReplayMessages.EventId("/data/streaming/user_events/part-00007.parquet", 12));
}
