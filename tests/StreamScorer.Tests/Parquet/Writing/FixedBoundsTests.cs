using System.Numerics;
using System.Runtime.InteropServices;
using StreamScorer.Parquet.Writing;
using Xunit;

namespace StreamScorer.Tests.Parquet.Writing;

public sealed class FixedBoundsTests
{
    // From less than a vector to several with a rest, whatever the processor's width.
    private static readonly int[] Counts = [1, 2, 7, 8, 9, 16, 31, 32, 33, 64, 65, 127, 128, 131, 200];

    [Fact]
    public void BoundsAreThoseOfOrderWhereverTheyStand()
    {
        Check<byte>(1, 0, 2);
        Check(5, int.MinValue, int.MaxValue);
        Check(-5L, -6L, 1L << 40);
        Check(0.5f, float.NegativeInfinity, 0.75f);
        Check(-0.5, -1e300, double.PositiveInfinity);
    }

    [Fact]
    public void ANaNAnywhereLeavesNoBounds()
    {
        foreach (int count in Counts)
        {
            for (int at = 0; at < count; at++)
            {
                double[] values = new double[count];
                values[at] = double.NaN;
                var bounds = new FixedBounds<double>();
                bounds.Observe(values);
                Assert.False(bounds.IsKnown);
                Assert.Null(bounds.ToStatistics().Min);
            }
        }
    }

    private static void Check<T>(T middle, T least, T greatest)
        where T : unmanaged, INumber<T>
    {
        foreach (int count in Counts)
        {
            for (int at = 0; at < count; at++)
            {
                T[] values = new T[count];
                Array.Fill(values, middle);
                values[at] = least;
                values[(at + (count / 2)) % count] = greatest;
                var bounds = new FixedBounds<T>();
                bounds.Observe(values);
                Assert.True(bounds.IsKnown);
                var statistics = bounds.ToStatistics();
                Assert.Equal(values.Min(), MemoryMarshal.Read<T>(statistics.Min));
                Assert.Equal(values.Max(), MemoryMarshal.Read<T>(statistics.Max));
            }
        }
    }
}
