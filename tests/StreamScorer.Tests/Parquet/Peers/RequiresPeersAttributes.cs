using Xunit;

namespace StreamScorer.Tests.Parquet.Peers;

/// <summary>A test that asks other implementations of Parquet.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RequiresPeersFactAttribute : FactAttribute
{
    public RequiresPeersFactAttribute() => Skip = ParquetPeers.Missing;
}

/// <summary>A test with cases that asks other implementations of Parquet.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RequiresPeersTheoryAttribute : TheoryAttribute
{
    public RequiresPeersTheoryAttribute() => Skip = ParquetPeers.Missing;
}
