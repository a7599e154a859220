using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using StreamScorer.Parquet;
using StreamScorer.Tests;
using StreamScorer.Tests.Parquet.Peers;

namespace StreamScorer.Benchmarks.Parquet;

/// <summary><c>bench parquet</c>: writing and reading score rows on one thread, codec by codec, beside DuckDB with the same rows in the
/// same run. Medians.</summary>
internal static class ParquetBenchmark
{
    private static readonly CompressionCodec[] Codecs =
        [CompressionCodec.Snappy, CompressionCodec.Zstd, CompressionCodec.Gzip, CompressionCodec.Uncompressed];

    public static Task<int> RunAsync(string[] args)
    {
        var rows = new Option<int>("--rows") { Description = "Rows of the file.", DefaultValueFactory = _ => 1_000_000 };
        var runs = new Option<int>("--runs") { Description = "Runs, of which the median counts.", DefaultValueFactory = _ => 5 };
        var command = new RootCommand("Write and read score rows, beside DuckDB.") { rows, runs };
        command.SetAction(parsed => Run(parsed.GetValue(rows), parsed.GetValue(runs)));
        return BenchmarkCommand.RunAsync(command, args);
    }

    private static int Run(int rows, int runs)
    {
        using var folder = new TemporaryFolder();
        var table = new ScoreTable(rows, seed: 42);
        if (ParquetPeers.Missing is { } missing)
            Console.Error.WriteLine($"Without DuckDB: the comparison {missing}.");
        Console.WriteLine(
            $"{rows:N0} rows, {ScoreTable.Schema.Columns.Count} columns, one thread, median of {runs}\n"
            + "codec         write M rows/s  read M rows/s  B allocated/row    bytes/row   DuckDB: write   read   our size / theirs");
        foreach (CompressionCodec codec in Codecs)
        {
            string path = folder[$"{codec}.parquet"];
            Figures ours = Measure(table, codec, path, folder, runs);
            FileVerification.Run(path);
            string line = string.Create(
                CultureInfo.InvariantCulture,
                $"{codec,-13} {ours.WriteRate / 1e6,14:F2} {ours.ReadRate / 1e6,14:F2} {ours.AllocatedPerRow,16:F1} {(double)ours.Bytes / rows,12:F1}");
            Console.WriteLine(line + (ParquetPeers.Missing is null ? Beside(codec, path, folder, rows, runs, ours) : ""));
        }
        return 0;
    }

    private static Figures Measure(ScoreTable table, CompressionCodec codec, string path, TemporaryFolder folder, int runs)
    {
        var write = new double[runs];
        var read = new double[runs];
        long allocated = long.MaxValue;
        // One more run, first, that warms up and does not count.
        for (int run = -1; run < runs; run++)
        {
            File.Delete(path);
            long before = GC.GetAllocatedBytesForCurrentThread();
            double written = Seconds(() => Write(table, codec, path, folder));
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
            double taken = Seconds(() => Read(path));
            if (run >= 0)
                (write[run], read[run]) = (written, taken);
        }
        return new Figures(
            table.Rows / Median(write), table.Rows / Median(read), (double)allocated / table.Rows, new FileInfo(path).Length);
    }

    private static void Write(ScoreTable table, CompressionCodec codec, string path, TemporaryFolder folder)
    {
        using ParquetFileWriter writer = ParquetFileWriter.Create(
            folder["x.staging"], ScoreTable.Schema, new ParquetWriterOptions { Codec = codec });
        table.WriteTo(writer);
        writer.CompleteAs(path);
    }

    private static void Read(string path)
    {
        using ParquetFileReader reader = ParquetFileReader.Open(path);
        var values = new ColumnValues();
        for (int group = 0; group < reader.RowGroupCount; group++)
        {
            for (int column = 0; column < reader.Schema.Columns.Count; column++)
                reader.ReadColumn(group, column, values);
        }
    }

    private static string Beside(CompressionCodec codec, string path, TemporaryFolder folder, int rows, int runs, Figures ours)
    {
        JsonElement theirs = ParquetPeers.Run(
            "bench", path, codec.ToString(), folder.Path, runs.ToString(CultureInfo.InvariantCulture))[0];
        double write = rows / Median([.. theirs.GetProperty("written").EnumerateArray().Select(seconds => seconds.GetDouble())]);
        double read = rows / Median([.. theirs.GetProperty("read").EnumerateArray().Select(seconds => seconds.GetDouble())]);
        return string.Create(
            CultureInfo.InvariantCulture,
            $" {write / 1e6,15:F2} {read / 1e6,6:F2} {(double)ours.Bytes / theirs.GetProperty("bytes").GetInt64(),19:F3}");
    }

    private static double Seconds(Action work)
    {
        GC.Collect();
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private sealed record Figures(double WriteRate, double ReadRate, double AllocatedPerRow, long Bytes);
}
