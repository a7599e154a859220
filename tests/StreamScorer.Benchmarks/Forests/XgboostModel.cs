using System.Globalization;
using System.Text;
using StreamScorer.Forests;

namespace StreamScorer.Benchmarks.Forests;

/// <summary>A model that XGBoost's C library trains and scores, on one thread, and that ours can score too.</summary>
internal sealed unsafe class XgboostModel : IDisposable
{
    // Margin (log-odds), all iterations.
    private static readonly byte[] PredictConfig =
        """{"type":1,"training":false,"iteration_begin":0,"iteration_end":0,"missing":NaN,"cache_id":0,"strict_shape":false}"""u8
            .ToArray();

    private readonly nint _booster;
    private readonly int _features;
    private readonly byte[] _array = new byte[160];

    public XgboostModel(float[] rows, bool[] labels, int features, int rounds, params (string Name, string Value)[] settings)
    {
        _features = features;
        var targets = Array.ConvertAll(labels, label => label ? 1f : 0f);
        nint matrix;
        fixed (float* data = rows, target = targets)
        {
            XgboostLibrary.Check(XgboostLibrary.XGDMatrixCreateFromMat(
                data, (ulong)labels.Length, (ulong)features, float.NaN, out matrix));
            XgboostLibrary.Check(XgboostLibrary.XGDMatrixSetFloatInfo(matrix, "label", target, (ulong)labels.Length));
        }

        XgboostLibrary.Check(XgboostLibrary.XGBoosterCreate(&matrix, 1, out _booster));
        foreach (var (name, value) in settings)
            Set(name, value);
        Set("objective", "binary:logistic");
        for (var round = 0; round < rounds; round++)
            XgboostLibrary.Check(XgboostLibrary.XGBoosterUpdateOneIter(_booster, round, matrix));
        XgboostLibrary.Check(XgboostLibrary.XGDMatrixFree(matrix));
        Set("nthread", "1");
    }

    public void Dispose() => XgboostLibrary.Check(XgboostLibrary.XGBoosterFree(_booster));

    /// <summary>The model as XGBoost writes it to a JSON file.</summary>
    public byte[] ToJson()
    {
        XgboostLibrary.Check(XgboostLibrary.XGBoosterSaveModelToBuffer(
            _booster, """{"format":"json"}""", out var length, out var bytes));
        return new Span<byte>(bytes, (int)length).ToArray();
    }

    /// <summary>The same trees in our form.</summary>
    public ForestModel Import() => ModelImport.Import(ToJson(), "xgboost.json", "xgboost");

    /// <summary>Log-odds of rows, in place (no copy into a matrix of XGBoost's own); valid until the next call.</summary>
    public ReadOnlySpan<float> Score(float* rows, int count)
    {
        var length = Encoding.UTF8.GetBytes(
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"data":[{{(nint)rows}},true],"shape":[{{count}},{{_features}}],"typestr":"<f4","version":3}"""),
            _array);
        _array[length] = 0;
        fixed (byte* array = _array, config = PredictConfig)
        {
            XgboostLibrary.Check(XgboostLibrary.XGBoosterPredictFromDense(
                _booster, array, config, 0, out _, out _, out var result));
            return new ReadOnlySpan<float>(result, count);
        }
    }

    private void Set(string name, string value) =>
        XgboostLibrary.Check(XgboostLibrary.XGBoosterSetParam(_booster, name, value));
}
