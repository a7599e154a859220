using System.CommandLine;
using System.Globalization;
using StreamScorer.App.Hosting;
using StreamScorer.App.Terminal;
using StreamScorer.Training.Preparation;
using StreamScorer.Training.Replay;

namespace StreamScorer.App.Commands;

/// <summary><c>replay</c>: publishes a prepared dataset to a topic, one file after another.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var data = new Option<string?>("--data")
        {
            Description = "Folder of Parquet files that prepare or generate wrote (streaming/user_events), or one such file.",
            HelpName = "DIR",
        };
        var topic = new Option<string?>("--topic")
        {
            Description = "Topic of the events; the setting Kafka:Topic (user-events) where it is not given.",
            HelpName = "T",
        };
        var rate = new Option<double?>("--rate")
        {
            Description = "Events per second; as fast as the broker takes them where it is not given.",
            HelpName = "EVENTS_PER_S",
            CustomParser = result =>
            {
                var text = result.Tokens.Single().Value;
                if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is > 0 and < 1e9)
                    return value;
                result.AddError($"--rate takes a number of events per second above 0, not '{text}'.");
                return null;
            },
        };
        var outcomes = new Option<bool>("--with-outcomes")
        {
            Description = $"Publish each lead's outcome (the label) to {ReplayOptions.DefaultOutcomeTopic}, after the events of its file.",
        };
        var bootstrap = new Option<string?>("--bootstrap")
        {
            Description = "Broker addresses; the setting Kafka:BootstrapServers, else the running local broker, where it is not given.",
            HelpName = "HOST:PORT",
        };
        var command = new Command(
            "replay",
            "Publish a prepared dataset as events keyed by lead id, each confirmed by the broker; never the label. With --verify: score "
            + "what was scored again, and compare every bit.")
        {
            data, topic, rate, outcomes, bootstrap,
        };
        var changes = new ReplayChanges();
        changes.AddTo(command);
        var verification = new ReplayVerification();
        verification.AddTo(command, [data, rate, outcomes, .. changes.Options]);
        command.Validators.Add(result =>
        {
            if (!result.GetValue<bool>("--verify") && result.GetValue(data) is null)
                result.AddError("replay needs --data DIR to publish, or --verify.");
        });
        command.SetAction((parsed, ct) => Task.Run(
            () => verification.IsAsked(parsed)
                ? verification.Run(parsed, parsed.GetValue(topic), parsed.GetValue(bootstrap), ct)
                : Run(
                    parsed.GetValue(data)!, parsed.GetValue(topic), parsed.GetValue(rate), parsed.GetValue(outcomes), parsed.GetValue(bootstrap),
                    changes.Of(parsed), ct),
            CancellationToken.None));
        return command;
    }

    private static int Run(
        string data, string? topic, double? rate, bool withOutcomes, string? bootstrap, IReadOnlyList<FeatureChange> changes, CancellationToken ct)
    {
        string[] overrides = bootstrap is null ? [] : ["--Kafka:BootstrapServers=" + bootstrap];
        if (!WorkerSettings.TryBind(WorkerSettings.Configuration(overrides), out var settings))
            return ExitCode.BadUsage;
        if (bootstrap is null)
            WorkerSettings.UseLocalKafka(settings.Kafka);
        var options = new ReplayOptions(topic ?? settings.Kafka.Topic)
        {
            EventsPerSecond = rate,
            Changes = changes,
            OutcomeTopic = !withOutcomes ? null
                : settings.Outcomes.Topic.Length > 0 ? settings.Outcomes.Topic : ReplayOptions.DefaultOutcomeTopic,
        };
        var dataset = PreparedDataset.Open(data);
        try
        {
            var summary = WorkProgress.Run(progress => new DatasetReplayer(settings.Kafka).RunAsync(
                dataset, options, new FileProgress(progress, dataset), ct).GetAwaiter().GetResult());
            if (!summary.Complete)
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"stopped: {summary.Delivered:N0} of {dataset.RowCount - summary.Skipped:N0} events delivered."));
            JsonOutput.Write(summary);
            return summary.Complete ? ExitCode.Done : ExitCode.Failed;
        }
        catch (FormatException fault)
        {
            Console.Error.WriteLine($"error: {fault.Message}");
            return ExitCode.BadUsage;
        }
        catch (ReplayException failure)
        {
            Console.Error.WriteLine($"error: {failure.Message}");
            return failure.BrokerMissing ? ExitCode.ServiceMissing : ExitCode.Failed;
        }
    }

    /// <summary>One bar for the whole replay, named by the file under way.</summary>
    private sealed class FileProgress(IProgress<StageProgress> bar, PreparedDataset dataset) : IProgress<ReplayProgress>
    {
        public void Report(ReplayProgress value) => bar.Report(new StageProgress(
            "Publishing " + Path.GetFileName(Path.TrimEndingDirectorySeparator(dataset.Path)),
            value.Total == 0 ? 1 : (double)value.Delivered / value.Total));
    }
}
