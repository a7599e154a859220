using System.Numerics;
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
}
