using System.Globalization;
using System.Text;

namespace StreamScorer.Forests;

/// <summary>
/// LightGBM's text model (one output, binary objectives). Values are compared and summed in double precision there: "value
/// at most threshold" goes left, listed categories go left, missing values by the split's missing type.
/// </summary>
internal sealed class LightGbmText(ReadOnlyMemory<byte> text, string source)
{
    private const int CategoricalBit = 1;
    private const int DefaultLeftBit = 2;

    // Bits 2 and 3 of the decision type.
    private enum MissingType
    {
        None = 0,
        Zero = 1,
        NaN = 2,
    }

    public SourceModel Read()
    {
        try
        {
            return ReadAll();
        }
        catch (Exception e) when (e is FormatException or OverflowException or KeyNotFoundException)
        {
            throw new ForestException($"{source} is not a complete LightGBM model: {e.Message}", e);
        }
    }

    private SourceModel ReadAll()
    {
        var header = new Dictionary<string, string>(StringComparer.Ordinal);
        var trees = new List<SourceTree>();
        var fields = header;
        foreach (var raw in Encoding.UTF8.GetString(text.Span).Split('\n'))
        {
            var line = raw.TrimEnd('\r');
            var isEnd = line == "end of trees";
            if (isEnd || line.StartsWith("Tree=", StringComparison.Ordinal))
            {
                if (fields != header)
                    trees.Add(ReadTree(fields));
                fields = new Dictionary<string, string>(StringComparer.Ordinal);
                if (isEnd)
                    return Model(header, trees);
                continue;
            }

            var equals = line.IndexOf('=', StringComparison.Ordinal);
            fields[equals < 0 ? line : line[..equals]] = equals < 0 ? "" : line[(equals + 1)..];
        }

        throw new ForestException($"{source}: 'end of trees' is missing; the file is cut off.");
    }

    private SourceModel Model(Dictionary<string, string> header, List<SourceTree> trees)
    {
        var objective = header.GetValueOrDefault("objective", "").Split(' ');
        if (objective[0] is not ("binary" or "cross_entropy"))
            throw new ForestException($"{source}: objective '{objective[0]}' is not a yes/no target (binary).");
        if (header.GetValueOrDefault("num_tree_per_iteration", "1") != "1")
            throw new ForestException($"{source}: models with several outputs are not supported.");
        var sigmoid = objective.FirstOrDefault(part => part.StartsWith("sigmoid:", StringComparison.Ordinal));
        var slope = sigmoid is null ? 1 : Double(sigmoid["sigmoid:".Length..]);
        var averages = header.ContainsKey("average_output");
        return new SourceModel
        {
            Algorithm = "lightgbm",
            InputCount = checked(Integer(header["max_feature_idx"]) + 1),
            InputNames = header.GetValueOrDefault("feature_names", "").Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Trees = trees,
            Average = averages,
            Calibration = slope == 1
                ? Calibration.None(CalibrationInput.LogOdds)
                : Calibration.Platt(CalibrationInput.LogOdds, slope, 0),
        };
    }

    // Inner nodes come first, then leaves; a negative child -1, -2, … is leaf 0, 1, …
    private SourceTree ReadTree(Dictionary<string, string> fields)
    {
        if (fields.GetValueOrDefault("is_linear", "0") != "0")
            throw new ForestException($"{source}: trees with linear leaves are not supported.");
        var values = Doubles(fields, "leaf_value");
        var covers = Doubles(fields, fields.ContainsKey("leaf_weight") ? "leaf_weight" : "leaf_count");
        var inner = values.Length - 1;
        if (inner < 0)
            throw new ForestException($"{source}: a tree has no leaves.");
        var tree = new SourceTree(values.Length + inner);
        for (var leaf = 0; leaf < values.Length; leaf++)
        {
            tree.Input[inner + leaf] = DecisionTree.Leaf;
            tree.Value[inner + leaf] = values[leaf];
            tree.Cover[inner + leaf] = leaf < covers.Length ? covers[leaf] : 1;
        }

        if (inner > 0)
            ReadSplits(fields, tree, inner);
        return tree;
    }

    private void ReadSplits(Dictionary<string, string> fields, SourceTree tree, int inner)
    {
        var inputs = Integers(fields, "split_feature");
        var thresholds = Doubles(fields, "threshold");
        var decisions = Integers(fields, "decision_type");
        var left = Integers(fields, "left_child");
        var right = Integers(fields, "right_child");
        var gains = Doubles(fields, "split_gain");
        int[] lengths = [inputs.Length, thresholds.Length, decisions.Length, left.Length, right.Length];
        if (Array.Exists(lengths, length => length != inner))
            throw new ForestException($"{source}: the arrays of a tree of {inner} splits differ in length.");
        for (var node = 0; node < inner; node++)
        {
            tree.Input[node] = SourceTree.SplitInput(inputs[node], source);
            tree.Left[node] = left[node] < 0 ? inner + ~left[node] : left[node];
            tree.Right[node] = right[node] < 0 ? inner + ~right[node] : right[node];
            tree.Gain[node] = node < gains.Length ? gains[node] : 0;
            if ((decisions[node] & CategoricalBit) != 0)
            {
                tree.Listed[node] = Categories(fields, (int)thresholds[node]);
                tree.ListedLeft[node] = true;
            }
            else
            {
                tree.LargestLeft[node] = thresholds[node];
                tree.MissingLeft[node] = MissingGoesLeft(decisions[node], thresholds[node]);
            }
        }
    }

    // Without a missing type a missing value counts as 0. "Zero" sends zeros where missing values go, which is the same as
    // comparing them only if that is the side 0 belongs to anyway.
    private bool MissingGoesLeft(int decision, double threshold)
    {
        var defaultLeft = (decision & DefaultLeftBit) != 0;
        var type = (MissingType)(decision >> 2 & 3);
        if (type == MissingType.Zero && defaultLeft != 0 <= threshold)
            throw new ForestException($"{source}: splits that treat zero as missing (zero_as_missing) are not supported.");
        return type == MissingType.NaN ? defaultLeft : 0 <= threshold;
    }

    // A bit set of 32-bit words per categorical split.
    private int[] Categories(Dictionary<string, string> fields, int split)
    {
        var boundaries = Integers(fields, "cat_boundaries");
        var words = fields["cat_threshold"].Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(word => uint.Parse(word, CultureInfo.InvariantCulture)).ToArray();
        if (split < 0 || split >= boundaries.Length - 1 || boundaries[split] < 0 || boundaries[split + 1] > words.Length
            || boundaries[split] > boundaries[split + 1])
            throw new ForestException($"{source}: the categories of a split lie outside the list.");
        var start = boundaries[split];
        return [.. Enumerable.Range(0, (boundaries[split + 1] - start) * 32)
            .Where(code => (words[start + (code / 32)] >> (code % 32) & 1) != 0)];
    }

    private static double[] Doubles(Dictionary<string, string> fields, string name) =>
        [.. fields.GetValueOrDefault(name, "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Double)];

    private static int[] Integers(Dictionary<string, string> fields, string name) =>
        [.. fields[name].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Integer)];

    private static int Integer(string text) => int.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    private static double Double(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
}
