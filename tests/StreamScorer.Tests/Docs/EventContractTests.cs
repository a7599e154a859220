using System.Text.Json;
using StreamScorer.Features;
using StreamScorer.Forests;
using StreamScorer.Tests.Features;
using StreamScorer.Training.LeadScoring;
using StreamScorer.Training.Replay;
using Xunit;

namespace StreamScorer.Tests.Docs;

/// <summary>The published contract (src/docs) says what the code does.</summary>
public sealed class EventContractTests : IDisposable
{
    private readonly JsonDocument _schema = JsonDocument.Parse(File.ReadAllText(Doc("event.schema.json")));

    public void Dispose() => _schema.Dispose();

    [Fact]
    public void TheJsonSchemaHasTheFeaturesOfTheShippedSchema()
    {
        var properties = _schema.RootElement.GetProperty("properties").EnumerateObject().Select(p => p.Name).ToArray();
        var features = LeadScoringSchema.Features.Select(feature => feature.StreamName).ToArray();
        Assert.Equal(["leadId", "eventId", "occurredAt", .. features], properties);
        Assert.Equal(features, _schema.RootElement.GetProperty("required").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public void EachPropertyHasTheTypeOfItsFeature()
    {
        foreach (var feature in LeadScoringSchema.Features)
        {
            var property = _schema.RootElement.GetProperty("properties").GetProperty(feature.StreamName).GetRawText();
            Assert.Contains(feature.Kind == FeatureKind.Numeric ? "\"number\"" : "\"string\"", property);
            Assert.Contains("\"null\"", property);
        }
    }

    [Fact]
    public void TheExamplesAreGoodEvents()
    {
        string?[] Column(FeatureSpec feature) => feature.Kind == FeatureKind.Numeric ? ["1", "2"] : ["a", "b"];
        var table = new RawTable(
            [.. LeadScoringSchema.Features.Select(f => f.ColumnName)], [.. LeadScoringSchema.Features.Select(Column)]);
        var decoding = new EventDecoding(FeatureSchema.Fit("lead-scoring", LeadScoringSchema.Features, table));
        foreach (var example in _schema.RootElement.GetProperty("examples").EnumerateArray())
        {
            Assert.Equal(RecordKind.Event, decoding.Decode(example.GetRawText(), null));
            Assert.Equal((0, false), (decoding.Result.UnknownFields, decoding.Result.OccurredAtOutOfRange));
        }
    }

    [Fact]
    public void AsyncApiNamesTheDefaultTopics()
    {
        var text = File.ReadAllText(Doc("asyncapi.yaml"));
        var kafka = new KafkaOptions();
        foreach (var topic in new[] { kafka.Topic, kafka.EffectiveDeadLetterTopic, ReplayOptions.DefaultOutcomeTopic })
            Assert.Contains($"address: {topic}\n", text);
    }

    private static string Doc(string name) => Path.Combine(RepositoryFolder.Path, "src", "docs", name);
}
