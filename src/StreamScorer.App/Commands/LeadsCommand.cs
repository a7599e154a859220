using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using StreamScorer.App.Leads;
using StreamScorer.App.Terminal;

namespace StreamScorer.App.Commands;

/// <summary><c>leads</c>: the agents' table, whom to call next and why.</summary>
internal static class LeadsCommand
{
    public static Command Create()
    {
        var hot = new Option<bool>("--hot") { Description = "Leads that are hot now; so without --all too." };
        var all = new Option<bool>("--all") { Description = "Leads that have cooled too." };
        var top = BoundedOption.Int("--top", "How many leads at most.", 1, 100_000, 20);
        var least = new Option<double?>("--min") { Description = "Least probability, 0 to 1.", HelpName = "P", CustomParser = ParseShare };
        var tier = new Option<string?>("--tier") { Description = "Only leads of this tier: A (highest) to E." };
        tier.AcceptOnlyFromAmong("A", "B", "C", "D", "E");
        var city = new Option<string?>("--city") { Description = "Only leads of this city; short for --feature city=NAME.", HelpName = "NAME" };
        var feature = new Option<string[]>("--feature")
        {
            Description = "Only leads whose feature has this value; may be given several times.",
            HelpName = "NAME=VALUE",
        };
        var order = new Option<LeadOrder>("--sort") { Description = "What comes first.", DefaultValueFactory = _ => LeadOrder.Probability };
        var json = new Option<bool>("--json") { Description = "One JSON object per line instead of the table." };
        var command = new Command("leads", "The hot leads: whom to call next, and why.")
        {
            hot, all, top, least, tier, city, feature, order, json, LeadsExplainCommand.Create(),
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(hot) && result.GetValue(all))
                result.AddError("--hot and --all exclude each other.");
            if ((result.GetValue(feature) ?? []).FirstOrDefault(each => each.IndexOf('=', StringComparison.Ordinal) < 1) is { } wrong)
                result.AddError($"--feature takes NAME=VALUE, such as city=Mumbai, not '{wrong}'.");
        });
        OperatorSettings.Accept(command);
        command.SetAction((parsed, ct) => RunAsync(
            parsed,
            new LeadFilter
            {
                IncludeCooled = parsed.GetValue(all),
                Top = parsed.GetValue(top) ?? 20,
                LeastProbability = parsed.GetValue(least),
                Tier = parsed.GetValue(tier),
                Features = [.. Features(parsed.GetValue(city), parsed.GetValue(feature) ?? [])],
                Order = parsed.GetValue(order),
            },
            parsed.GetValue(json),
            ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, LeadFilter filter, bool json, CancellationToken ct)
    {
        if (!OperatorSettings.TryRead(parsed, out var options))
            return ExitCode.BadUsage;
        await using var dataSource = NpgsqlDataSource.Create(options.ConnectionStrings.HotLeads);
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(ct);
            IReadOnlyList<Lead> leads;
            try
            {
                leads = await LeadQuery.ReadAsync(connection, filter, ct);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
            {
                await TellNoTableAsync(connection, ct);
                return ExitCode.Failed;
            }

            if (json)
                leads.ToList().ForEach(WriteJson);
            else if (leads.Count > 0)
                StandardOutput.Console.Write(LeadTable.Of(leads, TimeProvider.System.GetUtcNow(), StandardOutput.Console.Profile.Width));
            if (leads.Count == 0)
                await TellNoLeadsAsync(connection, filter, ct);
            return ExitCode.Done;
        }
        catch (NpgsqlException e) when (e is not PostgresException || e.IsTransient)
        {
            throw ServiceMissingException.PostgreSql(options.ConnectionStrings, e.Message);
        }
    }

    private static void WriteJson(Lead lead) => JsonOutput.Write(new
    {
        lead.LeadId,
        lead.Probability,
        lead.Tier,
        lead.Bucket,
        Hot = lead.CooledAt is null,
        Reasons = lead.Reasons is null ? null : JsonNode.Parse(lead.Reasons),
        Features = lead.Features is null ? null : JsonNode.Parse(lead.Features),
        lead.ModelName,
        lead.ModelId,
        lead.FirstHotAt,
        lead.LastScoredAt,
        lead.CooledAt,
    });

    private static async Task TellNoTableAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var schemas = await LeadQuery.SchemasAsync(connection, ct);
        await Console.Error.WriteLineAsync(
            $"There is no table hot_leads in database {connection.Database}: a worker makes it when it first starts.");
        if (schemas.Count > 0)
        {
            await Console.Error.WriteLineAsync(
                $"Other schemas have one ({string.Join(", ", schemas)}). To look there: "
                + $"--ConnectionStrings:HotLeads=\"{WithoutPassword(connection.ConnectionString)};Search Path={schemas[^1]}\"");
            return;
        }

        await Console.Error.WriteLineAsync(
            $"To see the whole way at work: {CommandLineRun.LauncherName} demo. To start a worker: {CommandLineRun.LauncherName} run");
    }

    private static async Task TellNoLeadsAsync(NpgsqlConnection connection, LeadFilter filter, CancellationToken ct)
    {
        var (hot, cooled) = await LeadQuery.CountAsync(connection, ct);
        var counts = string.Create(CultureInfo.InvariantCulture, $"{hot} leads are hot, {cooled} have cooled");
        await Console.Error.WriteLineAsync(hot + (filter.IncludeCooled ? cooled : 0) > 0
            ? $"No lead passes the filter; {counts}. Loosen --min, --tier, --city or --feature" + (cooled > 0 ? ", or add --all." : ".")
            : cooled > 0
                ? $"No lead is hot now; {counts}. To see them: leads --all"
                : "No lead has been hot yet. Is a worker running (run) and are events coming (replay, publish)? offsets show tells how far it is.");
    }

    private static string WithoutPassword(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Password = null, SearchPath = null }.ConnectionString;

    private static IEnumerable<KeyValuePair<string, string>> Features(string? city, string[] features)
    {
        if (city is not null)
            yield return new("city", city);
        foreach (var feature in features)
        {
            var split = feature.IndexOf('=', StringComparison.Ordinal);
            yield return new(feature[..split], feature[(split + 1)..]);
        }
    }

    private static double? ParseShare(System.CommandLine.Parsing.ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share is >= 0 and <= 1)
            return share;
        result.AddError($"--min takes a probability from 0 to 1, such as 0.8, not '{text}'.");
        return null;
    }
}
