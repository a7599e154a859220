using StreamScorer.Forests;
using StreamScorer.Training.Schemas;

namespace StreamScorer.Training.Tables;

/// <summary>
/// Finds the columns of a schema in a table whoever wrote it: by the column name of the training table, the business name,
/// the stream name or the API name, in this order.
/// </summary>
public static class TableColumns
{
    /// <summary>The event's own time, by the names it has in events and in the API, where its column is not there.</summary>
    private static readonly string[] EventTimeNames = ["occurredAt", "occurred_at"];

    /// <summary>The same cells under the column names that the schema asks for; columns it does not know are left out.</summary>
    /// <exception cref="DataFileException">A column that the schema needs is not there.</exception>
    public static RawTable For(TextTable table, FeatureSchema schema)
        => Rename(table, schema.EventTimeColumn, schema.Features.Select(feature => new Wanted(
            feature.ColumnName, feature.Name, feature.Required, [feature.Name, feature.StreamName, feature.ApiName])));

    /// <summary>The same for features that have not been fitted yet: all of their columns are needed.</summary>
    /// <exception cref="DataFileException">A column that the schema names is not there.</exception>
    public static RawTable For(TextTable table, TrainingSchema schema)
        => Rename(table, schema.EventTimeColumn, schema.Features.Select(feature => new Wanted(
            feature.ColumnName, feature.Name, true, [feature.Name, feature.StreamName, feature.ApiName])));

    /// <summary>The first of the names that is a column of the table; null when none is.</summary>
    public static string? Find(RawTable table, params string?[] names)
        => Array.Find(names, name => name is not null && table.HasColumn(name));

    /// <summary>Some rows of a table, in the order given; the table itself, not a copy, when that is all of them.</summary>
    public static RawTable Rows(RawTable table, int[] rows)
        => rows.Length == table.RowCount && rows.SequenceEqual(Enumerable.Range(0, rows.Length)) ? table : Copy(table, rows);

    private static RawTable Copy(RawTable table, int[] rows)
        => new(table.ColumnNames, [.. table.ColumnNames.Select(name => Pick(table.Column(name), rows))]);

    private static RawTable Rename(TextTable table, string? eventTime, IEnumerable<Wanted> features)
    {
        var names = new List<string>();
        var columns = new List<string?[]>();
        foreach (var feature in features)
            Take(feature, $"the feature {feature.Feature}");
        // Where a feature reads the same column, it is there already.
        if (eventTime is not null && !names.Contains(eventTime))
            Take(new Wanted(eventTime, "", true, EventTimeNames), "the time of the event, from which ages are counted");
        return new RawTable(names, columns);

        void Take(Wanted wanted, string what)
        {
            var found = Find(table.Cells, [wanted.Column, .. wanted.OtherNames]);
            if (found is null && wanted.Needed)
                throw new DataFileException(table.Source, $"there is no column '{wanted.Column}' with {what}. The table has the "
                    + "columns " + string.Join(", ", table.Cells.ColumnNames.Select(name => $"'{name}'")),
                    "Add the column, or rename the one that holds it.");
            if (found is null) return;
            names.Add(wanted.Column);
            columns.Add(table.Cells.Column(found));
        }
    }

    private static string?[] Pick(string?[] cells, int[] rows) => Array.ConvertAll(rows, row => cells[row]);

    private readonly record struct Wanted(string Column, string Feature, bool Needed, string[] OtherNames);
}
