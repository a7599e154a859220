using System.Text;
using StreamScorer.Parquet;
using StreamScorer.Sinks;

namespace StreamScorer.Benchmarks.Parquet;

/// <summary>Rows as checkpoints hold them, made from a seed and kept in memory, so that only the writer is measured: 100,000 leads, a
/// quarter of them hot with reasons, offsets and times that rise.</summary>
internal sealed class ScoreTable
{
    private const int Leads = 100_000;
    private const int Partitions = 8;
    private const long FirstTime = 1_763_700_000_000_000;

    private readonly byte[][] _leadIds = new byte[Leads][];
    private readonly byte[][] _reasons = new byte[500][];
    private readonly int[] _lead;
    private readonly double[] _raw;
    private readonly double[] _probability;

    public ScoreTable(int rows, int seed)
    {
        var random = new Random(seed);
        Span<byte> id = stackalloc byte[16];
        for (int i = 0; i < Leads; i++)
        {
            random.NextBytes(id);
            _leadIds[i] = Encoding.ASCII.GetBytes(new Guid(id).ToString());
        }
        for (int i = 0; i < _reasons.Length; i++)
            _reasons[i] = Encoding.ASCII.GetBytes(FormattableString.Invariant(
                $"[{{\"feature\":\"leadStatusTag\",\"contribution\":{random.NextDouble():F3}}},{{\"feature\":\"totalBrowsingTime\",\"contribution\":{random.NextDouble():F3}}}]"));
        _lead = new int[rows];
        _raw = new double[rows];
        _probability = new double[rows];
        for (int i = 0; i < rows; i++)
        {
            _lead[i] = random.Next(Leads);
            // A forest has finitely many leaves, but sums of a hundred of them hardly ever meet again.
            _raw[i] = random.NextDouble();
            _probability[i] = 1 / (1 + Math.Exp(2 - (6 * _raw[i])));
        }
        Rows = rows;
    }

    /// <summary>The fifteen columns: those of a checkpoint but for the event's id, which few producers send.</summary>
    public static ParquetSchema Schema { get; } = new([.. ScoreRowSchema.Schema.Columns.Where(column => column.Name != "event_id")]);

    public int Rows { get; }

    /// <summary>Appends rows in runs, column by column, as checkpoints do.</summary>
    public void WriteTo(ParquetFileWriter writer)
    {
        ReadOnlySpan<byte> model = "3f1c0a9b7d5e4f2a8c6b1d0e9f7a5c3b2d4e6f8091a2b3c4d5e6f708192a3b4c"u8;
        const int run = 2_048;
        for (int from = 0; from < Rows; from += run)
        {
            int to = Math.Min(Rows, from + run);
            WriteIdentity(writer, from, to);
            for (int i = from; i < to; i++)
                writer.Column(6).Append("lead-scoring"u8);
            for (int i = from; i < to; i++)
                writer.Column(7).Append(model);
            writer.Column(8).AppendRange(_raw.AsSpan(from, to - from));
            writer.Column(9).AppendRange(_probability.AsSpan(from, to - from));
            WriteDecision(writer, from, to);
            writer.EndRows(to - from);
        }
    }

    private void WriteIdentity(ParquetFileWriter writer, int from, int to)
    {
        for (int i = from; i < to; i++)
            writer.Column(0).Append("user-events"u8);
        int perPartition = (Rows / Partitions) + 1;
        for (int i = from; i < to; i++)
            writer.Column(1).Append(i / perPartition);
        for (int i = from; i < to; i++)
            writer.Column(2).Append(1_000_000L + (i % perPartition));
        for (int i = from; i < to; i++)
            writer.Column(3).Append(FirstTime + (i * 997L / 1_000 * 1_000));
        for (int i = from; i < to; i++)
            writer.Column(4).Append(_leadIds[_lead[i]]);
        for (int i = from; i < to; i++)
            writer.Column(5).Append(FirstTime + (i * 1_009L / 1_000 * 1_000) - 5_000_000);
    }

    private void WriteDecision(ParquetFileWriter writer, int from, int to)
    {
        ReadOnlySpan<byte> tiers = "EDCBA"u8;
        for (int i = from; i < to; i++)
            writer.Column(10).Append(BucketOf(i));
        for (int i = from; i < to; i++)
            writer.Column(11).Append(tiers.Slice(BucketOf(i) - 1, 1));
        for (int i = from; i < to; i++)
            writer.Column(12).Append(_probability[i] > 0.7);
        for (int i = from; i < to; i++)
        {
            if (_probability[i] > 0.7)
                writer.Column(13).Append(_reasons[_lead[i] % _reasons.Length]);
            else
                writer.Column(13).AppendNull();
        }
        for (int i = from; i < to; i++)
            writer.Column(14).Append(FirstTime + (i / 500 * 1_000_000L / 200));
    }

    private int BucketOf(int row) => Math.Min(5, 1 + (int)(_probability[row] * 5));
}
