using System.CommandLine;
using Npgsql;
using StreamScorer.App.Quality;
using StreamScorer.App.Terminal;
using StreamScorer.Parquet;
using StreamScorer.Sinks;
using StreamScorer.Telemetry.Outcomes;

namespace StreamScorer.App.Commands;

/// <summary><c>quality</c>: how good the models have been, from outcomes and the scores acted on.</summary>
internal static class QualityCommand
{
    public static Command Create()
    {
        var days = BoundedOption.Int("--days", "Outcomes of so many days; the setting Outcomes:Window (30 days) where it is not given.", 1, 3650, null);
        var json = new Option<bool>("--json") { Description = "One JSON object instead of the tables." };
        var command = new Command(
            "quality",
            "How good the models have been: outcomes of leads against the scores acted on, beside what the scores promised. Looks for the "
            + "scores of new outcomes first, in the checkpoints.")
        {
            days, json,
        };
        OperatorSettings.Accept(command);
        command.SetAction((parsed, ct) => RunAsync(parsed, parsed.GetValue(days), parsed.GetValue(json), ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, int? days, bool json, CancellationToken ct)
    {
        if (!OperatorSettings.TryRead(parsed, out var options))
            return ExitCode.BadUsage;
        var window = days is { } given ? TimeSpan.FromDays(given) : options.Outcomes.Window;
        await using var dataSource = NpgsqlDataSource.Create(options.ConnectionStrings.HotLeads);
        try
        {
            await Migrations.ApplyAsync(dataSource, ct);
            await JoinAsync(options, dataSource, ct);
            var store = new OutcomeStore(dataSource, TimeProvider.System);
            var since = TimeProvider.System.GetUtcNow() - window;
            var counts = await store.CountAsync(since, ct);
            var models = ModelQuality.Of(await store.ScoredAsync(since, ct));
            if (json)
                JsonOutput.Write(QualityLine.Of(window, counts, models));
            else
                QualityText.Write(window, counts, models, StandardOutput.Console);
            if (models.Count == 0)
                await Console.Error.WriteLineAsync(NoFigures(counts, options));
            return ExitCode.Done;
        }
        catch (NpgsqlException e) when (e is not PostgresException || e.IsTransient)
        {
            throw ServiceMissingException.PostgreSql(options.ConnectionStrings, e.Message);
        }
    }

    /// <summary>Joins what a worker has not joined yet; without the archive the figures are those of the last join.</summary>
    private static async Task JoinAsync(StreamScorerOptions options, NpgsqlDataSource dataSource, CancellationToken ct)
    {
        if (!Directory.Exists(options.Checkpoint.Folder))
        {
            await Console.Error.WriteLineAsync(
                $"There is no checkpoint folder {options.Checkpoint.Folder} here, so no scores are looked for (setting Checkpoint:Folder).");
            return;
        }

        var store = new OutcomeStore(dataSource, TimeProvider.System);
        var archive = new ScoreArchive(dataSource, new CheckpointFolder(options.Checkpoint.Folder), options.Kafka.GroupId);
        var joined = await new OutcomeMatching(dataSource, store, archive, options.Outcomes, TimeProvider.System).RunAsync(ct);
        if (joined is null)
            await Console.Error.WriteLineAsync("A worker is looking for scores right now; these are the figures so far.");
    }

    private static string NoFigures(OutcomeCounts counts, StreamScorerOptions options) => counts switch
    {
        { Open: > 0 } => $"{counts.Open:N0} outcomes wait for their score, which is looked for {options.Outcomes.SettleDelay:c} after they "
            + "were recorded (setting Outcomes:SettleDelay). Are their leads in a checkpoint of this folder (Checkpoint:Folder)?",
        { NeverScored: > 0 } => $"{counts.NeverScored:N0} outcomes have no score: their leads were never scored before.",
        _ => $"No outcome has come in. A running worker takes them from topic {options.Outcomes.Topic}; "
            + "replay --with-outcomes publishes those of a prepared dataset.",
    };
}
