using System.CommandLine;
using StreamScorer.App.Api.Keys;

namespace StreamScorer.App.Commands;

/// <summary><c>keys revoke</c>: a key works no more.</summary>
internal static class KeysRevokeCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("id") { Description = "The key's id, as keys list shows it; never the key itself." };
        var command = new Command("revoke", "Revokes a key; running workers refuse it within the setting Api:KeyRefresh.") { id };
        OperatorSettings.Accept(command);
        command.SetAction((parsed, ct) => RunAsync(parsed, parsed.GetValue(id)!, ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, string id, CancellationToken ct)
    {
        if (!OperatorSettings.TryRead(parsed, out var options))
            return ExitCode.BadUsage;
        if (id.Contains('.', StringComparison.Ordinal))
        {
            await Console.Error.WriteLineAsync("That is a whole key and stands in your shell's history now. Revoke it by its id, the part between ssk_ and the dot.");
            return ExitCode.BadUsage;
        }

        if (id.StartsWith(ApiKeyText.Prefix, StringComparison.Ordinal))
            id = id[ApiKeyText.Prefix.Length..];
        if (await KeysCommand.WithDatabaseAsync(options, connection => ApiKeyTable.RevokeAsync(connection, id, KeysCommand.Actor, ct), ct))
        {
            await Console.Error.WriteLineAsync($"Revoked. Running workers refuse it within {options.Api.KeyRefresh.TotalSeconds} s.");
            return ExitCode.Done;
        }

        await Console.Error.WriteLineAsync("error: there is no key with this id. ./streamscorer keys list shows them.");
        return ExitCode.Failed;
    }
}
