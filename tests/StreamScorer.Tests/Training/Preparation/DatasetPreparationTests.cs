using StreamScorer.Tests.Training.LeadScoring;
using StreamScorer.Training.Preparation;
using StreamScorer.Training.Tables;
using Xunit;

namespace StreamScorer.Tests.Training.Preparation;

public sealed class DatasetPreparationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [RequiresSharedDataFact]
    public void The_real_table_becomes_6468_training_and_2772_streaming_rows_in_50_files()
    {
        var summary = Prepare(RepositoryFolder.SharedData("lead-scoring.csv"), new PreparationOptions());
        Assert.Equal((9240, 0, 6468, 2772, 50), (summary.Rows, summary.UnlabelledRows, summary.TrainingRows,
            summary.StreamingRows, summary.Partitions));
        Assert.Equal(3561, summary.Training.Positive + summary.Streaming.Positive);
        Assert.Equal(137, summary.Features.Single(feature => feature.Feature == "TotalVisits").Nulls);

        var training = PreparedDataset.Open(_folder["out/processed/training_data.parquet"]);
        var streaming = PreparedDataset.Open(_folder["out/streaming/user_events"]);
        Assert.Equal((6468, 2772, 50), (training.RowCount, streaming.RowCount, streaming.Files.Count));
        Assert.All(streaming.Files, file => Assert.InRange(file.RowCount, 55, 56));
        Assert.Equal("part-00049.parquet", Path.GetFileName(streaming.Files[^1].Path));
        var numbers = Leads(streaming).Select(lead => lead.LeadNumber).ToArray();
        Assert.True(numbers.SequenceEqual(numbers.Order()), "oldest lead first");
        Assert.Equal(9240, Leads(training).Concat(Leads(streaming)).Select(lead => lead.LeadId).Distinct().Count());
    }

    [Fact]
    public void Values_arrive_as_they_stand_in_the_table_and_nulls_as_null()
    {
        var csv = new LeadCsvText();
        for (var i = 0; i < 10; i++)
            csv.Row(("TotalVisits", "7"), ("Page Views Per Visit", "2.67"), ("City", "Select"), ("Country", null), ("Tags", "Ringing, twice"));
        Prepare(_folder.Write("t.csv", csv.ToString()), new PreparationOptions { Partitions = 2 });
        var lead = Leads(PreparedDataset.Open(_folder["out/streaming/user_events"])).First();
        Assert.Equal((7.0, 2.67), (lead.Number(0), lead.Number(2)));
        Assert.Equal((null, null, "Ringing, twice"), (lead.Text(7), lead.Text(8), lead.Text(9)));
    }

    [Fact]
    public void Seeds_decide_the_split_and_equal_ones_give_equal_bytes()
    {
        var csv = _folder.Write("t.csv", Rows(200).ToString());
        var first = Bytes(new PreparationOptions { Partitions = 3, Seed = 5 });
        Assert.Equal(first, Bytes(new PreparationOptions { Partitions = 3, Seed = 5 }));
        Assert.NotEqual(first, Bytes(new PreparationOptions { Partitions = 3, Seed = 6 }));

        byte[] Bytes(PreparationOptions options)
        {
            Prepare(csv, options);
            return File.ReadAllBytes(_folder["out/processed/training_data.parquet"]);
        }
    }

    [Fact]
    public void All_rows_of_a_lead_go_to_one_side_and_stream_in_order_of_time()
    {
        var csv = new LeadCsvText();
        for (var round = 0; round < 3; round++)
            for (var lead = 99; lead >= 0; lead--)
                csv.Row(("Prospect ID", $"lead-{lead}"), ("Lead Number", $"{1000 + lead}"), ("TotalVisits", $"{round}"));
        var summary = Prepare(_folder.Write("t.csv", csv.ToString()), new PreparationOptions { Partitions = 4 });
        Assert.Equal((210, 90), (summary.TrainingRows, summary.StreamingRows));
        var training = Leads(PreparedDataset.Open(_folder["out/processed"])).Select(lead => lead.LeadId).ToHashSet();
        var streaming = Leads(PreparedDataset.Open(_folder["out/streaming/user_events"])).ToArray();
        Assert.DoesNotContain(streaming, lead => training.Contains(lead.LeadId));
        var order = streaming.Select(lead => (Round: lead.Number(0), lead.LeadNumber)).ToArray();
        Assert.Equal(order.OrderBy(key => key.Round).ThenBy(key => key.LeadNumber), order);
    }

    [Fact]
    public void A_second_run_replaces_all_files_of_the_first()
    {
        var csv = _folder.Write("t.csv", Rows(100).ToString());
        Prepare(csv, new PreparationOptions { Partitions = 9 });
        Prepare(csv, new PreparationOptions { Partitions = 2 });
        Assert.Equal(2, Directory.GetFiles(_folder["out/streaming/user_events"]).Length);
    }

    [Fact]
    public void A_damaged_table_leaves_nothing_behind_and_what_stood_there_alone()
    {
        var good = _folder.Write("good.csv", Rows(100).ToString());
        var bad = _folder.Write("bad.csv", Rows(100).Row(("TotalVisits", "many")).ToString());
        Assert.Throws<DataFileException>(() => Prepare(bad, new PreparationOptions { Partitions = 2 }));
        Assert.False(Directory.Exists(_folder["out"]));

        Prepare(good, new PreparationOptions { Partitions = 2 });
        var before = File.ReadAllBytes(_folder["out/processed/training_data.parquet"]);
        Assert.Throws<DataFileException>(() => Prepare(bad, new PreparationOptions { Partitions = 2 }));
        Assert.Equal(before, File.ReadAllBytes(_folder["out/processed/training_data.parquet"]));
        Assert.Equal(["processed", "streaming"], Directory.GetFileSystemEntries(_folder["out"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Too_few_rows_for_the_partitions_is_an_error()
    {
        var csv = _folder.Write("t.csv", Rows(20).ToString());
        var fault = Assert.Throws<DataFileException>(() => Prepare(csv, new PreparationOptions { Partitions = 7 }));
        Assert.Contains("leave 6 for streaming, too few for 7 files", fault.Message, StringComparison.Ordinal);
    }

    private static LeadCsvText Rows(int count)
    {
        var csv = new LeadCsvText();
        for (var i = 0; i < count; i++) csv.Row();
        return csv;
    }

    private static IEnumerable<PreparedLead> Leads(PreparedDataset dataset) => dataset.Files.SelectMany(file => file.ReadLeads());

    private PreparationSummary Prepare(string csv, PreparationOptions options)
        => DatasetPreparation.Run(csv, _folder["out"], options);
}
