using StreamScorer.App.Audit;
using Xunit;

namespace StreamScorer.Tests.App.Audit;

public class OffsetSetTests
{
    [Fact]
    public void AnOffsetIsAddedOnce()
    {
        var set = new OffsetSet();

        Assert.True(set.Add(70_000));
        Assert.False(set.Add(70_000));
        Assert.True(set.Contains(70_000));
        Assert.False(set.Contains(69_999));
        Assert.Equal(1, set.Count);
    }

    [Fact]
    public void AFullChunkStillKnowsItsOffsets()
    {
        var set = new OffsetSet();
        for (var offset = 0; offset < 2 * 65_536; offset++)
            Assert.True(set.Add(offset));

        Assert.False(set.Add(65_535));
        Assert.True(set.Contains(65_535));
        Assert.False(set.Contains(2 * 65_536));
        Assert.Empty(set.Absent(0, 2 * 65_536));
        Assert.Equal([new OffsetRun(2 * 65_536, 2 * 65_536 + 5)], set.Absent(10, 2 * 65_536 + 5));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AbsentRunsAreTheOffsetsNotAdded(int seed)
    {
        // Dense, sparse and untouched stretches over several chunks, compared with a plain set.
        var random = new Random(seed);
        var set = new OffsetSet();
        var plain = new HashSet<long>();
        for (var i = 0; i < 120_000; i++)
        {
            long offset = random.Next(3) == 0 ? random.Next(400_000) : 65_536 + random.Next(70_000);
            Assert.Equal(plain.Add(offset), set.Add(offset));
        }

        var (start, end) = (random.Next(1000), 400_000 - random.Next(1000));
        var absent = set.Absent(start, end).ToArray();

        Assert.All(absent, run => Assert.True(run.Length > 0, $"seed {seed}"));
        Assert.All(absent.Zip(absent.Skip(1)), pair => Assert.True(pair.First.End < pair.Second.Start, $"seed {seed}: runs touch"));
        var expected = Enumerable.Range(start, end - start).Select(offset => (long)offset).Where(offset => !plain.Contains(offset));
        var actual = absent.SelectMany(run => Enumerable.Range((int)run.Start, (int)run.Length).Select(offset => (long)offset));
        Assert.Equal(expected, actual);
        Assert.Equal(plain.Count, set.Count);
    }
}
