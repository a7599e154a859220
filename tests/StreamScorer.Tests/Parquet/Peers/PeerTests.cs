using System.Text.Json;
using StreamScorer.Parquet;
using Xunit;

namespace StreamScorer.Tests.Parquet.Peers;

/// <summary>Readers that share no code with ours read our files equal; files of other writers are read equal by us.</summary>
public sealed class PeerTests : IDisposable
{
    private const int RandomFiles = 20;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Peers => ["duckdb", "hyparquet", "wasm"];

    public void Dispose() => _folder.Dispose();

    [RequiresPeersTheory]
    [MemberData(nameof(Peers))]
    public void Our_files_are_read_equal_by(string peer)
    {
        int[] edges = [0, 1, 7, 8, 9, 19_999, 20_000, 20_001];
        var files = new List<string>();
        for (int seed = 1; seed <= RandomFiles; seed++)
        {
            var random = new Random(seed);
            int rows = seed <= edges.Length ? edges[seed - 1] : random.Next(3_000);
            files.Add(Write($"ours-{seed}", RandomTable.Make(random, rows, random.Next(1, 9), forPeers: true), random));
        }

        AssertEqualTo(peer, files, ParquetPeers.Run(["read", peer, .. files]));
    }

    [RequiresPeersFact]
    public void A_million_of_our_rows_are_read_equal_by_all_of_them()
    {
        var schema = new ParquetSchema(
            new ParquetColumn("n", ParquetType.Int64), new ParquetColumn("lead", ParquetType.String, Nullable: true));
        string path = _folder["million.parquet"];
        using (ParquetFileWriter writer = ParquetFileWriter.Create(_folder["x.staging"], schema))
        {
            for (int i = 0; i < 1_000_000; i++)
            {
                writer.Column(0).Append((long)i);
                writer.Column(1).Append(i % 10 == 3 ? null : $"lead-{i % 70_000}");
                writer.EndRow();
            }
            writer.CompleteAs(path);
        }

        using ParquetFileReader reader = ParquetFileReader.Open(path);
        IReadOnlyDictionary<string, string> ours = ColumnDigest.Of(reader);
        foreach (string peer in (string[])["duckdb", "hyparquet", "wasm"])
            Assert.Equal(ours, ParquetPeers.Digests(ParquetPeers.Run("read", peer, path)[0]));
    }

    [RequiresPeersTheory]
    [MemberData(nameof(Peers))]
    public void We_read_equal_what_is_written_by(string peer)
    {
        IReadOnlyList<JsonElement> written = ParquetPeers.Run("write", peer, _folder.Path);
        List<string> files = [.. written.Select(line => line.GetProperty("file").GetString()!)];

        Assert.True(files.Count >= 3);
        AssertEqualTo(peer, files, written);
        // What others say about their pages and bounds holds too.
        foreach (string file in files)
            FileVerification.Run(file);
    }

    [RequiresPeersFact]
    public void DuckDB_finds_statistics_on_every_column_and_skips_row_groups_by_them()
    {
        string path = _folder["sorted.parquet"];
        var schema = new ParquetSchema(new ParquetColumn("n", ParquetType.Int64), new ParquetColumn("name", ParquetType.String));
        using (ParquetFileWriter writer = ParquetFileWriter.Create(_folder["x.staging"], schema, new ParquetWriterOptions { RowGroupRows = 1_000 }))
        {
            for (int i = 0; i < 5_000; i++)
            {
                writer.Column(0).Append((long)i);
                writer.Column(1).Append($"name {i:0000}");
                writer.EndRow();
            }
            writer.CompleteAs(path);
        }
        IReadOnlyList<JsonElement> metadata = ParquetPeers.Run(
            "sql", $"SELECT stats_min_value IS NOT NULL AND stats_max_value IS NOT NULL AND stats_null_count = 0 AS known FROM parquet_metadata('{path}')");
        Assert.Equal(10, metadata.Count);
        Assert.All(metadata, chunk => Assert.True(chunk.GetProperty("known").GetBoolean()));

        // Every row group but the fourth is spoilt: who reads another one fails.
        using (ParquetFileReader reader = ParquetFileReader.Open(path))
        {
            byte[] bytes = File.ReadAllBytes(path);
            foreach (int group in (int[])[0, 1, 2, 4])
            {
                for (int column = 0; column < 2; column++)
                {
                    ColumnChunkInfo chunk = reader.ColumnChunk(group, column);
                    bytes.AsSpan((int)chunk.Offset, (int)chunk.CompressedBytes).Fill(0xFF);
                }
            }
            File.WriteAllBytes(path, bytes);
        }
        JsonElement found = Assert.Single(ParquetPeers.Run("sql", $"SELECT name FROM '{path}' WHERE n = 3456"));
        Assert.Equal("name 3456", found.GetProperty("name").GetString());
        found = Assert.Single(ParquetPeers.Run("sql", $"SELECT n FROM '{path}' WHERE name = 'name 3456'"));
        Assert.Equal("3456", found.GetProperty("n").ToString());
        Assert.Throws<InvalidOperationException>(() => ParquetPeers.Run("sql", $"SELECT sum(n) AS s FROM '{path}'"));
    }

    private static void AssertEqualTo(string peer, List<string> files, IReadOnlyList<JsonElement> lines)
    {
        Assert.Equal(files.Count, lines.Count);
        for (int i = 0; i < files.Count; i++)
        {
            using ParquetFileReader reader = ParquetFileReader.Open(files[i]);
            IReadOnlyDictionary<string, string> theirs = ParquetPeers.Digests(lines[i]);
            IReadOnlyDictionary<string, string> ours = ColumnDigest.Of(reader);
            Assert.Equal(theirs.Keys.Order(StringComparer.Ordinal), ours.Keys.Order(StringComparer.Ordinal));
            foreach ((string column, string digest) in ours)
                Assert.True(digest == theirs[column], $"{Path.GetFileName(files[i])}, column '{column}': {peer} has other values than we read");
        }
    }

    private string Write(string name, RandomTable table, Random random)
    {
        var options = new ParquetWriterOptions
        {
            Codec = (CompressionCodec)random.Next(4),
            RowGroupRows = random.Next(3) == 0 ? random.Next(100, 2_000) : 131_072,
            PageBytes = random.Next(2) == 0 ? 1 << random.Next(10, 18) : 1 << 20,
            DictionaryBytes = random.Next(3) switch { 0 => 0, 1 => 2_000, _ => 1 << 20 },
        };
        using (ParquetFileWriter writer = ParquetFileWriter.Create(_folder["table.staging"], table.Schema, options))
        {
            table.Write(writer, random);
            writer.CompleteAs(_folder[name + ".parquet"]);
        }
        using ParquetFileReader reader = ParquetFileReader.Open(_folder[name + ".parquet"]);
        table.AssertEqual(reader);
        return _folder[name + ".parquet"];
    }
}
