using System.CommandLine;
using StreamScorer.App.Api.Keys;
using StreamScorer.App.Terminal;

namespace StreamScorer.App.Commands;

/// <summary><c>keys create</c>: makes a key and shows it, once.</summary>
internal static class KeysCreateCommand
{
    public static Command Create()
    {
        var name = new Option<string>("--name") { Description = "Whose key it is; stands in logs and in the audit.", Required = true };
        var scope = new Option<string[]>("--scope")
        {
            Description = "What it allows; may be given several times: score, leads:read, models:read, models:write, admin.",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        scope.AcceptOnlyFromAmong([.. ApiScopes.ByName.Keys]);
        var days = BoundedOption.Int("--expires-days", "After how many days it expires; without it, never.", 1, 3650);
        var rate = BoundedOption.Int("--rate", "Requests per second; without it, the setting Api:RequestsPerSecond.", 1, 10_000_000);
        var rotate = new Option<string?>("--rotate") { Description = "The id of a key that this one takes the place of.", HelpName = "ID" };
        var overlap = BoundedOption.Int("--overlap-hours", "How long the replaced key goes on working.", 0, 8760, 24);
        var json = new Option<bool>("--json") { Description = "The key and its id as a JSON object." };
        var command = new Command("create", "Makes a key and prints it on stdout; it is shown this once and kept nowhere.")
        {
            name, scope, days, rate, rotate, overlap, json,
        };
        command.Validators.Add(result =>
        {
            if (string.IsNullOrWhiteSpace(result.GetValue(name)) || result.GetValue(name)!.Length > 200)
                result.AddError("--name takes 1 to 200 characters.");
        });
        OperatorSettings.Accept(command);
        command.SetAction((parsed, ct) => RunAsync(
            parsed,
            new NewApiKey(
                parsed.GetValue(name)!, [.. parsed.GetValue(scope)!.Distinct()],
                parsed.GetValue(days) is { } lifetime ? TimeSpan.FromDays(lifetime) : null,
                parsed.GetValue(rate), parsed.GetValue(rotate), TimeSpan.FromHours(parsed.GetValue(overlap) ?? 24)),
            parsed.GetValue(json),
            ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, NewApiKey request, bool json, CancellationToken ct)
    {
        if (!OperatorSettings.TryRead(parsed, out var options))
            return ExitCode.BadUsage;
        string key;
        try
        {
            key = await KeysCommand.WithDatabaseAsync(
                options, connection => ApiKeyTable.CreateAsync(connection, request, KeysCommand.Actor, ct), ct);
        }
        catch (KeyNotFoundException missing)
        {
            await Console.Error.WriteLineAsync($"error: {missing.Message} ./streamscorer keys list shows them.");
            return ExitCode.Failed;
        }

        if (json)
            JsonOutput.Write(new { Id = key.Split('.')[0][ApiKeyText.Prefix.Length..], Key = key, request.Name, request.Scopes });
        else
            await Console.Out.WriteLineAsync(key);
        await Console.Error.WriteLineAsync(
            "Keep it now: only its hash is stored. Use it in the header X-API-Key; a running worker knows it within "
            + $"{options.Api.KeyRefresh.TotalSeconds} s.");
        return ExitCode.Done;
    }
}
