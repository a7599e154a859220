using System.Globalization;
using StreamScorer.Parquet;
using StreamScorer.Training.Schemas;

namespace StreamScorer.Training.Preparation;

/// <summary>Writes one Parquet file of a prepared dataset, lead by lead.</summary>
internal sealed class PreparedFileWriter : IDisposable
{
    private readonly ParquetFileWriter _file;
    private readonly TrainingSchema _schema;
    private readonly string _path;

    /// <param name="path">The file's final path; it appears there when <see cref="Complete"/> has been called.</param>
    public PreparedFileWriter(string path, TrainingSchema schema)
    {
        _path = path;
        _schema = schema;
        var options = new ParquetWriterOptions { Metadata = PreparedLayout.Metadata(schema) };
        _file = ParquetFileWriter.Create(path + ".writing", PreparedLayout.Columns(schema), options);
    }

    /// <param name="leadId">1 to 128 characters.</param>
    /// <param name="leadNumber">Rises with time.</param>
    /// <param name="converted">The label.</param>
    /// <param name="cell">The text of a feature, by its position in the schema; null for none.</param>
    public void Add(string leadId, long leadNumber, bool converted, Func<int, string?> cell)
    {
        _file.Column(0).Append(leadId);
        _file.Column(1).Append(leadNumber);
        for (var i = 0; i < _schema.Features.Count; i++) AddCell(_file.Column(i + 2), cell(i));
        _file.Column(_schema.Features.Count + 2).Append(converted ? 1 : 0);
        _file.EndRow();
    }

    public void Complete() => _file.CompleteAs(_path);

    public void Dispose() => _file.Dispose();

    private static void AddCell(ColumnWriter column, string? text)
    {
        if (text is null) column.AppendNull();
        else if (column.Column.Type == ParquetType.Double) column.Append(double.Parse(text, CultureInfo.InvariantCulture));
        else column.Append(text);
    }
}
