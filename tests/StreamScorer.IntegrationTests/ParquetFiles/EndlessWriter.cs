using System.Globalization;
using StreamScorer.Parquet;

namespace StreamScorer.IntegrationTests.ParquetFiles;

/// <summary>Writes Parquet files, one after the other, until it is killed.</summary>
internal static class EndlessWriter
{
    private static readonly ParquetSchema Schema = new(
        new ParquetColumn("offset", ParquetType.Int64), new ParquetColumn("lead", ParquetType.String, Nullable: true),
        new ParquetColumn("score", ParquetType.Double));

    public static void Run(string folder, int seed)
    {
        var random = new Random(seed);
        Console.WriteLine("writing");
        for (var file = 0; ; file++)
        {
            var name = Path.Combine(folder, file.ToString(CultureInfo.InvariantCulture));
            var options = new ParquetWriterOptions
            {
                Codec = (CompressionCodec)random.Next(3),
                RowGroupRows = random.Next(500, 5_000),
                PageBytes = 1 << random.Next(10, 16),
            };
            using var writer = ParquetFileWriter.Create(name + ".staging", Schema, options);
            var rows = random.Next(20_000);
            for (var row = 0; row < rows; row++)
            {
                writer.Column(0).Append((long)row);
                writer.Column(1).Append(row % 7 == 0 ? null : $"lead-{random.Next(1_000)}");
                writer.Column(2).Append(random.NextDouble());
                writer.EndRow();
            }

            writer.CompleteAs(name + ".parquet");
        }
    }
}
