using StreamScorer.Training.Files;
using StreamScorer.Training.Generation;
using StreamScorer.Training.LeadScoring;
using StreamScorer.Training.Tables;

namespace StreamScorer.Training.Preparation;

/// <summary>
/// Raw lead-scoring CSV → <c>processed/training_data.parquet</c> with 70 % of the leads and
/// <c>streaming/user_events/part-00000.parquet …</c> with the other 30 %, oldest lead first.
/// </summary>
public static class DatasetPreparation
{
    /// <summary>Share of leads in the training set, as a fraction of whole numbers: 9,240 leads give exactly 6,468.</summary>
    private const int TrainingNumerator = 7, TrainingDenominator = 10;

    /// <param name="csv">The raw table; see <see cref="LeadScoringColumns"/>.</param>
    /// <param name="output">Folder to write into. What stands there stays untouched until everything is written.</param>
    /// <exception cref="DataFileException">The table is damaged, or has fewer streaming rows than partitions.</exception>
    public static PreparationSummary Run(
        string csv, string output, PreparationOptions options, IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Partitions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Partitions, PreparationOptions.MostPartitions);
        var rows = LeadScoringCsv.Read(csv, StageReporter.For(progress, "Reading " + Path.GetFileName(csv)), cancellation);
        var (training, streaming) = Split(rows, options.Seed);
        if (streaming.Length < options.Partitions)
            throw new DataFileException(csv, FormattableString.Invariant(
                $"its {rows.Count} labelled rows leave {streaming.Length} for streaming, too few for {options.Partitions} files"),
                "Ask for fewer partitions (--partitions).");

        using var staged = new StagedOutput(output);
        var writing = StageReporter.For(progress, "Writing Parquet");
        WriteFile(staged.StageFile(PreparedLayout.TrainingFile), rows, training);
        var folder = staged.StageFolder(PreparedLayout.StreamingFolder);
        for (var part = 0; part < options.Partitions; part++)
        {
            cancellation.ThrowIfCancellationRequested();
            WriteFile(Path.Combine(folder, PreparedLayout.PartName(part)), rows, PartOf(streaming, part, options.Partitions));
            writing?.Report((part + 1.0) / options.Partitions);
        }

        staged.Publish();
        return Summarise(csv, output, rows, training, streaming, options.Partitions);
    }

    /// <summary>
    /// Deals whole leads, so that a lead with several rows is never on both sides. Training rows keep their order in the
    /// file; streaming rows are in order of time: first the first row of every lead by lead number, then the second ones.
    /// </summary>
    private static (int[] Training, int[] Streaming) Split(LeadRows rows, long seed)
    {
        var seen = new Dictionary<string, int>(rows.Count);
        var leadOf = new int[rows.Count];
        var occurrence = new int[rows.Count];
        var counts = new List<int>();
        for (var i = 0; i < rows.Count; i++)
        {
            if (!seen.TryGetValue(rows.LeadIds[i], out var lead))
            {
                seen[rows.LeadIds[i]] = lead = counts.Count;
                counts.Add(0);
            }

            leadOf[i] = lead;
            occurrence[i] = counts[lead]++;
        }

        var order = Enumerable.Range(0, counts.Count).ToArray();
        new SeededRandom(seed).Shuffle<int>(order);
        var trains = new bool[counts.Count];
        var trainingLeads = (int)((long)counts.Count * TrainingNumerator / TrainingDenominator);
        foreach (var lead in order.AsSpan(0, trainingLeads)) trains[lead] = true;
        var all = Enumerable.Range(0, rows.Count).ToArray();
        var streaming = all.Where(i => !trains[leadOf[i]])
            .OrderBy(i => occurrence[i]).ThenBy(i => rows.LeadNumbers[i]).ThenBy(i => i);
        return (all.Where(i => trains[leadOf[i]]).ToArray(), streaming.ToArray());
    }

    private static ReadOnlySpan<int> PartOf(int[] rows, int part, int parts)
    {
        var start = (int)((long)rows.Length * part / parts);
        var end = (int)((long)rows.Length * (part + 1) / parts);
        return rows.AsSpan(start, end - start);
    }

    private static void WriteFile(string path, LeadRows rows, ReadOnlySpan<int> which)
    {
        using var file = new PreparedFileWriter(path, LeadScoringSchema.Training);
        foreach (var row in which)
            file.Add(rows.LeadIds[row], rows.LeadNumbers[row], rows.Converted[row], feature => rows.Feature(feature)[row]);
        file.Complete();
    }

    private static PreparationSummary Summarise(
        string csv, string output, LeadRows rows, int[] training, int[] streaming, int partitions)
    {
        var nulls = LeadScoringSchema.Features.Select((feature, i) =>
        {
            var count = rows.Feature(i).Count(text => text is null);
            return new FeatureNulls(feature.Name, count, (double)count / rows.Count);
        });
        return new PreparationSummary(csv, output, rows.Count, rows.UnlabelledRows, training.Length, streaming.Length, partitions,
            Labels(training), Labels(streaming), [.. nulls]);

        LabelCount Labels(int[] which) => new(which.Length, which.Count(row => rows.Converted[row]));
    }
}
