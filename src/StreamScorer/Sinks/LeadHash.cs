namespace StreamScorer.Sinks;

/// <summary>
/// The hash of lead ids for tables in memory. Seeded per process: producers choose lead ids and must not be able to make
/// them collide.
/// </summary>
internal static class LeadHash
{
    /// <summary>32 well-mixed bits of the id's UTF-8.</summary>
    public static int Of(ReadOnlySpan<byte> leadId)
    {
        var hash = new HashCode();
        hash.AddBytes(leadId);
        return hash.ToHashCode();
    }
}
