using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using StreamScorer.App.Api.Keys;
using StreamScorer.App.Terminal;

namespace StreamScorer.App.Commands;

/// <summary><c>keys list</c>: a line per key; never a secret, which is not stored.</summary>
internal static class KeysListCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "One JSON object per key and line instead of the table." };
        var command = new Command("list", "A line per key: its id, whose it is, what it allows, until when.") { json };
        OperatorSettings.Accept(command);
        command.SetAction((parsed, ct) => RunAsync(parsed, parsed.GetValue(json), ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, bool json, CancellationToken ct)
    {
        if (!OperatorSettings.TryRead(parsed, out var options))
            return ExitCode.BadUsage;
        var keys = await KeysCommand.WithDatabaseAsync(options, connection => ApiKeyTable.ListAsync(connection, ct), ct);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        if (json)
        {
            foreach (var key in keys)
                JsonOutput.Write(new
                {
                    key.Id,
                    key.Name,
                    key.Scopes,
                    Status = StatusOf(key, now),
                    key.RequestsPerSecond,
                    key.CreatedAt,
                    key.ExpiresAt,
                    key.RevokedAt,
                    key.ReplacedBy,
                });
        }
        else if (keys.Count > 0)
        {
            StandardOutput.Console.Write(TableOf(keys, now));
        }

        if (keys.Count == 0)
            await Console.Error.WriteLineAsync("There are no keys. Make one: ./streamscorer keys create --name NAME --scope score");
        return ExitCode.Done;
    }

    private static Table TableOf(IReadOnlyList<ApiKeyRow> keys, DateTime now)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("id", "name", "scopes", "status", "made at", "by");
        foreach (var key in keys)
        {
            table.AddRow(
                Markup.Escape(key.Id), Markup.Escape(key.Name), Markup.Escape(string.Join(' ', key.Scopes)), Markup.Escape(StatusOf(key, now)),
                Day(key.CreatedAt), Markup.Escape(key.CreatedBy));
        }

        return table;
    }

    private static string StatusOf(ApiKeyRow key, DateTime now) =>
        key.RevokedAt is { } revoked ? $"revoked {Day(revoked)}"
        : key.ExpiresAt <= now ? $"expired {Day(key.ExpiresAt.Value)}"
        : key.ExpiresAt is { } expires ? $"works until {Day(expires)}"
        : "works";

    private static string Day(DateTime utc) => utc.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
