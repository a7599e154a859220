using System.Security.Cryptography;
using System.Text;
using StreamScorer.Forests;
using StreamScorer.Training.Preparation;
using StreamScorer.Training.Schemas;
using StreamScorer.Training.Tables;

namespace StreamScorer.Training.Learning;

/// <summary>A table ready to learn from: its labelled rows, what its columns mean, which rows belong together.</summary>
internal sealed class LabelledTable
{
    private readonly RawTable _cells;

    private readonly RowPlaces _places;
    private readonly int[] _rows;

    private LabelledTable(RowPlaces places, TrainingSchema schema, RawTable cells, LabelColumn labels, int tableRows)
    {
        _places = places;
        Schema = schema;
        _cells = cells;
        _rows = labels.Rows;
        Labels = labels.Labels;
        UnlabelledRows = labels.UnlabelledRows;
        TableRows = tableRows;
    }

    public string Source => _places.Source;

    public TrainingSchema Schema { get; }

    /// <summary>One per labelled row.</summary>
    public bool[] Labels { get; }

    public int UnlabelledRows { get; }

    /// <summary>Rows of the file, labelled or not.</summary>
    public int TableRows { get; }

    /// <summary>Id of each labelled row; null when the table has none.</summary>
    public string?[]? Ids { get; private init; }

    /// <summary>The column that rises with time, or else that of the event's time; null when the table has neither.</summary>
    public string? OrderColumn { get; private init; }

    /// <summary>Cells of <see cref="OrderColumn"/>.</summary>
    public string?[]? Order { get; private init; }

    /// <exception cref="DataFileException">The table cannot be read or learned from.</exception>
    public static LabelledTable Read(
        TrainingRequest request, IProgress<StageProgress>? progress, CancellationToken cancellation)
    {
        var reading = StageReporter.For(progress, "Reading " + Path.GetFileName(request.Data));
        var table = TextTable.Read(request.Data, reading, cancellation);
        var schema = SchemaChoice.For(table, request);
        var labels = LabelColumn.Read(table, schema.LabelColumn, schema.PositiveValue.Length == 0 ? null : schema.PositiveValue);
        schema = schema with { PositiveValue = labels.PositiveValue };
        var features = TableColumns.Rows(TableColumns.For(table, schema), labels.Rows);
        var order = TableColumns.Find(table.Cells, schema.OrderColumn, PreparedLayout.LeadNumberColumn, schema.EventTimeColumn);
        return new LabelledTable(table.Places, schema, features, labels, table.Cells.RowCount)
        {
            Ids = Cells(TableColumns.Find(table.Cells, schema.IdColumn, PreparedLayout.LeadIdColumn)),
            OrderColumn = order,
            Order = Cells(order),
        };

        string?[]? Cells(string? column)
            => column is null ? null : Array.ConvertAll(labels.Rows, row => table.Cells.Column(column)[row]);
    }

    /// <summary>SHA-256 over all cells and labels, in hexadecimal.</summary>
    public string ContentHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in _cells.ColumnNames)
        {
            foreach (var cell in _cells.Column(name))
            {
                // The separator and the mark for null cannot occur in UTF-8, so no two tables give the same bytes.
                if (cell is null) hash.AppendData([0xFE]);
                else hash.AppendData(Encoding.UTF8.GetBytes(cell));
                hash.AppendData([0xFF]);
            }
        }

        hash.AppendData(Array.ConvertAll(Labels, label => (byte)(label ? 1 : 0)));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>An error about one cell of a labelled row.</summary>
    public DataFileException Fault(int row, string columnName, string problem, string remedy)
        => _places.Fault(_rows[row], columnName, problem, remedy);

    /// <summary>80 % of the rows to train on, 20 % to measure on.</summary>
    public RowSplit Split(SplitKind kind, long seed)
        => kind == SplitKind.Time ? RowSplit.ByTime(this) : RowSplit.Random(RowGroups.Of(Ids, Labels.Length), seed);

    /// <summary>Fits the schema on the training rows alone and encodes both sides by it.</summary>
    /// <param name="training">Positions of rows, both outcomes among them.</param>
    /// <param name="held">Positions of other rows, both outcomes among them.</param>
    /// <exception cref="DataFileException">One side has only one outcome.</exception>
    public (LearningRows Training, LearningRows Held) Encode(int[] training, int[] held)
    {
        var trainingCells = TableColumns.Rows(_cells, training);
        var options = new SchemaFitOptions { EventTimeColumn = Schema.EventTimeColumn };
        var fitted = Located(training, () => FeatureSchema.Fit(Schema.Name, Schema.Features, trainingCells, options));
        return (Checked(trainingCells, training), Checked(TableColumns.Rows(_cells, held), held));

        LearningRows Checked(RawTable cells, int[] rows)
        {
            var labels = Array.ConvertAll(rows, row => Labels[row]);
            if (!labels.Contains(true) || !labels.Contains(false))
                throw new DataFileException(Source, "there are too few rows: one part of the split has only one outcome",
                    "Give more rows of the rarer outcome.");
            return new LearningRows(fitted, Located(rows, () => fitted.Encode(cells)), labels);
        }

        T Located<T>(int[] rows, Func<T> encode) => _places.Locate(Array.ConvertAll(rows, row => _rows[row]), encode);
    }
}
