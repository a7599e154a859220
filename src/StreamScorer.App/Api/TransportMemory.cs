using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace StreamScorer.App.Api;

/// <summary>
/// The buffers that Kestrel receives into and sends from: blocks that hold a request of fifty leads whole, where its own hold
/// 4 KiB. A body is then received at once, is there when its headers are, and is decoded where it lies; with small blocks it
/// came in five pieces, each a wait of its own. Idle connections hold no block, and unused blocks go back as the shared
/// array pool sees fit.
/// </summary>
internal sealed class TransportMemory : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    /// <summary>Bytes of a block.</summary>
    public const int BlockBytes = 32 * 1024;

    /// <inheritdoc/>
    public override int MaxBufferSize => Shared.MaxBufferSize;

    /// <inheritdoc/>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    /// <inheritdoc/>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => Shared.Rent(Math.Max(minBufferSize, BlockBytes));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // Nothing is held: blocks belong to the shared pool.
    }
}
