namespace StreamScorer.Forests;

/// <summary>
/// A trained model: schema with all feature engineering, trees, calibration, buckets and training baseline. Immutable and
/// safe to share between threads; each thread scores through a <see cref="ForestScorer"/> of its own.
/// </summary>
public sealed class ForestModel
{
    private readonly Lazy<byte[]> _file;
    private readonly Lazy<string> _id;
    private readonly Lazy<IReadOnlyList<CompiledForest?>> _compiled;
    private readonly Lazy<IReadOnlyList<MemberReasons>> _reasons;
    private readonly double[] _bucketEdges;

    internal ForestModel(
        string name, FeatureSchema schema, IReadOnlyList<ForestMember> members, Calibration calibration,
        IReadOnlyList<double> bucketEdges, TrainingBaseline baseline)
    {
        Name = name;
        Schema = schema;
        Members = members;
        Calibration = calibration;
        _bucketEdges = [.. bucketEdges];
        Baseline = baseline;
        CheckBucketEdges(bucketEdges);
        _compiled = new Lazy<IReadOnlyList<CompiledForest?>>(
            () => [.. members.Select(member => CompiledForest.Compile(schema, member))]);
        _reasons = new Lazy<IReadOnlyList<MemberReasons>>(
            () => [.. members.Select((member, i) => new MemberReasons(schema, member, Compiled[i]))]);
        _file = new Lazy<byte[]>(() => ModelFileWriter.Write(this));
        _id = new Lazy<string>(() => ModelFile.IdOf(_file.Value));
    }

    /// <summary>0.2, 0.4, 0.6, 0.8: the tiers E, D, C, B, A.</summary>
    public static IReadOnlyList<double> DefaultBucketEdges { get; } = [0.2, 0.4, 0.6, 0.8];

    /// <summary>SHA-256 of the model file, 64 lower-case hexadecimal digits. The same data and seed give the same id.</summary>
    public string Id => _id.Value;

    public string Name { get; }

    /// <summary><c>random-forest</c>, <c>gradient-boosting</c>, <c>ensemble</c> or the name of an importer's source.</summary>
    public string Algorithm => Members.Count == 1 ? Members[0].Algorithm : "ensemble";

    public FeatureSchema Schema { get; }

    /// <summary>
    /// Four inner edges of the probability buckets 1…5, ascending; a probability on an edge is in the upper bucket.
    /// </summary>
    public IReadOnlyList<double> BucketEdges => _bucketEdges;

    public Calibration Calibration { get; }

    public TrainingBaseline Baseline { get; }

    /// <summary>Number of trees of all members.</summary>
    public int TreeCount => Members.Sum(member => member.Trees.Count);

    /// <summary>1, or the number of models an ensemble averages.</summary>
    public int MemberCount => Members.Count;

    internal IReadOnlyList<ForestMember> Members { get; }

    /// <summary>The scoring form of each member, made on first use; null for one that must be walked as it is.</summary>
    internal IReadOnlyList<CompiledForest?> Compiled => _compiled.Value;

    /// <summary>What explains each member, shared by all scorers.</summary>
    internal IReadOnlyList<MemberReasons> Reasons => _reasons.Value;

    /// <summary>Reads and checks a model file.</summary>
    /// <exception cref="ForestException">Not a model file, damaged, or of a newer format; names file and offset.</exception>
    public static ForestModel Load(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (IOException e)
        {
            throw new ForestException($"Model file {path}: {e.Message}", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ForestException($"Model file {path}: {e.Message}", e);
        }

        return Load(bytes, path);
    }

    /// <param name="file">The whole model file.</param>
    /// <param name="source">What to call it in error messages.</param>
    public static ForestModel Load(ReadOnlySpan<byte> file, string source) => ModelFileReader.Read(file, source);

    /// <summary>The model file; the same bytes on every call.</summary>
    public byte[] ToBytes() => (byte[])_file.Value.Clone();

    /// <summary>Writes the model file so that readers see the old one or the new one, never a part.</summary>
    public void Save(string path)
    {
        var staged = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(staged, FileMode.CreateNew, FileAccess.Write))
            {
                stream.Write(_file.Value);
                stream.Flush(flushToDisk: true);
            }

            File.Move(staged, path, overwrite: true);
        }
        finally
        {
            File.Delete(staged);
        }
    }

    /// <summary>Bucket 1 (lowest) to 5 (highest) of a probability.</summary>
    public int BucketOf(double probability)
    {
        var bucket = 1;
        foreach (var edge in _bucketEdges)
            bucket += probability >= edge ? 1 : 0;
        return bucket;
    }

    /// <summary>Tier letter of a bucket: 5 = A … 1 = E.</summary>
    public static char TierOf(int bucket) => (char)('A' + 5 - bucket);

    /// <summary>A scorer for one thread at a time.</summary>
    public ForestScorer CreateScorer() => new(this);

    private static void CheckBucketEdges(IReadOnlyList<double> edges)
    {
        if (edges.Count != 4)
            throw new ForestException($"A model has 4 bucket edges for its 5 buckets, not {edges.Count}.");
        for (var i = 0; i < edges.Count; i++)
        {
            if (!double.IsFinite(edges[i]) || (i > 0 && edges[i] <= edges[i - 1]))
                throw new ForestException("Bucket edges must be finite and ascending.");
        }
    }
}
