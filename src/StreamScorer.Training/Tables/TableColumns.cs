using StreamScorer.Forests;

namespace StreamScorer.Training.Tables;

/// <summary>
/// Finds the columns of a schema in a table whoever wrote it: by the column name of the training table, the business name,
/// the stream name or the API name, in this order.
/// </summary>
public static class TableColumns
{
    /// <summary>The same cells under the column names that the schema asks for; columns it does not know are left out.</summary>
    /// <remarks>Missing columns stay missing; encoding decides whether that is an error.</remarks>
    public static RawTable For(RawTable table, FeatureSchema schema)
        => Rename(table, schema.Features.Select(
            feature => (feature.ColumnName, Find(table, feature.ColumnName, feature.Name, feature.StreamName, feature.ApiName))));

    /// <summary>The same for features that have not been fitted yet.</summary>
    public static RawTable For(RawTable table, IEnumerable<FeatureSpec> specs)
        => Rename(table, specs.Select(
            feature => (feature.ColumnName, Find(table, feature.ColumnName, feature.Name, feature.StreamName, feature.ApiName))));

    /// <summary>The first of the names that is a column of the table; null when none is.</summary>
    public static string? Find(RawTable table, params string?[] names)
        => Array.Find(names, name => name is not null && table.HasColumn(name));

    /// <summary>Some rows of a table, in the order given; the table itself, not a copy, when that is all of them.</summary>
    public static RawTable Rows(RawTable table, int[] rows)
        => rows.Length == table.RowCount && rows.SequenceEqual(Enumerable.Range(0, rows.Length)) ? table : Copy(table, rows);

    private static RawTable Copy(RawTable table, int[] rows)
        => new(table.ColumnNames, [.. table.ColumnNames.Select(name => Pick(table.Column(name), rows))]);

    private static RawTable Rename(RawTable table, IEnumerable<(string Wanted, string? Found)> columns)
    {
        var present = columns.Where(column => column.Found is not null).ToArray();
        return new RawTable([.. present.Select(column => column.Wanted)],
            [.. present.Select(column => table.Column(column.Found!))]);
    }

    private static string?[] Pick(string?[] cells, int[] rows) => Array.ConvertAll(rows, row => cells[row]);
}
