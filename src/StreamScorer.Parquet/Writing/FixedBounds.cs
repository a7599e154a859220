using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Writing;

/// <summary>The least and the greatest of a run of numbers, and whether a NaN was among them.</summary>
internal struct FixedBounds<T>
    where T : unmanaged, INumber<T>
{
    private T _min;
    private T _max;
    private bool _any;
    private bool _hasNaN;

    /// <summary>Whether there are bounds: some value, and no NaN.</summary>
    public readonly bool IsKnown => _any && !_hasNaN;

    public void Observe(ReadOnlySpan<T> values)
    {
        if (values.IsEmpty)
            return;
        T min = values[0], max = values[0];
        bool hasNaN = false;
        if (values.Length >= 2 * Vector<T>.Count)
            ObserveVectors(ref values, ref min, ref max, ref hasNaN);
        foreach (T value in values)
        {
            if (value < min)
                min = value;
            if (value > max)
                max = value;
            hasNaN |= T.IsNaN(value);
        }
        Merge(new FixedBounds<T> { _min = min, _max = max, _any = true, _hasNaN = hasNaN });
    }

    public void Merge(in FixedBounds<T> other)
    {
        if (!other._any)
            return;
        _min = !_any || other._min < _min ? other._min : _min;
        _max = !_any || other._max > _max ? other._max : _max;
        _any = true;
        _hasNaN |= other._hasNaN;
    }

    /// <summary>How these bounds stand to those of the page before.</summary>
    public readonly BoundsStep StepFrom(in FixedBounds<T> earlier) =>
        IsKnown && earlier.IsKnown ? BoundsStep.Of(_min.CompareTo(earlier._min), _max.CompareTo(earlier._max)) : BoundsStep.None;

    /// <summary>The bounds as a file holds them. Where a NaN was seen there are none: engines order NaN differently, and a bound
    /// that ignores it would make some of them skip rows that match.</summary>
    public readonly Statistics ToStatistics()
    {
        if (!IsKnown)
            return new Statistics();
        // The format demands that a zero bound covers both signed zeros.
        T min = T.IsZero(_min) ? T.Zero : _min;
        T max = T.IsZero(_max) ? T.Zero : _max;
        if (typeof(T) == typeof(double) && T.IsZero(min))
            min = T.CreateChecked(-0.0);
        if (typeof(T) == typeof(float) && T.IsZero(min))
            min = T.CreateChecked(-0.0f);
        return new Statistics
        {
            Min = MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in min)).ToArray(),
            Max = MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in max)).ToArray(),
            IsMinExact = true,
            IsMaxExact = true,
        };
    }

    /// <summary>Observes as many values as fill whole vectors and leaves the rest.</summary>
    // Optimised from the first call on: see SnappyEncoder.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ObserveVectors(ref ReadOnlySpan<T> values, ref T min, ref T max, ref bool hasNaN)
    {
        ReadOnlySpan<Vector<T>> vectors = MemoryMarshal.Cast<T, Vector<T>>(values);
        Vector<T> least = vectors[0], greatest = vectors[0], numbers = Vector.Equals(least, least);
        foreach (Vector<T> vector in vectors)
        {
            least = Vector.ConditionalSelect(Vector.LessThan(vector, least), vector, least);
            greatest = Vector.ConditionalSelect(Vector.GreaterThan(vector, greatest), vector, greatest);
            numbers &= Vector.Equals(vector, vector);
        }
        hasNaN = Vector.AsVectorByte(numbers) != Vector<byte>.AllBitsSet;
        for (int lane = 0; lane < Vector<T>.Count; lane++)
        {
            min = least[lane] < min ? least[lane] : min;
            max = greatest[lane] > max ? greatest[lane] : max;
        }
        values = values[(vectors.Length * Vector<T>.Count)..];
    }
}
