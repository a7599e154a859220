using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace StreamScorer.Parquet.Reading;

/// <summary>A Parquet file's bytes.</summary>
internal sealed class FileInput : IDisposable
{
    private const int TailBytes = 8;

    private readonly SafeFileHandle _handle;

    public FileInput(string path)
    {
        _handle = File.OpenHandle(path);
        Length = RandomAccess.GetLength(_handle);
    }

    public long Length { get; }

    /// <summary>Where the footer starts: no page lies behind it.</summary>
    public long FooterStart { get; private set; }

    /// <summary>Reads the footer.</summary>
    /// <exception cref="ParquetException">The file does not begin and end as a Parquet file does.</exception>
    public byte[] ReadFooter(int maxBytes)
    {
        if (Length < 4 + TailBytes)
            throw new ParquetException($"This is no Parquet file: it has {Length} bytes.");
        Span<byte> ends = stackalloc byte[TailBytes];
        Read(0, ends[..4]);
        if (!ends[..4].SequenceEqual("PAR1"u8))
            throw new ParquetException("This is no Parquet file: it does not begin with PAR1.");
        Read(Length - TailBytes, ends);
        if (ends[4..].SequenceEqual("PARE"u8))
            throw new ParquetException("The footer is encrypted, which is not supported.");
        if (!ends[4..].SequenceEqual("PAR1"u8))
            throw new ParquetException("The file does not end with PAR1: it is cut off or still being written.");
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(ends);
        if (length > Length - 4 - TailBytes)
            throw new ParquetException($"The footer's length {length} passes the file's {Length} bytes.");
        if (length > maxBytes)
            throw new ParquetException($"The footer takes {length} bytes, more than the {maxBytes} allowed.");
        FooterStart = Length - TailBytes - length;
        var footer = new byte[length];
        Read(FooterStart, footer);
        return footer;
    }

    /// <summary>Fills <paramref name="target"/> from this place on.</summary>
    /// <exception cref="ParquetException">The file ends before.</exception>
    public void Read(long offset, Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            int read = RandomAccess.Read(_handle, target, offset);
            if (read == 0)
                throw new ParquetException($"The file ends at byte {offset}, within what was to be read.");
            offset += read;
            target = target[read..];
        }
    }

    public void Dispose() => _handle.Dispose();
}
