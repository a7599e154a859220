using System.Security.Cryptography;
using StreamScorer.Forests;
using StreamScorer.Training.Generation;
using StreamScorer.Training.LeadScoring;
using StreamScorer.Training.Learning;
using StreamScorer.Training.Preparation;
using Xunit;

namespace StreamScorer.Tests.Training.Generation;

public sealed class SyntheticDatasetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_bytes_of_a_seed_never_change()
    {
        SyntheticDataset.WriteCsv(_folder["t.csv"], new GenerationOptions { Leads = 2000, EventsPerLead = 2, DevelopingLeads = 100 });
        var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_folder["t.csv"])));
        Assert.Equal("2bed58317894eb67ee2f1f3a62fb057f5aca58c0404f26698311d650cf53ab93", hash);
    }

    [Fact]
    public void The_raw_table_passes_its_own_schema()
    {
        Assert.Equal(500, SyntheticDataset.WriteCsv(_folder["t.csv"], new GenerationOptions { Leads = 500, Seed = 9 }));
        var rows = LeadScoringCsv.Read(_folder["t.csv"]);
        Assert.Equal((500, 0), (rows.Count, rows.UnlabelledRows));
        Assert.True(rows.LeadNumbers.SequenceEqual(rows.LeadNumbers.OrderDescending()), "newest lead first");
    }

    [Fact]
    public void A_forest_behaves_plausibly_on_it()
    {
        SyntheticDataset.WriteCsv(_folder["t.csv"], new GenerationOptions());
        var report = ModelTraining.Run(new TrainingRequest { Data = _folder["t.csv"], Output = _folder["model"] });
        Assert.InRange(report.Validation.AucRoc, 0.90, 0.98);
        Assert.InRange(report.Validation.HotCoverage, 1.0 / 5, 1.0 / 3);
    }

    [Fact]
    public void Developing_leads_turn_hot_and_cool_again()
    {
        SyntheticDataset.WriteCsv(_folder["train.csv"], new GenerationOptions { Leads = 3000, Seed = 1 });
        ModelTraining.Run(new TrainingRequest { Data = _folder["train.csv"], Output = _folder["model"] });
        SyntheticDataset.WriteCsv(_folder["t.csv"], new GenerationOptions { Leads = 300, Seed = 2, EventsPerLead = 5 });
        BatchScoring.Run(_folder["model"], _folder["t.csv"], _folder["scores.csv"]);
        var journeys = File.ReadLines(_folder["scores.csv"]).Skip(1).Select(line => line.Split(','))
            .GroupBy(cells => cells[0], cells => cells[^1] == "true").Select(hot => hot.ToArray()).ToArray();

        Assert.Equal(300, journeys.Length);
        Assert.All(journeys, hot => Assert.Equal(5, hot.Length));
        var turnsHot = journeys.Count(hot => hot.Zip(hot.Skip(1)).Any(step => !step.First && step.Second));
        var cools = journeys.Count(hot => hot.Zip(hot.Skip(1)).Any(step => step.First && !step.Second));
        var both = journeys.Count(hot => string.Concat(hot.Select(h => h ? 'h' : 'c')).Contains("chc", StringComparison.Ordinal));
        Assert.InRange(turnsHot, 60, 270);
        Assert.InRange(cools, 60, 270);
        Assert.True(both >= 30, $"{both} leads turn hot and cool again");
    }

    [Fact]
    public void Visits_and_time_only_grow()
    {
        var generator = new LeadGenerator(4);
        for (var index = 0; index < 200; index++)
        {
            var before = generator.Create(index);
            var journey = new LeadJourney(before, 4);
            for (var step = 0; step < 5; step++)
            {
                var after = journey.Next();
                Assert.Equal((before.Id, before.Number, before.Converted), (after.Id, after.Number, after.Converted));
                Assert.True(after.Visits > (before.Visits ?? 0) && after.TimeOnSite > before.TimeOnSite);
                before = after;
            }
        }
    }

    [Fact]
    public void A_folder_is_prepared_and_has_follow_ups_of_streamed_leads()
    {
        var made = SyntheticDataset.WriteFolder(_folder["data"], new GenerationOptions
        {
            Leads = 500,
            EventsPerLead = 4,
            DevelopingLeads = 20,
            Partitions = 5,
        });
        Assert.Equal((350, 150, 60), (made.Prepared.TrainingRows, made.Prepared.StreamingRows, made.FollowUpRows));
        var streamed = Ids(PreparedDataset.Open(_folder["data/streaming/user_events"]));
        var followUps = PreparedDataset.Open(_folder["data/streaming/follow_ups"]);
        Assert.Equal(60, followUps.RowCount);
        Assert.Equal(20, Ids(followUps).Count);
        Assert.Subset(streamed, Ids(followUps));
        Assert.True(File.Exists(_folder["data/raw/synthetic-leads.csv"]));
        Assert.Empty(Directory.GetDirectories(_folder["data"], ".staging-*"));
    }

    private static HashSet<string> Ids(PreparedDataset dataset)
        => [.. dataset.Files.SelectMany(file => file.ReadLeads()).Select(lead => lead.LeadId)];
}
