using StreamScorer.Forests;
using StreamScorer.Training.LeadScoring;
using StreamScorer.Training.Schemas;
using StreamScorer.Training.Tables;

namespace StreamScorer.Training.Learning;

/// <summary>
/// Decides what the columns of a table mean: by the schema file given, by what the table says itself, as the reference
/// schema where its columns are all there, or, when a label column is named, by taking every other column as a feature.
/// </summary>
internal static class SchemaChoice
{
    /// <summary>Name of a schema that was inferred from a table.</summary>
    private const string InferredName = "custom";

    /// <returns>The schema; its positive value is null in effect (empty) when it must be found in the label column.</returns>
    /// <exception cref="DataFileException">A named column is not there, or nothing says which is the label.</exception>
    public static TrainingSchema For(TextTable table, TrainingRequest request)
    {
        var schema = request.SchemaFile is { } file
            ? TrainingSchemaJson.ReadFile(file)
            : Known(table, request) ?? Infer(table, request);
        schema = schema with
        {
            Name = request.ModelName ?? schema.Name,
            LabelColumn = request.Label ?? schema.LabelColumn,
            PositiveValue = request.Positive ?? schema.PositiveValue,
            IdColumn = Existing(table, request.Id, "--id") ?? schema.IdColumn,
            OrderColumn = Existing(table, request.Order, "--order") ?? schema.OrderColumn,
            EventTimeColumn = Existing(table, request.EventTime, "--event-time") ?? schema.EventTimeColumn,
        };
        RequireLabel(table, schema.LabelColumn);
        RequireEventTime(table, schema);
        return Exclude(table, schema, request.Exclude);
    }

    private static TrainingSchema? Known(TextTable table, TrainingRequest request)
    {
        if (table.Schema is { } own && (request.Label is null || request.Label == own.LabelColumn)) return own;
        if (request.Label is not null) return null;
        var reference = LeadScoringSchema.Training;
        var isReference = reference.Features.All(feature => table.Cells.HasColumn(feature.ColumnName))
            || reference.Features.All(feature => table.Cells.HasColumn(feature.Name));
        if (isReference) return reference;
        if (B2bLeadSchema.Features.All(feature => table.Cells.HasColumn(feature.ColumnName))) return B2bLeadSchema.Training;
        throw new DataFileException(table.Source, "which column is the label? The table has " + List(table),
            "Name it with --label, or describe the table with --schema.");
    }

    private static TrainingSchema Infer(TextTable table, TrainingRequest request)
    {
        RequireLabel(table, request.Label!);
        string?[] keys = [request.Label, request.Id, request.Order, request.EventTime];
        var features = table.Cells.ColumnNames.Where(name => !keys.Contains(name))
            .Select(name => new FeatureSpec(name, name, FieldNames.Camel(name), FieldNames.Snake(name))).ToList();
        return new TrainingSchema(InferredName, features, request.Label!, "", request.Id, request.Order);
    }

    private static TrainingSchema Exclude(TextTable table, TrainingSchema schema, IReadOnlyList<string> names)
    {
        var keys = new[] { schema.LabelColumn, schema.IdColumn, schema.OrderColumn, schema.EventTimeColumn };
        foreach (var name in names.Where(name => !schema.Features.Any(feature => Is(feature, name))))
        {
            if (!table.Cells.HasColumn(name) && !keys.Contains(name))
                throw new DataFileException(table.Source, $"there is no column '{name}' to exclude. The table has " + List(table),
                    "Check --exclude.");
        }

        var kept = schema.Features.Where(feature => !names.Any(name => Is(feature, name))).ToList();
        if (kept.Count == 0)
            throw new DataFileException(table.Source, "no feature is left", "Exclude fewer columns.");
        return schema with { Features = kept };
    }

    private static bool Is(FeatureSpec feature, string name) => feature.Name == name || feature.ColumnName == name;

    private static void RequireLabel(TextTable table, string label)
    {
        if (table.Cells.HasColumn(label)) return;
        throw new DataFileException(table.Source, $"there is no label column '{label}'. The table has " + List(table),
            "Name the label with --label.");
    }

    private static void RequireEventTime(TextTable table, TrainingSchema schema)
    {
        var timestamp = schema.Features.FirstOrDefault(feature => feature.Kind == FeatureKind.Timestamp);
        if (timestamp is null || schema.EventTimeColumn is not null) return;
        throw new DataFileException(table.Source, $"the feature '{timestamp.Name}' is a timestamp, whose value is its age at the "
            + "event, and no column is named that holds the event's own time. The table has " + List(table),
            "Name it with \"eventTime\" in the schema file or with --event-time.");
    }

    private static string? Existing(TextTable table, string? name, string option)
    {
        if (name is null || table.Cells.HasColumn(name)) return name;
        throw new DataFileException(
            table.Source, $"there is no column '{name}'. The table has " + List(table), $"Check {option}.");
    }

    private static string List(TextTable table)
        => "the columns " + string.Join(", ", table.Cells.ColumnNames.Select(name => $"'{name}'"));
}
