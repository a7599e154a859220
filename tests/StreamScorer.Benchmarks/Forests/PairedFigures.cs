using System.Globalization;

namespace StreamScorer.Benchmarks.Forests;

/// <summary>One figure of ours and of the peer, split by split.</summary>
internal sealed class PairedFigures
{
    private readonly List<(double Own, double Peer)> _pairs = [];

    public double Own => _pairs.Average(pair => pair.Own);

    public double Peer => _pairs.Average(pair => pair.Peer);

    /// <summary>Ours less the peer's.</summary>
    public double Mean => Own - Peer;

    /// <summary>The mean difference ± its standard error; of one split there is none.</summary>
    public string Difference => string.Create(CultureInfo.InvariantCulture, $"{Mean:+0.0000;-0.0000}{Error()}");

    public void Add(double own, double peer) => _pairs.Add((own, peer));

    private string Error()
    {
        if (_pairs.Count < 2)
            return "";
        var squares = _pairs.Sum(pair => Math.Pow(pair.Own - pair.Peer - Mean, 2));
        return string.Create(CultureInfo.InvariantCulture, $" ± {Math.Sqrt(squares / (_pairs.Count - 1) / _pairs.Count):F4}");
    }
}
