namespace StreamScorer.Forests;

/// <summary>Checks that every trainer makes before it starts.</summary>
internal static class TrainingShape
{
    public static void Check(FeatureSchema schema, ReadOnlySpan<double> rows, ReadOnlySpan<bool> labels)
    {
        if (rows.Length != (long)labels.Length * schema.Count)
            throw new ForestException(
                $"{labels.Length} labels of {schema.Count} features need {(long)labels.Length * schema.Count} "
                + $"values, not {rows.Length}.");
        if (!labels.Contains(true) || !labels.Contains(false))
            throw new ForestException(
                $"Training needs rows of both classes; all {labels.Length} labels are alike. Check the label "
                + "column and its positive value.");
    }
}
