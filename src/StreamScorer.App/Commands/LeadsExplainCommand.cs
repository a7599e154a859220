using System.CommandLine;
using System.Globalization;
using Dapper;
using Npgsql;
using StreamScorer.App.Leads;
using StreamScorer.App.Terminal;
using StreamScorer.Scoring;
using StreamScorer.Training.Learning;

namespace StreamScorer.App.Commands;

/// <summary><c>leads explain ID</c>: every feature's share of a lead's score.</summary>
internal static class LeadsExplainCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("ID") { Description = "The lead." };
        var model = new Option<string?>("--model")
        {
            Description = "Model folder, or a model file; by default the worker's (Scoring:ModelPath).",
            HelpName = "DIR",
        };
        var json = new Option<bool>("--json") { Description = "One JSON object instead of the table." };
        var command = new Command(
            "explain", "Why a lead scores as it does: what each feature adds to its score, exactly (TreeSHAP).")
        {
            id, model, json,
        };
        OperatorSettings.Accept(command);
        command.SetAction((parsed, ct) => RunAsync(
            parsed, parsed.GetRequiredValue(id), parsed.GetValue(model), parsed.GetValue(json), ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, string id, string? modelPath, bool json, CancellationToken ct)
    {
        if (!OperatorSettings.TryRead(parsed, out var options))
            return ExitCode.BadUsage;
        var lead = await FindAsync(options.ConnectionStrings, id, ct);
        if (lead is null)
        {
            return Fail(
                "There is no such lead in hot_leads: only leads that have been hot are kept there. leads --all lists them.");
        }

        var forest = ModelFolder.Load(modelPath ?? options.Scoring.ModelPath);
        if (forest.Id != lead.ModelId)
        {
            if (modelPath is null)
            {
                return Fail(
                    $"The lead was scored by model {lead.ModelId[..12]}…; "
                    + $"{options.Scoring.ModelPath} holds {forest.Id[..12]}…. "
                    + "Name the folder of the old one, or ask the new one on purpose: --model DIR.");
            }

            Console.Error.WriteLine($"Note: the lead's own score is of model {lead.ModelId[..12]}…; this explains another's.");
        }

        LeadExplanation explanation;
        try
        {
            var threshold = new HotThreshold(options.Scoring.Threshold);
            explanation = LeadExplanation.Of(id, lead.Features, lead.EventTime, new ScoringModel(forest.Name, forest), threshold);
        }
        catch (InvalidDataException e)
        {
            return Fail($"The model cannot read the features that are kept of the lead: {e.Message}");
        }

        if (json)
            JsonOutput.Write(explanation);
        else
            WriteTable(explanation);
        return ExitCode.Done;
    }

    private static async Task<StoredLead?> FindAsync(ConnectionStringsOptions connectionStrings, string id, CancellationToken ct)
    {
        await using var dataSource = NpgsqlDataSource.Create(connectionStrings.HotLeads);
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(ct);
            return await connection.QuerySingleOrDefaultAsync<StoredLead>(new CommandDefinition(
                """
                select features::text as Features, event_time as EventTime, model_id as ModelId from hot_leads
                where organization_id = '' and lead_id = @id
                """,
                new { id }, cancellationToken: ct));
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return null;
        }
        catch (NpgsqlException e) when (e is not PostgresException || e.IsTransient)
        {
            throw ServiceMissingException.PostgreSql(connectionStrings, e.Message);
        }
    }

    private static void WriteTable(LeadExplanation lead)
    {
        var title = string.Create(
            CultureInfo.InvariantCulture,
            $"{lead.LeadId}: probability {lead.Probability:F3}, tier {lead.Tier}. Raw score {lead.RawScore:F4}; "
            + $"the average lead has {lead.Baseline:F4}, the features add:");
        var table = new ReportTable(title, "adds", "why").TextAtEnd();
        foreach (var reason in lead.Reasons)
            table.Row(reason.Contribution.ToString("+0.0000;-0.0000", CultureInfo.InvariantCulture), reason.Text);
        table.WriteTo(StandardOutput.Console);
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return ExitCode.Failed;
    }

    private sealed record StoredLead(string Features, DateTime? EventTime, string ModelId);
}
