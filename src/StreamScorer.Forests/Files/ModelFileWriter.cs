using System.Security.Cryptography;

namespace StreamScorer.Forests;

/// <summary>Writes a model as the bytes that <see cref="ModelFile"/> describes.</summary>
internal static class ModelFileWriter
{
    public static byte[] Write(ForestModel model)
    {
        var writer = new ByteWriter();
        writer.Bytes(ModelFile.Magic);
        writer.Fixed32(ModelFile.Version);
        writer.Text(model.Name);
        writer.Doubles(model.BucketEdges);
        WriteSchema(writer, model.Schema);
        writer.Number(model.Members.Count);
        foreach (var member in model.Members)
            WriteMember(writer, member, model.Schema);
        WriteCalibration(writer, model.Calibration);
        WriteBaseline(writer, model.Baseline);
        writer.Bytes(SHA256.HashData(writer.Written));
        return writer.Written.ToArray();
    }

    private static void WriteSchema(ByteWriter writer, FeatureSchema schema)
    {
        writer.Text(schema.Name);
        writer.Text(schema.EventTimeColumn ?? "");
        writer.Number(schema.Count);
        foreach (var feature in schema.Features)
        {
            writer.Text(feature.Name);
            writer.Text(feature.ColumnName);
            writer.Text(feature.StreamName);
            writer.Text(feature.ApiName);
            writer.Byte((byte)feature.Kind);
            writer.Flag(feature.Required);
            writer.Double(feature.ImputedValue);
            writer.Texts(feature.NullTokens);
            writer.Texts(feature.Categories);
            writer.Doubles(feature.BucketEdges);
        }
    }

    private static void WriteMember(ByteWriter writer, ForestMember member, FeatureSchema schema)
    {
        writer.Text(member.Algorithm);
        writer.Byte((byte)member.Output);
        writer.Double(member.BaseScore);
        writer.Flag(member.SinglePrecision);
        writer.Double(member.Weight);
        WriteCalibration(writer, member.Calibration);
        writer.Number(member.Trees.Count);
        foreach (var tree in member.Trees)
            WriteTree(writer, tree, schema);
    }

    private static void WriteTree(ByteWriter writer, DecisionTree tree, FeatureSchema schema)
    {
        writer.Number(tree.NodeCount);
        for (var node = 0; node < tree.NodeCount; node++)
        {
            if (tree.Feature[node] == DecisionTree.Leaf)
            {
                writer.Byte((byte)NodeMark.Leaf);
                writer.Double(tree.Value[node]);
                writer.Double(tree.Cover[node]);
                continue;
            }

            var isSet = tree.SetStart[node] >= 0;
            var missing = tree.MissingLeft[node] ? NodeMark.MissingLeft : 0;
            writer.Byte((byte)((isSet ? NodeMark.Set : NodeMark.Threshold) | missing));
            writer.Number(tree.Feature[node]);
            writer.Double(tree.Gain[node]);
            if (isSet)
            {
                var words = (schema.Features[tree.Feature[node]].CategoryCount + 63) / 64;
                foreach (var word in tree.SetWords.AsSpan(tree.SetStart[node], words))
                    writer.Fixed64(word);
            }
            else
            {
                writer.Double(tree.Threshold[node]);
            }
        }
    }

    private static void WriteCalibration(ByteWriter writer, Calibration calibration)
    {
        writer.Byte((byte)calibration.Kind);
        writer.Byte((byte)calibration.Input);
        writer.Double(calibration.Slope);
        writer.Double(calibration.Intercept);
        writer.Doubles(calibration.Steps);
        writer.Doubles(calibration.Levels);
    }

    private static void WriteBaseline(ByteWriter writer, TrainingBaseline baseline)
    {
        writer.Number(baseline.RowCount);
        writer.Number(baseline.Positives);
        foreach (var feature in baseline.Features)
        {
            writer.Number(feature.MissingRows);
            writer.Doubles(feature.Edges);
            writer.Numbers(feature.Counts);
        }

        writer.Numbers(baseline.ScoreCounts);
    }
}
