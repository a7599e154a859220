using System.Runtime.InteropServices;

namespace StreamScorer.Parquet.Compression;

/// <summary>The system's libzstd, loaded on first use.</summary>
internal sealed unsafe class ZstdLibrary
{
    private static readonly string[] Names = ["libzstd.so.1", "libzstd.so", "libzstd.1.dylib", "libzstd.dylib", "libzstd.dll"];
    private static readonly Lazy<ZstdLibrary> Loaded = new(() => From(Names), LazyThreadSafetyMode.PublicationOnly);

    private readonly delegate* unmanaged<nuint, nuint> _compressBound;
    private readonly delegate* unmanaged<nint> _createCompressor;
    private readonly delegate* unmanaged<nint, byte*, nuint, byte*, nuint, int, nuint> _compress;
    private readonly delegate* unmanaged<nint, nuint> _freeCompressor;
    private readonly delegate* unmanaged<byte*, nuint, byte*, nuint, nuint> _decompress;
    private readonly delegate* unmanaged<nuint, uint> _isError;
    private readonly delegate* unmanaged<nuint, byte*> _errorName;

    private ZstdLibrary(nint library)
    {
        _compressBound = (delegate* unmanaged<nuint, nuint>)NativeLibrary.GetExport(library, "ZSTD_compressBound");
        _createCompressor = (delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "ZSTD_createCCtx");
        _compress = (delegate* unmanaged<nint, byte*, nuint, byte*, nuint, int, nuint>)
            NativeLibrary.GetExport(library, "ZSTD_compressCCtx");
        _freeCompressor = (delegate* unmanaged<nint, nuint>)NativeLibrary.GetExport(library, "ZSTD_freeCCtx");
        _decompress = (delegate* unmanaged<byte*, nuint, byte*, nuint, nuint>)
            NativeLibrary.GetExport(library, "ZSTD_decompress");
        _isError = (delegate* unmanaged<nuint, uint>)NativeLibrary.GetExport(library, "ZSTD_isError");
        _errorName = (delegate* unmanaged<nuint, byte*>)NativeLibrary.GetExport(library, "ZSTD_getErrorName");
    }

    /// <summary>The library.</summary>
    /// <exception cref="ParquetException">It is not on this machine; the message says how to get it.</exception>
    public static ZstdLibrary Instance => Loaded.Value;

    /// <summary>The first of these libraries that this machine has.</summary>
    /// <exception cref="ParquetException">It has none.</exception>
    internal static ZstdLibrary From(IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint library))
                return new ZstdLibrary(library);
        }
        throw new ParquetException("Zstandard needs the system library libzstd.so.1, which is not here. Install it (Debian and Ubuntu: "
            + "apt-get install libzstd1) or use another codec.");
    }

    /// <summary>Makes a compressor's state; <see cref="FreeCompressor"/> ends it.</summary>
    public nint CreateCompressor()
    {
        nint state = _createCompressor();
        return state != 0 ? state : throw new InsufficientMemoryException("libzstd could not allocate a compressor.");
    }

    public void FreeCompressor(nint state) => _ = _freeCompressor(state);

    /// <summary>The most bytes that compressing <paramref name="length"/> bytes can take.</summary>
    public int MaxCompressedLength(int length) => checked((int)_compressBound((nuint)length));

    /// <summary>Compresses all of <paramref name="source"/> as one frame.</summary>
    /// <returns>The bytes written.</returns>
    public int Compress(nint state, ReadOnlySpan<byte> source, Span<byte> target, int level)
    {
        fixed (byte* from = source)
        fixed (byte* to = target)
            return (int)Check(_compress(state, to, (nuint)target.Length, from, (nuint)source.Length, level));
    }

    /// <summary>Decompresses all of <paramref name="source"/> into exactly the bytes of <paramref name="target"/>.</summary>
    /// <exception cref="ParquetException">The bytes are no Zstandard, or hold more or fewer than the target takes.</exception>
    public void Decompress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        fixed (byte* from = source)
        fixed (byte* to = target)
        {
            nuint written = Check(_decompress(to, (nuint)target.Length, from, (nuint)source.Length));
            if (written != (nuint)target.Length)
                throw new ParquetException($"Zstandard data holds {written} bytes, the page header says {target.Length}.");
        }
    }

    private nuint Check(nuint result)
    {
        if (_isError(result) == 0)
            return result;
        throw new ParquetException($"Zstandard: {Marshal.PtrToStringUTF8((nint)_errorName(result))}.");
    }
}
