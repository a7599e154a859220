using System.CommandLine;
using System.Globalization;
using Npgsql;
using StreamScorer.App.Offsets;
using StreamScorer.App.Terminal;

namespace StreamScorer.App.Commands;

/// <summary><c>offsets show</c>: per partition progress, the group's offset, the topic's end, lag and owner.</summary>
internal static class OffsetsShowCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "One JSON object per partition and line instead of the table." };
        var command = new Command("show", "Per partition: progress, what the Kafka group has committed, the topic's end, lag, owner, epoch.") { json };
        OperatorSettings.Accept(command);
        command.SetAction((parsed, ct) => RunAsync(parsed, parsed.GetValue(json), ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, bool json, CancellationToken ct)
    {
        if (!OperatorSettings.TryRead(parsed, out var options))
            return ExitCode.BadUsage;
        var progress = await ReadProgressAsync(options, ct);
        var partitions = new GroupOffsets(options.Kafka).Read();
        var rows = partitions.Select(each => Row(each.Key, each.Value, progress?.GetValueOrDefault(each.Key))).ToArray();
        if (json)
        {
            foreach (var row in rows)
                JsonOutput.Write(row);
            return ExitCode.Done;
        }

        var table = new ReportTable(
            $"{options.Kafka.GroupId} on {options.Kafka.Topic}",
            "partition", "progress", "group offset", "end", "lag", "epoch", "resets", "owner");
        foreach (var row in rows)
        {
            table.Row(
                row.Partition.ToString(CultureInfo.InvariantCulture), row.Progress, row.GroupOffset, row.EndOffset, row.Lag, row.OwnerEpoch,
                row.Incarnation, row.Owner);
        }

        table.WriteTo(StandardOutput.Console);
        if (progress is null or { Count: 0 })
            await Console.Error.WriteLineAsync($"Group {options.Kafka.GroupId} has no progress on {options.Kafka.Topic} yet: no worker has taken it.");
        return ExitCode.Done;
    }

    /// <summary>The ledger's rows of the group and topic; null when there are no tables.</summary>
    internal static async Task<IReadOnlyDictionary<int, ProgressRow>?> ReadProgressAsync(StreamScorerOptions options, CancellationToken ct)
    {
        try
        {
            await using var dataSource = NpgsqlDataSource.Create(options.ConnectionStrings.HotLeads);
            return await ProgressRow.ReadAsync(dataSource, options.Kafka.GroupId, options.Kafka.Topic, ct);
        }
        catch (NpgsqlException e) when (e is not PostgresException || e.IsTransient)
        {
            throw ServiceMissingException.PostgreSql(options.ConnectionStrings, e.Message);
        }
    }

    private static OffsetsRow Row(int partition, PartitionOffsets offsets, ProgressRow? progress) => new(
        partition, progress?.NextOffset, offsets.Committed, offsets.Low, offsets.End,
        offsets.End - (progress?.NextOffset ?? offsets.Committed ?? offsets.Low),
        progress?.OwnerEpoch, progress?.Incarnation, progress?.Owner, progress?.TakenAt);

    /// <summary>One partition of <c>offsets show</c>; lag is what the topic holds beyond progress.</summary>
    private sealed record OffsetsRow(
        int Partition, long? Progress, long? GroupOffset, long OldestOffset, long EndOffset, long Lag,
        long? OwnerEpoch, long? Incarnation, string? Owner, DateTime? TakenAt);
}
