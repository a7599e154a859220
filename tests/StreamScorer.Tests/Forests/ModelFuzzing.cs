using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using StreamScorer.Forests;

namespace StreamScorer.Tests.Forests;

/// <summary>A model file to damage, and what reads it.</summary>
/// <param name="Name">Of the format.</param>
/// <param name="Bytes">A good file.</param>
/// <param name="Load">Reads a file, or says with a <see cref="ForestException"/> what is wrong with it.</param>
internal sealed record FuzzedFormat(string Name, byte[] Bytes, Func<byte[], ForestModel> Load)
{
    /// <summary>Every format that models are loaded from.</summary>
    public static IReadOnlyList<FuzzedFormat> All()
    {
        var own = new SyntheticLeads(9, 400).TrainForest(trees: 3, depth: 4).ToBytes();
        return
        [
            new("own", own, bytes => ForestModel.Load(WithHash(bytes), "fuzzed")),
            Foreign("XGBoost JSON", "xgboost-category.json"),
            Foreign("XGBoost UBJSON", "xgboost.ubj"),
            Foreign("LightGBM text", "lightgbm.txt"),
            Foreign("ONNX", "sklearn-boosting.onnx"),
        ];
    }

    private static FuzzedFormat Foreign(string name, string file)
    {
        var path = Path.Combine(RepositoryFolder.Path, "tests", "StreamScorer.Tests", "Forests", "Golden", file);
        return new FuzzedFormat(name, File.ReadAllBytes(path), bytes => ModelImport.Import(bytes, "fuzzed", "fuzzed"));
    }

    // The hash is made right again, or nothing behind it would ever be read.
    private static byte[] WithHash(byte[] bytes)
    {
        if (bytes.Length > SHA256.HashSizeInBytes)
            SHA256.HashData(bytes.AsSpan(..^SHA256.HashSizeInBytes)).CopyTo(bytes.AsSpan(^SHA256.HashSizeInBytes..));
        return bytes;
    }
}

/// <summary>Damages model files by chance and loads them: each gives a model or one clear error, in bounded memory.</summary>
internal sealed class ModelFuzzing(FuzzedFormat format, int seed)
{
    // A loader may need many times the file, but never what a hostile number in it asks for.
    private const long MostBytes = 32L << 20;

    // Of the models that load, every so-many-th is scored too.
    private const int ScoredShare = 20;

    private static readonly string[] Numbers =
        ["-1", "0", "4294967296", "2147483647", "99999999999999999999", "1e999", "-1e-999", "NaN", "null", "[]", "{}", "\"", ""];

    private readonly Random _random = new(seed);

    public int Loaded { get; private set; }

    public int Refused { get; private set; }

    /// <summary>Most memory that one input took, bytes.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>Longest time that one input took.</summary>
    public TimeSpan Longest { get; private set; }

    /// <summary>Damages and loads once.</summary>
    /// <exception cref="InvalidOperationException">Anything but a model or a <see cref="ForestException"/> came of it.</exception>
    public void Step(int round)
    {
        var bytes = Damage();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        try
        {
            var model = format.Load(bytes);
            if (Loaded++ % ScoredShare == 0)
                model.CreateScorer().Score(new double[model.Schema.Count], new double[1], new double[1]);
        }
        catch (ForestException e) when (e.Message.Length is > 10 and < 2000)
        {
            Refused++;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{format.Name}, seed {seed}, input {round}: {e.GetType().Name}: {e.Message}", e);
        }

        Longest = TimeSpan.FromTicks(Math.Max(Longest.Ticks, Stopwatch.GetElapsedTime(start).Ticks));
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        PeakBytes = Math.Max(PeakBytes, allocated);
        if (allocated > MostBytes)
            throw new InvalidOperationException($"{format.Name}, seed {seed}, input {round}: took {allocated >> 20} MB");
    }

    private byte[] Damage()
    {
        var bytes = new List<byte>(format.Bytes);
        for (var changes = _random.Next(1, 5); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = _random.Next(bytes.Count);
            switch (_random.Next(8))
            {
                case 0: bytes[at] = (byte)_random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << _random.Next(8)); break;
                case 2: bytes.Insert(at, (byte)_random.Next(256)); break;
                case 3: bytes.RemoveRange(at, Math.Min(_random.Next(1, 40), bytes.Count - at)); break;
                case 4: CopyPart(bytes, at); break;
                case 5: bytes.RemoveRange(at, _random.Next(4) == 0 ? bytes.Count - at : 0); break;
                case 6: Overwrite(bytes, at, _random.Next(2) == 0 ? (byte)0xFF : (byte)0); break;
                default: ReplaceNumber(bytes, at); break;
            }
        }

        return [.. bytes];
    }

    private void CopyPart(List<byte> bytes, int at)
    {
        var part = bytes.GetRange(at, Math.Min(_random.Next(1, 200), bytes.Count - at));
        bytes.InsertRange(_random.Next(bytes.Count), part);
    }

    // Lengths and counts become huge or zero.
    private void Overwrite(List<byte> bytes, int at, byte value)
    {
        for (var end = Math.Min(bytes.Count, at + _random.Next(1, 9)); at < end; at++)
            bytes[at] = value;
    }

    // The next run of digits, where there is one, becomes a number (or no number) that nobody writes.
    private void ReplaceNumber(List<byte> bytes, int at)
    {
        var first = bytes.FindIndex(at, value => value is >= (byte)'0' and <= (byte)'9');
        if (first < 0)
            return;
        var count = bytes.Skip(first).TakeWhile(value => value is >= (byte)'0' and <= (byte)'9').Count();
        bytes.RemoveRange(first, count);
        var number = _random.Next(3) == 0
            ? _random.Next(-5, 1000).ToString(CultureInfo.InvariantCulture)
            : Numbers[_random.Next(Numbers.Length)];
        bytes.InsertRange(first, Encoding.ASCII.GetBytes(number));
    }
}
