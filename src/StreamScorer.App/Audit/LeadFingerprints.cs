using System.Runtime.InteropServices;

namespace StreamScorer.App.Audit;

/// <summary>
/// Compares which lead stands at which offset in two places (the Parquet files and the topic) without keeping either:
/// both add their (offset, lead) pairs, in any order, to a sum per block of 1,024 offsets, and equal blocks cancel out.
/// Needs 8 bytes per 1,024 offsets; only blocks that differ are read again.
/// </summary>
internal sealed class LeadFingerprints
{
    /// <summary>Offsets per block.</summary>
    public const int BlockOffsets = 1024;

    private readonly Dictionary<long, ulong> _blocks = [];

    // Offsets come in runs: a block's sum is put among the others when the next block begins.
    private long _openBlock;
    private ulong _openSum;

    /// <summary>Adds what a file says. Each offset at most once.</summary>
    public void AddRow(long offset, ulong leadHash) => Add(offset, LeadHash.At(offset, leadHash));

    /// <summary>Adds what the topic says, for the offsets that have a row.</summary>
    public void AddRecord(long offset, ulong leadHash) => Add(offset, unchecked(0 - LeadHash.At(offset, leadHash)));

    /// <summary>The blocks in which the two places differ, as runs of offsets in ascending order.</summary>
    public IEnumerable<OffsetRun> Differing()
    {
        Turn(_openBlock);
        return _blocks.Where(block => block.Value != 0).Select(block => block.Key).Order()
            .Select(block => new OffsetRun(block * BlockOffsets, (block + 1) * BlockOffsets));
    }

    private void Add(long offset, ulong value)
    {
        var block = offset / BlockOffsets;
        if (block != _openBlock)
            Turn(block);
        _openSum = unchecked(_openSum + value);
    }

    private void Turn(long block)
    {
        if (_openSum != 0)
        {
            ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(_blocks, _openBlock, out _);
            sum = unchecked(sum + _openSum);
        }

        (_openBlock, _openSum) = (block, 0);
    }
}
