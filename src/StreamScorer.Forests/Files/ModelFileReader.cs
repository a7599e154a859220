using System.Buffers.Binary;
using System.Security.Cryptography;

namespace StreamScorer.Forests;

/// <summary>
/// Reads a model file and checks everything it says before it is used: length, hash, version, every count, index and
/// number. A damaged or hostile file ends in one <see cref="ForestException"/>.
/// </summary>
internal static class ModelFileReader
{
    public static ForestModel Read(ReadOnlySpan<byte> file, string source)
    {
        if (file.Length < ModelFile.HeaderBytes + ModelFile.HashBytes || !file.StartsWith(ModelFile.Magic))
            throw new ForestException($"{source} is not a StreamScorer model file (it does not begin with 'SSFOREST').");
        var version = BinaryPrimitives.ReadUInt32LittleEndian(file[ModelFile.Magic.Length..]);
        if (version != ModelFile.Version)
            throw new ForestException(
                $"Model file {source} has format {version}; this program reads format {ModelFile.Version}. Use a "
                + "newer program.");
        var body = file[..^ModelFile.HashBytes];
        if (!SHA256.HashData(body).AsSpan().SequenceEqual(file[^ModelFile.HashBytes..]))
            throw new ForestException(
                $"Model file {source} is damaged: its hash does not match its {file.Length} bytes. Restore it "
                + "from a copy or train the model again.");

        var reader = new ByteReader(body, source);
        reader.Bytes(ModelFile.HeaderBytes);
        var model = ReadModel(ref reader);
        return reader.Left == 0 ? model : throw reader.Fault($"{reader.Left} bytes too many");
    }

    private static ForestModel ReadModel(ref ByteReader reader)
    {
        var name = reader.Text();
        var bucketEdges = reader.Doubles();
        var schema = SchemaReader.Read(ref reader);
        var members = new ForestMember[reader.Number("the number of members", 1, ModelFile.MostMembers)];
        for (var i = 0; i < members.Length; i++)
            members[i] = ReadMember(ref reader, schema);
        var calibration = ReadCalibration(ref reader);
        var baseline = ReadBaseline(ref reader, schema);
        try
        {
            return new ForestModel(name, schema, members, calibration, bucketEdges, baseline);
        }
        catch (ForestException e)
        {
            throw reader.Fault(e.Message);
        }
    }

    private static ForestMember ReadMember(ref ByteReader reader, FeatureSchema schema)
    {
        var algorithm = reader.Text();
        var output = (MemberOutput)reader.Number("a member's output", 0, (int)MemberOutput.SumOfLeaves);
        var baseScore = reader.Finite("a base score");
        var single = reader.Flag();
        var weight = reader.Finite("a member's weight");
        var calibration = ReadCalibration(ref reader);

        // The smallest tree takes its node count, a mark and two doubles.
        var trees = new DecisionTree[reader.Count("the number of trees", 18)];
        if (trees.Length == 0 || weight < 0)
            throw reader.Fault(weight < 0 ? "a member's weight is negative" : "a member has no trees");
        for (var i = 0; i < trees.Length; i++)
            trees[i] = TreeReader.Read(ref reader, schema);
        return new ForestMember
        {
            Algorithm = algorithm,
            Output = output,
            BaseScore = baseScore,
            SinglePrecision = single,
            Weight = weight,
            Calibration = calibration,
            Trees = trees,
        };
    }

    private static Calibration ReadCalibration(ref ByteReader reader)
    {
        var kind = (CalibrationKind)reader.Number("a calibration's kind", 0, (int)CalibrationKind.Isotonic);
        var input = (CalibrationInput)reader.Number("a calibration's input", 0, (int)CalibrationInput.LogOdds);
        var slope = reader.Finite("a calibration's slope");
        var intercept = reader.Finite("a calibration's intercept");
        var steps = reader.Doubles();
        var levels = reader.Doubles();
        if (slope <= 0)
            throw reader.Fault("a calibration's slope is not above 0");
        if (kind != CalibrationKind.Isotonic)
            return kind == CalibrationKind.Platt ? Calibration.Platt(input, slope, intercept) : Calibration.None(input);

        var sound = steps.Length > 0 && steps.Length == levels.Length && levels[0] >= 0 && levels[^1] <= 1
            && double.IsNegativeInfinity(steps[0]);
        for (var i = 1; sound && i < steps.Length; i++)
            sound = steps[i] > steps[i - 1] && levels[i] >= levels[i - 1];
        return sound ? Calibration.Isotonic(input, steps, levels) : throw reader.Fault("isotonic steps do not ascend");
    }

    private static TrainingBaseline ReadBaseline(ref ByteReader reader, FeatureSchema schema)
    {
        var rows = reader.Number();
        var positives = reader.Number();
        var features = new FeatureBaseline[schema.Count];
        for (var i = 0; i < features.Length; i++)
        {
            features[i] = new FeatureBaseline(reader.Number(), reader.Doubles(), reader.Numbers());
            if (features[i].Counts.Count != features[i].Edges.Count + 1)
                throw reader.Fault(
                    $"the baseline of feature {i} has {features[i].Counts.Count} counts for "
                    + $"{features[i].Edges.Count} edges");
        }

        var scores = reader.Numbers();
        return scores.Length == TrainingBaseline.ScoreBins
            ? new TrainingBaseline(rows, positives, features, scores)
            : throw reader.Fault($"the baseline has {scores.Length} score bins, not {TrainingBaseline.ScoreBins}");
    }
}
