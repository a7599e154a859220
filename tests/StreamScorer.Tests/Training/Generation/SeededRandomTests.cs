using StreamScorer.Training.Generation;
using Xunit;

namespace StreamScorer.Tests.Training.Generation;

public class SeededRandomTests
{
    [Fact]
    public void The_sequence_of_a_seed_never_changes()
    {
        // Shipped data and recorded splits follow from these numbers.
        var random = new SeededRandom(42, 7);
        ulong[] expected = [11446834145910722687, 8361077415106549693, 17084005085577845799];
        Assert.Equal(expected, Enumerable.Range(0, 3).Select(_ => random.NextUInt64()));
    }

    [Fact]
    public void Streams_and_seeds_differ()
    {
        var first = new[] { (1L, 0L), (1L, 1L), (2L, 0L), (-1L, 0L), (0L, 1L) }
            .Select(pair => new SeededRandom(pair.Item1, pair.Item2).NextUInt64()).ToArray();
        Assert.Equal(first.Length, first.Distinct().Count());
    }

    [Fact]
    public void Draws_are_uniform()
    {
        var random = new SeededRandom(3);
        var counts = new int[7];
        for (var i = 0; i < 70_000; i++) counts[random.Next(7)]++;
        Assert.All(counts, count => Assert.InRange(count, 9_600, 10_400));
        var doubles = Enumerable.Range(0, 10_000).Select(_ => random.NextDouble()).ToArray();
        Assert.All(doubles, value => Assert.True(value is >= 0 and < 1));
        Assert.InRange(doubles.Average(), 0.48, 0.52);
    }

    [Fact]
    public void A_shuffle_keeps_every_item()
    {
        var items = Enumerable.Range(0, 1000).ToArray();
        new SeededRandom(1).Shuffle<int>(items);
        Assert.NotEqual(Enumerable.Range(0, 1000), items);
        Assert.Equal(Enumerable.Range(0, 1000), items.Order());
    }

    [Fact]
    public void Guids_are_random_ones()
    {
        var id = new SeededRandom(5).NextGuid();
        Assert.Equal((4, 0x8), (id.Version, id.Variant & 0xC));
    }
}
