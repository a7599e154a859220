using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using StreamScorer.Forests;
using StreamScorer.Training.Generation;
using StreamScorer.Training.LeadScoring;

namespace StreamScorer.IntegrationTests.Worker;

/// <summary>Makes events of generated leads and publishes them.</summary>
internal static class LeadEvents
{
    /// <summary>The event of a generated lead, as a producer would write it.</summary>
    public static string Json(SyntheticLead lead, string leadId)
    {
        var members = new Dictionary<string, object?> { ["leadId"] = leadId };
        foreach (var feature in LeadScoringSchema.Features)
        {
            var cell = lead.Cell(feature.ColumnName);
            members[feature.StreamName] = cell is null or "" ? null
                : feature.Kind == FeatureKind.Numeric ? double.Parse(cell, CultureInfo.InvariantCulture) : cell;
        }

        return JsonSerializer.Serialize(members);
    }

    /// <summary>Leads of one seed.</summary>
    public static IEnumerable<(string Key, string Value)> Generated(int count, int seed = 7)
    {
        var generator = new LeadGenerator(seed);
        for (var i = 0; i < count; i++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"lead-{i}");
            yield return (id, Json(generator.Create(i), id));
        }
    }

    /// <summary>A lead that a converted (hot) or a lost (cold) one of the generator lends its features.</summary>
    public static string Hot(string leadId, ForestModel model) => Pick(leadId, model, hot: true);

    /// <summary>See <see cref="Hot"/>.</summary>
    public static string Cold(string leadId, ForestModel model) => Pick(leadId, model, hot: false);

    /// <summary>Publishes with confirmation and returns how many.</summary>
    public static int Publish(TestScope scope, IEnumerable<(string? Key, string? Value)> events, int? partition = null)
    {
        var config = scope.Kafka.Apply(new ProducerConfig
        {
            Acks = Acks.All,
            LingerMs = 5,
            MessageMaxBytes = 8 * 1024 * 1024,
            Partitioner = Partitioner.Murmur2Random,
        });
        using var producer = new ProducerBuilder<string?, string?>(config).SetLogHandler((_, _) => { }).Build();
        var count = 0;
        Error? failure = null;
        foreach (var (key, value) in events)
        {
            var target = new TopicPartition(scope.Topic, partition is { } p ? new Partition(p) : Partition.Any);
            producer.Produce(target, new Message<string?, string?> { Key = key, Value = value }, report =>
            {
                if (report.Error.IsError)
                    failure = report.Error;
            });
            if (++count % 10_000 == 0)
                producer.Flush(TimeSpan.FromSeconds(30));
        }

        producer.Flush(TimeSpan.FromSeconds(30));
        return failure is null ? count : throw new KafkaException(failure);
    }

    private static string Pick(string leadId, ForestModel model, bool hot)
    {
        var generator = new LeadGenerator(99);
        var columns = LeadScoringSchema.Features.Select(feature => feature.ColumnName).ToList();
        var scorer = model.CreateScorer();
        var (raw, probability) = (new double[1], new double[1]);
        for (var i = 0; ; i++)
        {
            var lead = generator.Create(i);
            var table = new RawTable(columns, columns.Select(column => new[] { lead.Cell(column) }).ToList());
            scorer.Score(model.Schema.Encode(table), raw, probability);
            if (hot ? probability[0] > 0.8 : probability[0] < 0.5)
                return Json(lead, leadId);
        }
    }
}
