using CsvHelper;
using StreamScorer.Training.Files;
using StreamScorer.Training.LeadScoring;
using StreamScorer.Training.Preparation;

namespace StreamScorer.Training.Generation;

/// <summary>What to generate.</summary>
public sealed record GenerationOptions
{
    public const int DefaultRows = 9240;
    public const int DefaultDevelopingLeads = 60;

    /// <summary>Leads to make, at least 1.</summary>
    public int Leads { get; init; } = DefaultRows;

    public long Seed { get; init; } = PreparationOptions.DefaultSeed;

    /// <summary>Snapshots of each developing lead, the first one included; 1 to 100.</summary>
    public int EventsPerLead { get; init; } = 1;

    /// <summary>Leads that develop; null for all of them in a CSV file, 60 in a folder.</summary>
    public int? DevelopingLeads { get; init; }

    /// <summary>Files the streaming rows of a folder are spread over.</summary>
    public int Partitions { get; init; } = PreparationOptions.DefaultPartitions;
}

/// <summary>Writes synthetic leads: as a raw CSV file, or as a whole data folder prepared from one.</summary>
public static class SyntheticDataset
{
    /// <summary>Where the raw table of a data folder stands.</summary>
    public const string RawFile = "raw/synthetic-leads.csv";

    /// <summary>
    /// Writes a CSV file of the 37 columns, newest lead first as in the original; a developing lead's later rows follow its
    /// first one. Equal options give equal bytes.
    /// </summary>
    /// <returns>Rows written.</returns>
    public static int WriteCsv(string path, GenerationOptions options, IProgress<StageProgress>? progress = null)
    {
        var full = Path.GetFullPath(path);
        using var staged = new StagedOutput(Path.GetDirectoryName(full)!);
        var generator = new LeadGenerator(options.Seed);
        var developing = options.DevelopingLeads ?? options.Leads;
        var rows = 0;
        using (var csv = CsvWriter.ToFile(staged.StageFile(Path.GetFileName(full))))
        {
            csv.WriteRecord([.. LeadScoringColumns.All.Select(column => column.Name)]);
            for (var index = options.Leads - 1; index >= 0; index--)
            {
                var lead = generator.Create(index);
                rows += Write(csv, lead, IsAmong(index, developing, options.Leads) ? options : null);
                var share = 1 - (double)index / options.Leads;
                if ((index & 255) == 0) progress?.Report(new StageProgress("Generating leads", share));
            }
        }

        staged.Publish();
        return rows;
    }

    /// <summary>
    /// Writes <see cref="RawFile"/>, prepares it (training set and streaming files), and puts the later snapshots of some
    /// streamed leads into <c>streaming/follow_ups</c>.
    /// </summary>
    public static GeneratedFolder WriteFolder(
        string folder, GenerationOptions options, IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        var raw = Path.Combine(folder, RawFile);
        WriteCsv(raw, options with { EventsPerLead = 1 }, progress);
        var prepared = DatasetPreparation.Run(
            raw, folder, new PreparationOptions { Partitions = options.Partitions, Seed = options.Seed }, progress, cancellation);
        var followUps = options.EventsPerLead > 1 ? WriteFollowUps(folder, options) : 0;
        return new GeneratedFolder(prepared, followUps);
    }

    private static int Write(CsvWriter csv, SyntheticLead lead, GenerationOptions? develops)
    {
        WriteRow(csv, lead);
        if (develops is null) return 1;
        var journey = new LeadJourney(lead, develops.Seed);
        for (var i = 1; i < develops.EventsPerLead; i++) WriteRow(csv, journey.Next());
        return develops.EventsPerLead;
    }

    private static void WriteRow(CsvWriter csv, SyntheticLead lead)
        => csv.WriteRecord([.. LeadScoringColumns.All.Select(column => lead.Cell(column.Name))]);

    private static int WriteFollowUps(string folder, GenerationOptions options)
    {
        var streamed = PreparedDataset.Open(Path.Combine(folder, PreparedLayout.StreamingFolder));
        var ids = streamed.Files.SelectMany(file => file.ReadLeads()).Select(lead => lead.LeadId).ToArray();
        var wanted = options.DevelopingLeads ?? GenerationOptions.DefaultDevelopingLeads;
        var chosen = ids.Where((_, i) => IsAmong(i, wanted, ids.Length)).ToHashSet();
        var generator = new LeadGenerator(options.Seed);
        var journeys = Enumerable.Range(0, options.Leads).Select(generator.Create)
            .Where(lead => chosen.Contains(lead.Cell(LeadScoringColumns.LeadId)!))
            .Select(lead => new LeadJourney(lead, options.Seed)).ToArray();

        using var staged = new StagedOutput(folder);
        var target = staged.StageFolder(PreparedLayout.FollowUpFolder);
        using var file = new PreparedFileWriter(Path.Combine(target, PreparedLayout.PartName(0)), LeadScoringSchema.Training);
        for (var round = 1; round < options.EventsPerLead; round++)
            foreach (var journey in journeys)
                Add(file, journey.Next());
        file.Complete();
        staged.Publish();
        return journeys.Length * (options.EventsPerLead - 1);
    }

    private static void Add(PreparedFileWriter file, SyntheticLead lead)
        => file.Add(lead.Cell(LeadScoringColumns.LeadId)!, lead.Number, lead.Converted, feature =>
        {
            var text = lead.Cell(LeadScoringSchema.Features[feature].ColumnName);
            return LeadScoringSchema.NullTokens.Contains(text ?? "") ? null : text;
        });

    /// <summary>Picks <paramref name="wanted"/> of <paramref name="count"/> positions at even distances.</summary>
    private static bool IsAmong(int position, int wanted, int count)
        => (long)(position + 1) * wanted / count > (long)position * wanted / count;
}

/// <summary>A generated data folder.</summary>
/// <param name="Prepared">Training set and streaming files.</param>
/// <param name="FollowUpRows">Rows of <c>streaming/follow_ups</c>.</param>
public sealed record GeneratedFolder(PreparationSummary Prepared, int FollowUpRows);
