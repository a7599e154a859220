using System.Numerics;
using System.Runtime.CompilerServices;
using StreamScorer.Forests;

namespace StreamScorer.Features;

/// <summary>Which of the known fields the event has named so far, one bit per slot, and which it must name.</summary>
internal sealed class FieldPresence
{
    private readonly ulong[] _required;
    private readonly ulong[] _seen;

    /// <summary>For a schema's features and so many slots in all.</summary>
    public FieldPresence(FeatureSchema schema, int slots)
    {
        _seen = new ulong[(slots / 64) + 1];
        _required = new ulong[_seen.Length];
        foreach (var feature in schema.Features.Where(feature => feature.Required))
            _required[feature.Index / 64] |= 1UL << (feature.Index % 64);
    }

    /// <summary>Forgets the last event.</summary>
    public void Clear() => _seen.AsSpan().Clear();

    /// <summary>Whether the event has named the field.</summary>
    public bool Has(int slot) => (_seen[slot / 64] & (1UL << (slot % 64))) != 0;

    /// <summary>Notes a field; false where it was named before.</summary>
    public bool TryMark(int slot)
    {
        var first = !Has(slot);
        Mark(slot);
        return first;
    }

    /// <summary>Notes a field.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // for every field of every event
    public void Mark(int slot) => _seen[slot / 64] |= 1UL << (slot % 64);

    /// <summary>The first required feature that the event has not named; -1 where it has named them all.</summary>
    public int FirstMissing()
    {
        for (var i = 0; i < _required.Length; i++)
        {
            var missing = _required[i] & ~_seen[i];
            if (missing != 0)
                return (i * 64) + BitOperations.TrailingZeroCount(missing);
        }

        return -1;
    }
}
