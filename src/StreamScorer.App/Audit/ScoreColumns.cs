using StreamScorer.Parquet;

namespace StreamScorer.App.Audit;

/// <summary>The columns of a checkpoint file that the audit reads, one row group at a time; memory is reused.</summary>
internal sealed class ScoreColumns
{
    private static readonly string[] Names =
        ["topic", "kafka_partition", "kafka_offset", "kafka_timestamp", "lead_id", "model_id", "probability", "hot"];

    private readonly ColumnValues[] _columns = [.. Names.Select(_ => new ColumnValues())];
    private ulong[] _leads = [];

    /// <summary>Rows of the row group.</summary>
    public int Count { get; private set; }

    /// <summary>Reads one row group.</summary>
    /// <exception cref="ParquetException">The file lacks a column, or is damaged.</exception>
    public void Read(ParquetFileReader file, int rowGroup)
    {
        Count = file.RowGroupRows(rowGroup);
        for (var i = 0; i < Names.Length; i++)
        {
            var index = file.Schema.IndexOf(Names[i]);
            if (index < 0)
                throw new ParquetException($"There is no column {Names[i]}: this is not a checkpoint file.");
            file.ReadColumn(rowGroup, index, _columns[i]);
        }
    }

    /// <summary>Hashes the lead ids of the rows of one topic, for <see cref="Lead"/>.</summary>
    public void HashLeads(LeadHash hash, ReadOnlySpan<byte> topicUtf8)
    {
        if (_leads.Length < Count)
            _leads = new ulong[Count];
        for (var row = 0; row < Count; row++)
            _leads[row] = Topic(row).SequenceEqual(topicUtf8) ? hash.Of(LeadId(row)) : 0;
    }

    /// <summary>Hash of the lead id; 0 where the row is of another topic. Of rows that <see cref="HashLeads"/> has hashed.</summary>
    public ulong Lead(int row) => _leads[row];

    /// <summary>Source topic, UTF-8.</summary>
    public ReadOnlySpan<byte> Topic(int row) => _columns[0].GetBytes(row);

    /// <summary>Source partition.</summary>
    public int Partition(int row) => _columns[1].GetInt32(row);

    /// <summary>Source offset.</summary>
    public long Offset(int row) => _columns[2].GetInt64(row);

    /// <summary>Broker timestamp in microseconds, <see cref="long.MinValue"/> where there is none.</summary>
    public long TimestampMicros(int row) => _columns[3].IsNull(row) ? long.MinValue : _columns[3].GetInt64(row);

    /// <summary>Lead id, UTF-8.</summary>
    public ReadOnlySpan<byte> LeadId(int row) => _columns[4].GetBytes(row);

    /// <summary>Model id, UTF-8.</summary>
    public ReadOnlySpan<byte> ModelId(int row) => _columns[5].GetBytes(row);

    /// <summary>Calibrated probability.</summary>
    public double Probability(int row) => _columns[6].GetDouble(row);

    /// <summary>The decision.</summary>
    public bool Hot(int row) => _columns[7].GetBoolean(row);
}
