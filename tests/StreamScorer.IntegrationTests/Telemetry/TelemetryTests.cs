using System.Globalization;
using System.Text;
using System.Text.Json;
using StreamScorer.App;
using StreamScorer.IntegrationTests.Worker;
using Xunit;

namespace StreamScorer.IntegrationTests.Telemetry;

/// <summary>What a real worker says of itself to collectors of traces and logs, on a broker with headers.</summary>
public class TelemetryTests
{
    private const string ProducerTrace = "4bf92f3577b34da6a3ce929d0e0e47";
    private static readonly string[] DeadLetterHeaders =
    [
        "__connect.errors.topic", "__connect.errors.partition", "__connect.errors.offset", "__connect.errors.stage",
        "__connect.errors.exception.class.name", "__connect.errors.exception.message",
    ];

    // Mutations: a span per event, links left out, database spans that belong to nobody, log lines without the batch's trace.
    [RequiresServicesFact]
    public async Task Every_micro_batch_is_one_span_with_links_to_its_producers()
    {
        await using var scope = await TestScope.CreateAsync();
        using var broker = new MockBroker();
        using var collector = new OtlpReceiver();
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        await using var worker = Start(
            scope, broker, model, ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Endpoint), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_BSP_SCHEDULE_DELAY", "200"), ("OTEL_METRIC_EXPORT_INTERVAL", "500"));
        for (var i = 0; i < 20; i++)
            await broker.PublishAsync(scope.Topic, $"lead-{i}", LeadEvents.Hot($"lead-{i}", TestModels.Champion), ("traceparent", $"00-{ProducerTrace}{i:x2}-00f067aa0ba902b7-01"));
        await broker.PublishAsync(scope.Topic, "bad", """{"leadId":"bad@example.com"}""");

        bool IsBatch(ReceivedSpan span) => span.Name == "process " + scope.Topic;
        await worker.WaitAsync(() => Task.FromResult(collector.Spans.Where(IsBatch).Sum(Count) >= 21), "spans of 21 records");
        var batches = collector.Spans.Where(IsBatch).ToList();

        // The client hands a record out twice where a seek comes between: the loop drops the second, the span has counted it.
        var links = batches.SelectMany(span => span.LinkedTraces).ToList();
        Assert.Equal(21 + links.Count - links.Distinct().Count(), batches.Sum(Count));
        Assert.Equal(batches.Count, batches.Select(span => span.TraceId).Distinct().Count());
        Assert.Equal(
            Enumerable.Range(0, 20).Select(i => $"{ProducerTrace}{i:x2}"), links.Distinct().Order(StringComparer.Ordinal));
        Assert.All(batches, span => Assert.Equal(("kafka", scope.Topic, scope.GroupId), (
            span.Attributes["messaging.system"], span.Attributes["messaging.destination.name"], span.Attributes["messaging.consumer.group.name"])));
        Assert.Contains(collector.Spans, span => !IsBatch(span) && batches.Any(batch => (batch.TraceId, batch.SpanId) == (span.TraceId, span.ParentId)));
        Assert.DoesNotContain(collector.Spans, span => span.Attributes.Values.Append(span.Name).Any(text => text.Contains("lead-1", StringComparison.Ordinal)));
        await worker.WaitAsync(() => Task.FromResult(collector.Paths.Contains("/v1/metrics")), "metrics");

        // The line about the dead letter leads to the span of its batch.
        var lines = Lines(worker.Log);
        var line = lines.Single(line => line.GetProperty("EventId").GetInt32() == 500);
        Assert.Contains(batches, span => line.GetProperty("Scopes").EnumerateArray().Any(inner => inner.ToString().Contains(span.TraceId, StringComparison.Ordinal)));
        Assert.Contains(lines, start => start.GetProperty("EventId").GetInt32() == 100 && start.GetProperty("State").GetProperty("Model").GetString() == "lead-scoring");
        Assert.DoesNotContain("bad@example.com", worker.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("lead-1", worker.Log, StringComparison.Ordinal);
    }

    // Mutation: a header named otherwise, or the value written anew rather than as it was.
    [RequiresServicesFact]
    public async Task Dead_letters_on_a_broker_with_headers_are_as_AsyncAPI_says()
    {
        await using var scope = await TestScope.CreateAsync();
        using var broker = new MockBroker();
        var model = TestModels.Save(TestModels.Champion, Path.Combine(scope.Folder, "model"));
        await using var worker = Start(scope, broker, model);
        const string Bad = """ {"leadId":"a", "totalVisits":"many"} """;
        await broker.PublishAsync(scope.Topic, "a", Bad);

        var letter = broker.Read(scope.DeadLetterTopic, 1).Single().Message;

        Assert.Equal(("a", Bad), (Encoding.UTF8.GetString(letter.Key), Encoding.UTF8.GetString(letter.Value)));
        var headers = letter.Headers.ToDictionary(header => header.Key, header => Encoding.UTF8.GetString(header.GetValueBytes()));
        Assert.Equal(DeadLetterHeaders.Order(StringComparer.Ordinal), headers.Keys.Order(StringComparer.Ordinal));
        var described = File.ReadAllText(Path.Combine(InstallationFolder.Path, "src", "docs", "asyncapi.yaml"));
        Assert.All(headers.Keys, name => Assert.Contains($"          {name}:\n", described, StringComparison.Ordinal));
        Assert.Equal((scope.Topic, "0"), (headers["__connect.errors.topic"], headers["__connect.errors.offset"]));
        Assert.True(int.TryParse(headers["__connect.errors.partition"], NumberStyles.None, CultureInfo.InvariantCulture, out _));
        Assert.Contains(headers["__connect.errors.stage"], (string[])["decode", "score", "hot-leads"]);
    }

    private static WorkerProcess Start(TestScope scope, MockBroker broker, string model, params (string Name, string Value)[] settings)
    {
        broker.CreateTopic(scope.Topic);
        broker.CreateTopic(scope.DeadLetterTopic);
        return WorkerProcess.Start(scope, model,
        [
            ("Kafka__BootstrapServers", broker.Address), ("Kafka__Properties__api_version_request", "true"),
            ("Kafka__Properties__broker_version_fallback", "2.4.0"), ("Kafka__ReadHeaders", "true"),
            ("Api__Enabled", "true"), ("Api__Urls", "http://127.0.0.1:0"), ("Api__ManagementUrls", "http://127.0.0.1:0"),
            ("Logging__Console__FormatterName", "json"), .. settings,
        ]);
    }

    private static int Count(ReceivedSpan span) => int.Parse(span.Attributes["messaging.batch.message_count"], CultureInfo.InvariantCulture);

    private static List<JsonElement> Lines(string log) =>
        [.. log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
}
