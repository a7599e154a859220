using System.Diagnostics;
using System.Globalization;
using StreamScorer.Parquet;

namespace StreamScorer.Tests.Parquet.Fuzzing;

/// <summary>Feeds spoilt files to the reader. Each must be read or refused with a <see cref="ParquetException"/> that names it, within
/// bounded memory; and what our own files still give after damage must be what was written.</summary>
internal sealed class ParquetFuzzing : IDisposable
{
    private readonly IReadOnlyList<(string Name, byte[] Bytes)> _corpus = FuzzCorpus.Make();
    private readonly Dictionary<string, long> _digests = [];
    private readonly ReaderProbe _probe = new();
    private readonly TemporaryFolder _folder = new();

    public ParquetFuzzing()
    {
        foreach ((string name, byte[] bytes) in _corpus)
        {
            File.WriteAllBytes(InputPath, bytes);
            _digests[name] = _probe.Read(InputPath, true) ?? throw new InvalidOperationException($"The file '{name}' of the corpus is refused.");
        }
    }

    /// <summary>Where the last input lies until this is disposed of.</summary>
    public string InputPath => _folder["spoilt.parquet"];

    /// <summary>Inputs that were refused.</summary>
    public long Refused { get; private set; }

    /// <summary>Inputs that were read in spite of the damage.</summary>
    public long Read { get; private set; }

    /// <summary>The most bytes that one input made the reader allocate.</summary>
    public long MostAllocatedBytes { get; private set; }

    /// <summary>The longest that one input took.</summary>
    public TimeSpan Slowest { get; private set; }

    /// <summary>The input that is being read, for a watchman.</summary>
    public int Current { get; private set; }

    /// <summary>Runs one input.</summary>
    /// <param name="seed">Makes it again.</param>
    /// <exception cref="InvalidOperationException">What the reader did wrong, with the seed.</exception>
    public void Run(int seed)
    {
        Current = seed;
        var random = new Random(seed);
        (string name, byte[] bytes) = _corpus[random.Next(_corpus.Count)];
        File.WriteAllBytes(InputPath, ByteMutation.Spoil(bytes, random));
        bool verifies = random.Next(2) == 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        long? digest;
        try
        {
            digest = _probe.Read(InputPath, verifies);
        }
        catch (Exception e)
        {
            throw Fault(seed, name, e.ToString());
        }
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        Slowest = elapsed > Slowest ? elapsed : Slowest;
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        MostAllocatedBytes = Math.Max(MostAllocatedBytes, allocated);
        if (allocated > ReaderProbe.MostAllocatedBytes)
            throw Fault(seed, name, $"it made the reader allocate {allocated} bytes");
        if (digest is null)
            Refused++;
        else
            Read++;
        // Other writers have no checksum of the footer, so what damage makes of their files may be another sound file.
        bool isOurs = name.StartsWith("our ", StringComparison.Ordinal);
        if (isOurs && verifies && digest is long found && found != _digests[name])
            throw Fault(seed, name, "it was read, and gave other values than were written");
    }

    public void Dispose() => _folder.Dispose();

    private static InvalidOperationException Fault(int seed, string name, string what) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Input {seed} (from '{name}'): {what}"));
}
