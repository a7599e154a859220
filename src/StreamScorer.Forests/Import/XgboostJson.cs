using System.Globalization;
using System.Text.Json;

namespace StreamScorer.Forests;

/// <summary>
/// XGBoost's JSON model (booster gbtree or dart, objectives for yes/no targets). Values are compared and summed in single
/// precision there: "value &lt; condition" goes left, listed categories go right, missing values by default_left.
/// </summary>
internal sealed class XgboostJson(ReadOnlyMemory<byte> json, string source)
{
    private const int MostMessageChars = 200;

    public SourceModel Read()
    {
        try
        {
            using var document = JsonDocument.Parse(BareNumbers.ToNull(json), new JsonDocumentOptions { MaxDepth = 64 });
            return Read(document.RootElement.GetProperty("learner"));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new ForestException($"{source} is not a complete XGBoost model: {Brief(e)}", e);
        }
    }

    // The framework's messages may quote the whole rest of the file.
    private static string Brief(Exception error)
    {
        if (error is JsonException { LineNumber: { } line, BytePositionInLine: { } position })
            return FormattableString.Invariant($"what stands at byte {position + 1} of line {line + 1} is not JSON.");
        return error.Message.Length <= MostMessageChars ? error.Message : error.Message[..MostMessageChars] + "…";
    }

    private SourceModel Read(JsonElement learner)
    {
        var parameters = learner.GetProperty("learner_model_param");
        var objective = learner.GetProperty("objective").GetProperty("name").GetString();
        if (objective is not ("binary:logistic" or "reg:logistic" or "binary:logitraw"))
            throw new ForestException($"{source}: objective '{objective}' is not a yes/no target (binary:logistic).");
        if (Number(parameters, "num_class") > 1 || Number(parameters, "num_target", 1) > 1)
            throw new ForestException($"{source}: models with several outputs are not supported.");

        var booster = learner.GetProperty("gradient_booster");
        var isDart = booster.GetProperty("name").GetString() == "dart";
        var drops = isDart ? Floats(booster.GetProperty("weight_drop")) : null;
        var model = (isDart ? booster.GetProperty("gbtree") : booster).GetProperty("model");
        var trees = model.GetProperty("trees").EnumerateArray().Select(ReadTree).ToArray();
        for (var tree = 0; drops is not null && tree < trees.Length; tree++)
            Scale(trees[tree], tree < drops.Length ? drops[tree] : 1);
        var baseScore = BaseScore(parameters);
        return new SourceModel
        {
            Algorithm = "xgboost",
            InputCount = (int)Number(parameters, "num_feature"),
            InputNames = Names(learner),
            Trees = trees,
            BaseScore = objective == "binary:logitraw" ? baseScore : -MathF.Log((1 / baseScore) - 1),
            SinglePrecision = true,
            Calibration = Calibration.None(CalibrationInput.LogOdds),
        };
    }

    // A string like "5E-1", since version 3 in brackets: one per output.
    private static float BaseScore(JsonElement parameters)
    {
        var text = parameters.GetProperty("base_score").GetString()!.Trim('[', ']');
        return float.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    private static double Number(JsonElement parameters, string name, double absent = 0) =>
        parameters.TryGetProperty(name, out var value)
            ? double.Parse(value.GetString()!, NumberStyles.Float, CultureInfo.InvariantCulture)
            : absent;

    private static string[] Names(JsonElement learner) =>
        learner.TryGetProperty("feature_names", out var names)
            ? [.. names.EnumerateArray().Select(name => name.GetString()!)]
            : [];

    private SourceTree ReadTree(JsonElement json)
    {
        var left = Integers(json.GetProperty("left_children"));
        var tree = new SourceTree(left.Length);
        var right = Integers(json.GetProperty("right_children"));
        var inputs = Integers(json.GetProperty("split_indices"));
        var conditions = Floats(json.GetProperty("split_conditions"));
        var defaults = Flags(json.GetProperty("default_left"));
        var covers = Floats(json.GetProperty("sum_hessian"));
        var gains = Floats(json.GetProperty("loss_changes"));
        int[] lengths = [right.Length, inputs.Length, conditions.Length, defaults.Length, covers.Length, gains.Length];
        if (Array.Exists(lengths, length => length != left.Length))
            throw new ForestException($"{source}: the arrays of a tree differ in length.");

        var listed = Categories(json, left.Length);
        for (var node = 0; node < left.Length; node++)
        {
            tree.Left[node] = left[node];
            tree.Right[node] = right[node];
            tree.Input[node] = left[node] < 0 ? DecisionTree.Leaf : SourceTree.SplitInput(inputs[node], source);
            tree.Cover[node] = covers[node];
            tree.Gain[node] = gains[node];
            tree.MissingLeft[node] = defaults[node];
            tree.Listed[node] = left[node] < 0 ? null : listed[node];
            tree.Value[node] = conditions[node];
            tree.LargestLeft[node] = SourceThreshold.FloatBelow(conditions[node]);
        }

        return tree;
    }

    // categories_nodes names the nodes with sets; segments and sizes say where each one's categories lie.
    private int[]?[] Categories(JsonElement json, int nodes)
    {
        var listed = new int[nodes][];
        if (!json.TryGetProperty("categories_nodes", out var nodesJson))
            return listed;
        var at = Integers(nodesJson);
        var all = Integers(json.GetProperty("categories"));
        var segments = Integers(json.GetProperty("categories_segments"));
        var sizes = Integers(json.GetProperty("categories_sizes"));
        for (var i = 0; i < at.Length; i++)
        {
            if (at[i] < 0 || at[i] >= nodes || i >= segments.Length || i >= sizes.Length || sizes[i] < 0
                || segments[i] < 0 || segments[i] > all.Length - sizes[i])
                throw new ForestException($"{source}: the categories of a split lie outside the list.");
            listed[at[i]] = all.AsSpan(segments[i], sizes[i]).ToArray();
        }

        return listed;
    }

    private static void Scale(SourceTree tree, float factor)
    {
        for (var node = 0; node < tree.NodeCount; node++)
            tree.Value[node] = (float)tree.Value[node] * factor;
    }

    private static int[] Integers(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetInt32())];

    private static float[] Floats(JsonElement array) =>
        [.. array.EnumerateArray().Select(value => value.ValueKind == JsonValueKind.Null ? float.NaN : value.GetSingle())];

    // Booleans in JSON, numbers 0 and 1 in some versions and in UBJSON.
    private static bool[] Flags(JsonElement array) =>
        [.. array.EnumerateArray().Select(value => value.ValueKind switch
        {
            JsonValueKind.Number => value.GetInt32() != 0,
            _ => value.GetBoolean(),
        })];
}
