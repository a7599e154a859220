using StreamScorer.App.Audit;
using Xunit;

namespace StreamScorer.Tests.App.Audit;

public class NewestDecisionsTests
{
    [Fact]
    public void TheHighestOffsetWinsWhateverTheOrderOfReading()
    {
        var newest = new NewestDecisions();
        newest.Add(Row(7, offset: 12, hot: false));
        newest.Add(Row(7, offset: 5, hot: true));

        var decision = newest.Find(7);

        Assert.Equal(12, decision.Offset);
        Assert.False(decision.Hot);
        Assert.True(decision.EverHot);
        Assert.False(decision.Unordered);
    }

    [Fact]
    public void ALaterIncarnationWinsOverAHigherOffset()
    {
        var newest = new NewestDecisions();
        newest.Add(Row(7, offset: 80, hot: true));
        newest.Add(Row(7, offset: 3, hot: false) with { Incarnation = 1 });

        Assert.Equal(3, newest.Find(7).Offset);
    }

    [Fact]
    public void BetweenPartitionsTheBrokersTimestampDecides()
    {
        var newest = new NewestDecisions();
        newest.Add(Row(7, offset: 2, hot: true) with { Partition = 1, TimestampMicros = 200 });
        newest.Add(Row(7, offset: 90, hot: false) with { Partition = 0, TimestampMicros = 100 });

        Assert.Equal(1, newest.Find(7).Partition);
        Assert.False(newest.Find(7).Unordered);
    }

    [Fact]
    public void WithoutTimestampsTheOrderBetweenPartitionsIsUnknown()
    {
        var newest = new NewestDecisions();
        newest.Add(Row(7, offset: 2, hot: true) with { Partition = 1 });
        newest.Add(Row(7, offset: 90, hot: false));

        Assert.True(newest.Find(7).Unordered);
    }

    [Fact]
    public void MoreLeadsThanFitAreSettledInFurtherPasses()
    {
        // 20,000 leads through a table for about a thousand: each lead must be settled in exactly one pass.
        var random = new Random(11);
        var rows = Enumerable.Range(0, 60_000)
            .Select(offset => Row(unchecked((ulong)random.Next(20_000) * 0x9E3779B97F4A7C15) | 1, offset, random.Next(10) == 0)).ToArray();
        var newest = new NewestDecisions(maxLeads: 1024);
        var settled = new Dictionary<ulong, long>();
        var passes = 0;
        do
        {
            passes++;
            foreach (var row in rows)
                newest.Add(row);
            foreach (var lead in rows.Select(row => row.Lead).Distinct().Where(newest.Covers))
                settled.Add(lead, newest.Find(lead).Offset);
            Assert.InRange(newest.Count, 0, 2048);
        }
        while (newest.NextPass());

        Assert.Equal(rows.GroupBy(row => row.Lead).ToDictionary(lead => lead.Key, lead => lead.Max(row => row.Offset)), settled);
        Assert.InRange(passes, 10, 100);
    }

    [Fact]
    public void HotLeadsWithoutATableRowAreNamed()
    {
        var newest = new NewestDecisions();
        newest.Add(Row(1, offset: 1, hot: true));
        newest.Add(Row(1, offset: 2, hot: false));
        newest.Add(Row(2, offset: 3, hot: false));
        newest.Add(Row(3, offset: 4, hot: true));
        newest.Find(3).InTable = true;

        Assert.Equal([1UL], newest.HotWithoutTableRow().Select(decision => decision.Lead));
    }

    private static Decision Row(ulong lead, long offset, bool hot) =>
        new() { Lead = lead, Offset = offset, Hot = hot, TimestampMicros = long.MinValue, Probability = hot ? 0.9 : 0.1 };
}
