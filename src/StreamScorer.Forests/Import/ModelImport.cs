namespace StreamScorer.Forests;

/// <summary>
/// Reads tree models trained elsewhere: XGBoost (JSON, UBJSON), LightGBM (text) and ONNX-ML (TreeEnsembleClassifier and
/// TreeEnsembleRegressor), for yes/no targets. Scores equal the source's: to the last bit of the raw score where the source
/// defines it, else within 1e-6.
/// </summary>
public static class ModelImport
{
    /// <summary>Largest file accepted, 512 MiB.</summary>
    public const long MostBytes = 512L << 20;

    /// <param name="path">The foreign model file; its format is recognised by its content.</param>
    /// <param name="modelName">Name stored in the model.</param>
    /// <param name="features">
    /// What the model's inputs are, in their order; null takes the file's names and numeric inputs.
    /// </param>
    /// <exception cref="ForestException">
    /// Unreadable, damaged, of an unknown format, or a kind of model that is not supported.
    /// </exception>
    public static ForestModel Import(string path, string modelName, IReadOnlyList<ImportFeature>? features = null)
    {
        try
        {
            var length = new FileInfo(path).Length;
            if (length > MostBytes)
                throw new ForestException($"{path} has {length} bytes; model files of up to {MostBytes} are read.");
            return Import(File.ReadAllBytes(path), path, modelName, features);
        }
        catch (IOException e)
        {
            throw new ForestException($"{path}: {e.Message}", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ForestException($"{path}: {e.Message}", e);
        }
    }

    /// <param name="file">The whole file.</param>
    /// <param name="source">What to call it in error messages.</param>
    /// <inheritdoc cref="Import(string, string, IReadOnlyList{ImportFeature}?)"/>
    public static ForestModel Import(
        ReadOnlyMemory<byte> file, string source, string modelName, IReadOnlyList<ImportFeature>? features = null) =>
        new SourceConversion(Parse(file, source), source, modelName, features).Convert(modelName);

    private static SourceModel Parse(ReadOnlyMemory<byte> file, string source)
    {
        var bytes = file.Span;
        if (bytes.StartsWith("tree\n"u8) || bytes.StartsWith("tree\r\n"u8))
            return new LightGbmText(file, source).Read();
        if (bytes.Length > 1 && bytes[0] == '{')
        {
            // In JSON a quote or white space follows the brace, in UBJSON the type of the first key's length.
            return bytes[1] is (byte)'"' or (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'
                ? new XgboostJson(file, source).Read()
                : new XgboostJson(UbjsonToJson.Convert(bytes, source), source).Read();
        }

        if (bytes.Length > 1 && bytes[0] == 0x08)
            return new OnnxTrees(file, source).Read();
        throw new ForestException(
            $"{source} is none of the model formats that can be imported (XGBoost JSON or UBJSON, LightGBM text, ONNX).");
    }
}
