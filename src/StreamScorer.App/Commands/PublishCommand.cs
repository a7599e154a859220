using System.CommandLine;
using System.Text.Json;
using Confluent.Kafka;
using StreamScorer.App.Hosting;
using StreamScorer.Consumer;

namespace StreamScorer.App.Commands;

/// <summary><c>publish</c>: JSON lines from stdin to the topic, keyed by lead id, each confirmed by the broker.</summary>
internal static class PublishCommand
{
    public static Command Create()
    {
        var topic = new Option<string?>("--topic") { Description = "The topic; the setting Kafka:Topic when left out.", HelpName = "NAME" };
        var command = new Command("publish",
            "Publish events from stdin, one JSON object per line, keyed by leadId. Kafka comes from the settings, else the running local one.")
        {
            topic,
        };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(topic), ct));
        return command;
    }

    private static async Task<int> RunAsync(string? topic, CancellationToken ct)
    {
        if (!WorkerSettings.TryBind(WorkerSettings.Configuration([]), out var options))
            return ExitCode.BadUsage;
        WorkerSettings.UseLocalKafka(options.Kafka);
        var target = topic ?? options.Kafka.Topic;
        var config = KafkaClientSettings.Producer(options.Kafka);
        config.MessageTimeoutMs = 10_000;
        using var producer = new ProducerBuilder<string?, string>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        var line = 0;
        while (await Console.In.ReadLineAsync(ct) is { } text)
        {
            line++;
            if (string.IsNullOrWhiteSpace(text))
                continue;
            try
            {
                var report = await producer.ProduceAsync(target, new Message<string?, string> { Key = Key(text), Value = text }, ct);
                Console.WriteLine($"{report.Topic} partition {report.Partition.Value} offset {report.Offset.Value}");
            }
            catch (KafkaException exception)
            {
                await Console.Error.WriteLineAsync(
                    $"Line {line} was not published: {exception.Error.Reason} (brokers {options.Kafka.BootstrapServers}, setting Kafka:BootstrapServers)");
                return exception.Error.Code == ErrorCode.Local_MsgTimedOut ? ExitCode.ServiceMissing : ExitCode.Failed;
            }
        }

        return ExitCode.Done;
    }

    /// <summary>The lead id, if the line has one: whatever the worker thinks of the line, it goes out as it is.</summary>
    private static string? Key(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("leadId", out var id) && id.ValueKind == JsonValueKind.String
                ? id.GetString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
