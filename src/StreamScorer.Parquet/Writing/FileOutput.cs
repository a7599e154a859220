using Microsoft.Win32.SafeHandles;

namespace StreamScorer.Parquet.Writing;

/// <summary>A file that grows at its end. Errors of the disk surface as the <see cref="IOException"/> of the write that met
/// them.</summary>
internal sealed class FileOutput : IDisposable
{
    private readonly SafeFileHandle _handle;

    public FileOutput(string path)
    {
        Path = path;
        _handle = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.Read);
    }

    public string Path { get; }

    /// <summary>Bytes written so far: where the next ones go.</summary>
    public long Position { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(_handle, bytes, Position);
        Position += bytes.Length;
    }

    /// <summary>Flushes everything to the disk.</summary>
    public void Sync() => DurableFile.SyncFile(Path);

    public void Dispose() => _handle.Dispose();
}
