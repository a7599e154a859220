using StreamScorer.Parquet;
using StreamScorer.Training.Schemas;
using StreamScorer.Training.Tables;

namespace StreamScorer.Training.Preparation;

/// <summary>One file of a <see cref="PreparedDataset"/>.</summary>
public sealed class PreparedFile
{
    private readonly TrainingSchema _schema;

    internal PreparedFile(string path, long rowCount, TrainingSchema schema)
    {
        Path = path;
        RowCount = rowCount;
        _schema = schema;
    }

    public string Path { get; }

    public long RowCount { get; }

    /// <summary>Reads the file, one row group in memory at a time, in file order.</summary>
    /// <exception cref="DataFileException">The file is damaged.</exception>
    public IEnumerable<PreparedLead> ReadLeads()
    {
        using var reader = ParquetFiles.Open(Path);
        for (var group = 0; group < reader.RowGroupCount; group++)
            foreach (var lead in ReadGroup(reader, group))
                yield return lead;
    }

    private PreparedLead[] ReadGroup(ParquetFileReader reader, int group)
    {
        var leads = new PreparedLead[reader.RowGroupRows(group)];
        var values = new ColumnValues();
        Read(reader, group, PreparedLayout.LeadIdColumn, values);
        for (var row = 0; row < leads.Length; row++)
            leads[row] = new PreparedLead(_schema, values.GetString(row) ?? "");
        Read(reader, group, PreparedLayout.LeadNumberColumn, values);
        for (var row = 0; row < leads.Length; row++) leads[row].LeadNumber = values.GetInt64(row);
        Read(reader, group, _schema.LabelColumn, values);
        for (var row = 0; row < leads.Length; row++) leads[row].Converted = values.GetInt32(row) == 1;
        for (var feature = 0; feature < _schema.Features.Count; feature++)
        {
            Read(reader, group, _schema.Features[feature].Name, values);
            for (var row = 0; row < leads.Length; row++)
            {
                if (values.IsNull(row)) continue;
                if (values.Type == ParquetType.Double) leads[row].SetNumber(feature, values.GetDouble(row));
                else leads[row].SetText(feature, values.GetString(row)!);
            }
        }

        return leads;
    }

    private void Read(ParquetFileReader reader, int group, string column, ColumnValues into)
    {
        try
        {
            reader.ReadColumn(group, reader.Schema.IndexOf(column), into);
        }
        catch (ParquetException error)
        {
            throw ParquetFiles.Damaged(Path, error);
        }
    }
}
