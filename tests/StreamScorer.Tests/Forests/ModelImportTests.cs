using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using StreamScorer.Forests;
using Xunit;

namespace StreamScorer.Tests.Forests;

/// <summary>
/// Models made by XGBoost and scikit-learn + ONNX score here as there. Golden/make_models.py makes the files.
/// </summary>
public class ModelImportTests
{
    private static readonly string Golden = Path.Combine(
        RepositoryFolder.Path, "tests", "StreamScorer.Tests", "Forests", "Golden");

    [Theory]
    [InlineData("xgboost.json", "xgboost")]
    [InlineData("xgboost.ubj", "xgboost")]
    [InlineData("xgboost-dart.json", "xgboost-dart")]
    [InlineData("xgboost-category.json", "xgboost-category")]
    [InlineData("sklearn-forest.onnx", "sklearn-forest")]
    [InlineData("sklearn-boosting.onnx", "sklearn-boosting")]
    public void Golden_models_score_as_their_makers_do(string file, string rows) => AssertScores(Golden, file, rows);

    [RequiresPythonModelsFact]
    public void Larger_models_made_on_the_spot_score_as_their_makers_do()
    {
        using var folder = new TemporaryFolder();
        var start = new ProcessStartInfo(RequiresPythonModelsFactAttribute.Python)
        {
            ArgumentList = { Path.Combine(Golden, "make_models.py"), folder.Path, "3000", "60", "6" },
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
        foreach (var file in Directory.GetFiles(folder.Path).Where(path => !path.EndsWith(".csv", StringComparison.Ordinal)))
            AssertScores(folder.Path, Path.GetFileName(file), Path.GetFileNameWithoutExtension(file));
    }

    [Fact]
    public void An_imported_model_round_trips_through_our_file()
    {
        var model = ModelImport.Import(Path.Combine(Golden, "xgboost-category.json"), "imported");
        Assert.Equal("xgboost", model.Algorithm);
        Assert.Equal(model.Id, ForestModel.Load(model.ToBytes(), "memory").Id);
    }

    [Fact]
    public void Json_and_ubjson_give_the_same_model() => Assert.Equal(
        ModelImport.Import(Path.Combine(Golden, "xgboost.json"), "one").Id,
        ModelImport.Import(Path.Combine(Golden, "xgboost.ubj"), "one").Id);

    // x0 <= 1.5 ? (category of x1 in {0, 2} ? 0.25 : -0.5) : 1.0, missing x0 to the right; second tree a single leaf.
    private static string LightGbm => File.ReadAllText(Path.Combine(Golden, "lightgbm.txt"));

    [Fact]
    public void LightGbm_text_is_read()
    {
        ImportFeature[] features =
        [
            new(new FeatureSpec("Visits", "visits", "visits", "visits")),
            new(new FeatureSpec("Channel", "channel", "channel", "channel"), ["web", "phone", "fair"]),
        ];
        var model = ModelImport.Import(Encoding.UTF8.GetBytes(LightGbm), "text", "light", features);
        Assert.True(model.Schema.Features[1].TryGetCategory("fair"u8, out var fair));
        Assert.Equal(0.375, Raw(model, [1.5, fair]));
        Assert.Equal(-0.375, Raw(model, [1.5, fair - 1]));
        Assert.Equal(-0.375, Raw(model, [0, double.NaN]));
        Assert.Equal(-0.375, Raw(model, [0, Feature.RareCode]));
        Assert.Equal(1.125, Raw(model, [Math.BitIncrement(1.5), fair]));
        Assert.Equal(1.125, Raw(model, [double.NaN, fair]));
        Assert.Equal(1 / (1 + Math.Exp(-0.75)), model.Calibration.Apply(0.375), 12);
    }

    [Theory]
    [InlineData("objective=binary sigmoid:2", "objective=regression", "objective 'regression'")]
    [InlineData("end of trees", "", "cut off")]
    [InlineData("right_child=-2 -3", "right_child=-2 0", "reached twice")]
    [InlineData("right_child=-2 -3", "right_child=-2 -9", "does not exist")]
    [InlineData("right_child=-2 -3", "right_child=-2", "differ in length")]
    [InlineData("split_feature=0 1", "split_feature=0 7", "input 7")]
    [InlineData("leaf_value=0.25 1 -0.5", "leaf_value=0.25 1 zero", "not a complete")]
    [InlineData("cat_boundaries=0 1", "cat_boundaries=0 9", "outside the list")]
    [InlineData("threshold=1.5 0", "threshold=1.5 2147483647", "outside the list")]
    [InlineData("is_linear=0", "is_linear=1", "linear")]
    public void Faults_are_named(string part, string replacement, string message)
    {
        var text = LightGbm.Replace(part, replacement, StringComparison.Ordinal);
        var error = Assert.Throws<ForestException>(() => ModelImport.Import(Encoding.UTF8.GetBytes(text), "faulty", "x"));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("xgboost.json")]
    [InlineData("xgboost-category.json")]
    public void A_split_of_a_negative_input_is_refused_and_not_taken_for_a_leaf(string file)
    {
        var json = Regex.Replace(File.ReadAllText(Path.Combine(Golden, file)), """("split_indices":\s*\[)\d+""", "$1-1");
        var error = Assert.Throws<ForestException>(() => ModelImport.Import(Encoding.UTF8.GetBytes(json), "faulty", "x"));
        Assert.Contains("input -1", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1.0f)]
    [InlineData(0.1f)]
    [InlineData(0.0f)]
    [InlineData(-3.5e-42f)]
    [InlineData(float.MaxValue)]
    [InlineData(float.MinValue)]
    [InlineData(float.Epsilon)]
    public void Single_precision_comparisons_become_double_ones(float threshold)
    {
        var below = SourceThreshold.FloatBelow(threshold);
        var atMost = SourceThreshold.FloatAtMost(threshold);
        double[] around = [below, atMost, threshold, MathF.BitDecrement(threshold), MathF.BitIncrement(threshold), 0, -0.0];
        foreach (var value in around.SelectMany(v => new[] { v, Math.BitDecrement(v), Math.BitIncrement(v) }))
        {
            Assert.True((float)value < threshold == value <= below, $"{value:R} < {threshold:R}");
            Assert.True((float)value <= threshold == value <= atMost, $"{value:R} <= {threshold:R}");
        }
    }

    [Theory]
    [InlineData("xgboost.json")]
    [InlineData("xgboost.ubj")]
    [InlineData("sklearn-forest.onnx")]
    public void Damaged_files_are_refused_or_score_without_a_crash(string file)
    {
        const int seed = 4711;
        var random = new Random(seed);
        var original = File.ReadAllBytes(Path.Combine(Golden, file));
        for (var round = 0; round < 1500; round++)
        {
            var bytes = original[..(random.Next(4) == 0 ? random.Next(1, original.Length) : original.Length)];
            for (var changes = random.Next(1, 4); changes > 0; changes--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                var model = ModelImport.Import(bytes, "damaged", "x");
                model.CreateScorer().Score(new double[model.Schema.Count], new double[1], new double[1]);
            }
            catch (ForestException)
            {
                // Refused, as it should be.
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, round {round}: {e}");
            }
        }
    }

    private static void AssertScores(string folder, string file, string rows)
    {
        var model = ModelImport.Import(Path.Combine(folder, file), "imported");
        var isExact = file.StartsWith("xgboost", StringComparison.Ordinal);
        foreach (var line in File.ReadLines(Path.Combine(folder, rows + ".csv")))
        {
            var cells = line.Split(',');
            var row = model.Schema.Features.Select(feature => Value(feature, cells[feature.Index])).ToArray();
            var raw = double.Parse(cells[^2], CultureInfo.InvariantCulture);
            var probability = double.Parse(cells[^1], CultureInfo.InvariantCulture);
            Assert.Equal(raw, Raw(model, row), isExact ? 0 : 1e-6);
            Assert.Equal(probability, model.Calibration.Apply(Raw(model, row)), 1e-6);
        }
    }

    private static double Value(Feature feature, string cell)
    {
        if (cell.Length == 0)
            return double.NaN;
        var number = double.Parse(cell, CultureInfo.InvariantCulture);
        if (feature.Kind != FeatureKind.Categorical)
            return number;
        feature.TryGetCategory(Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)), out var code);
        return code;
    }

    private static double Raw(ForestModel model, double[] row)
    {
        var raw = new double[1];
        model.CreateScorer().Score(row, raw, new double[1]);
        return raw[0];
    }
}

/// <summary>A test that makes models with Python packages which most machines do not have.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RequiresPythonModelsFactAttribute : FactAttribute
{
    public const string Python = "/usr/bin/python3";

    public RequiresPythonModelsFactAttribute()
    {
        string[] packages = ["xgboost", "sklearn", "onnx"];
        if (!packages.All(name => Directory.Exists(Path.Combine("/usr/lib/python3/dist-packages", name))))
            Skip = "needs the packages python3-xgboost, python3-sklearn and python3-onnx (apt-get install)";
    }
}
