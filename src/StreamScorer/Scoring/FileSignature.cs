namespace StreamScorer.Scoring;

/// <summary>
/// What tells one state of a file from another without reading all of it: length, time of the last write, and a hash of
/// its first and last 4 KiB, because a copy may keep the time and a retrained model often keeps the length.
/// </summary>
internal readonly record struct FileSignature(long LengthBytes, DateTime WrittenUtc, int EndsHash)
{
    private const int EndBytes = 4096;

    /// <summary>The signature of a file, links followed; null where it cannot be opened.</summary>
    public static FileSignature? Of(string path)
    {
        try
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var length = RandomAccess.GetLength(handle);
            var hash = new HashCode();
            Span<byte> bytes = stackalloc byte[EndBytes];
            hash.AddBytes(bytes[..RandomAccess.Read(handle, bytes, 0)]);
            hash.AddBytes(bytes[..RandomAccess.Read(handle, bytes, Math.Max(0, length - EndBytes))]);
            return new FileSignature(length, File.GetLastWriteTimeUtc(handle), hash.ToHashCode());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
