using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using StreamScorer.App.Terminal;
using StreamScorer.Training.Generation;
using StreamScorer.Training.LeadScoring;
using StreamScorer.Training.Preparation;
using StreamScorer.Training.Schemas;

namespace StreamScorer.App.Commands;

/// <summary><c>generate</c>: synthetic leads of the lead-scoring shape, as a CSV file or a prepared data folder.</summary>
internal static class GenerateCommand
{
    public static Command Create()
    {
        var rows = BoundedOption.Int("--rows", "Leads to make.", 1, 100_000_000, GenerationOptions.DefaultRows);
        var seed = SeedOption.Create("The same seed gives the same bytes on any machine.");
        var events = BoundedOption.Int("--events-per-lead",
            "Snapshots of each developing lead: visits grow, the last action changes, some turn hot, some cool.", 1, 100, 1);
        var developing = BoundedOption.Int("--developing-leads",
            "Leads that develop; all of them in a CSV file, 60 in a folder when not given.", 0, 100_000_000);
        var partitions = BoundedOption.Int("--partitions", "Streaming files, when --out is a folder.",
            1, PreparationOptions.MostPartitions, PreparationOptions.DefaultPartitions);
        var output = new Option<string>("--out")
        {
            Description = "A name that ends in .csv gets the raw table; any other is a folder that gets raw/, processed/, "
                + "streaming/user_events/ and, for --events-per-lead above 1, streaming/follow_ups/.",
            Required = true,
            HelpName = "FILE|DIR",
        };
        var schema = new Option<string>("--schema")
        {
            Description = "lead-scoring (ten features), or b2b-leads (fifty features of business customers; only --rows and --seed count, --out is a CSV file).",
            DefaultValueFactory = _ => LeadScoringSchema.Name,
        };
        schema.AcceptOnlyFromAmong(LeadScoringSchema.Name, B2bLeadSchema.Name);
        var json = new Option<bool>("--json") { Description = "Print the summary as one JSON object." };
        var command = new Command("generate", "Make synthetic leads: of the lead-scoring shape from aggregate facts, or of fifty invented B2B features.")
        {
            rows, seed, events, developing, partitions, output, schema, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(schema) == B2bLeadSchema.Name && result.GetValue(output)?.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) == false)
                result.AddError($"--schema {B2bLeadSchema.Name} writes a table: give --out a name that ends in .csv.");
        });
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(
            parsed.GetRequiredValue(output),
            parsed.GetValue(schema) == B2bLeadSchema.Name,
            new GenerationOptions
            {
                Leads = parsed.GetRequiredValue(rows)!.Value,
                Seed = parsed.GetValue(seed),
                EventsPerLead = parsed.GetRequiredValue(events)!.Value,
                DevelopingLeads = parsed.GetValue(developing),
                Partitions = parsed.GetRequiredValue(partitions)!.Value,
            },
            parsed.GetValue(json), cancellation), cancellation));
        return command;
    }

    private static int Run(string output, bool isB2b, GenerationOptions options, bool json, CancellationToken cancellation)
    {
        if (isB2b)
        {
            B2bLeadGenerator.WriteCsv(output, options.Leads, options.Seed);
            if (json) JsonOutput.Write(new { output, rows = options.Leads });
            else AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{output}: {options.Leads:N0} rows"));
            return ExitCode.Done;
        }

        if (output.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
        {
            var rows = WorkProgress.Run(progress => SyntheticDataset.WriteCsv(output, options, progress));
            if (json) JsonOutput.Write(new { output, rows });
            else AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{output}: {rows:N0} rows"));
            return ExitCode.Done;
        }

        var folder = WorkProgress.Run(progress => SyntheticDataset.WriteFolder(output, options, progress, cancellation));
        if (json)
        {
            JsonOutput.Write(folder);
            return ExitCode.Done;
        }

        PreparationReport.Write(folder.Prepared, AnsiConsole.Console);
        AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Follow-up events: {folder.FollowUpRows:N0}"));
        return ExitCode.Done;
    }
}
