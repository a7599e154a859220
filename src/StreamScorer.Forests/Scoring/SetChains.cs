using System.Numerics;

namespace StreamScorer.Forests;

/// <summary>
/// Arranges the category sets of a feature's splits into few chains in which each set contains the one before. Our own
/// trainers order a feature's categories once, so their sets form one chain; sets from elsewhere may need many.
/// </summary>
internal sealed class SetChains
{
    // Codes 0 to 255 tell 255 sets apart.
    private const int MostSets = 255;

    private readonly List<List<ulong[]>> _chains = [];
    private readonly Dictionary<string, (int Chain, int Position)> _places = new(StringComparer.Ordinal);

    public int Count => _chains.Count;

    /// <param name="sets">Distinct or not; bit c = category c goes left, the last bit stands for "missing".</param>
    /// <param name="most">Chains that are of use; gives up beyond.</param>
    /// <returns>False when more chains would be needed.</returns>
    public bool Arrange(IEnumerable<ulong[]> sets, int most)
    {
        var ordered = sets.DistinctBy(Key)
            .OrderBy(set => set.Sum(word => BitOperations.PopCount(word)))
            .ThenBy(Key, StringComparer.Ordinal);
        foreach (var set in ordered)
        {
            var chain = _chains.FindIndex(candidate => candidate.Count < MostSets && IsSubset(candidate[^1], set));
            if (chain < 0)
            {
                if (_chains.Count >= most)
                    return false;
                chain = _chains.Count;
                _chains.Add([]);
            }

            _places.Add(Key(set), (chain, _chains[chain].Count));
            _chains[chain].Add(set);
        }

        return true;
    }

    public (int Chain, int Position) Find(ulong[] set) => _places[Key(set)];

    /// <summary>By bit: how many sets of the chain lack it.</summary>
    public byte[] Codes(int chain, int bits)
    {
        var codes = new byte[bits];
        for (var bit = 0; bit < bits; bit++)
            codes[bit] = (byte)_chains[chain].Count(set => (set[bit >> 6] >> (bit & 63) & 1) == 0);
        return codes;
    }

    private static bool IsSubset(ulong[] inner, ulong[] outer)
    {
        for (var word = 0; word < inner.Length; word++)
        {
            if ((inner[word] & ~outer[word]) != 0)
                return false;
        }

        return true;
    }

    private static string Key(ulong[] set) => string.Create(set.Length * 4, set, (text, words) =>
    {
        for (var i = 0; i < text.Length; i++)
            text[i] = (char)(words[i >> 2] >> (16 * (i & 3)));
    });
}
