namespace StreamScorer.Training.Generation;

/// <summary>A value out of several, each with its weight.</summary>
/// <remarks>
/// Only sums and comparisons of doubles, no logarithm or exponential: those may differ in the last bit from one machine
/// to another, and generated files must not.
/// </remarks>
internal sealed class WeightedChoice<T>
{
    private readonly T[] _values;
    private readonly double[] _upTo;

    /// <param name="items">Values with weights ≥ 0, not all zero.</param>
    public WeightedChoice(IEnumerable<(T Value, double Weight)> items)
    {
        var kept = items.Where(item => item.Weight > 0).ToArray();
        if (kept.Length == 0) throw new ArgumentException("No value has a weight above zero.", nameof(items));
        _values = Array.ConvertAll(kept, item => item.Value);
        _upTo = new double[kept.Length];
        var sum = 0.0;
        for (var i = 0; i < kept.Length; i++) _upTo[i] = sum += kept[i].Weight;
    }

    /// <summary>The value at a position of the cumulated weights.</summary>
    /// <param name="position">0 ≤ position &lt; 1.</param>
    public T At(double position)
    {
        var target = position * _upTo[^1];
        var index = Array.FindIndex(_upTo, bound => target < bound);
        return _values[index < 0 ? _values.Length - 1 : index];
    }

    public T Draw(SeededRandom random) => At(random.NextDouble());
}
