using StreamScorer.Parquet;
using StreamScorer.Sinks;
using Xunit;

namespace StreamScorer.Tests.Sinks;

public sealed class ScoreFileTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly SteppingClock _clock = new();
    private readonly CheckpointFolder _folder;

    public ScoreFileTests() => _folder = new CheckpointFolder(_temporary["scores"]);

    public void Dispose() => _temporary.Dispose();

    // Mutation: a part is left out, or written twice.
    [Fact]
    public void Parts_follow_each_other_in_one_file()
    {
        using var file = ScoreFile.Create(_folder, _clock);
        file.Append(Rows(0, 3000));
        file.Append(Rows(3000, 10));
        Assert.Equal(3010, file.RowCount);
        Assert.Empty(Published());

        var path = file.Publish();

        using var reader = ParquetFileReader.Open(_folder.FullPath(path));
        Assert.Equal("1", reader.Metadata["streamscorer.format"]);
        var offsets = new ColumnValues();
        reader.ReadColumn(0, reader.Schema.IndexOf("kafka_offset"), offsets);
        Assert.Equal(Enumerable.Range(0, 3010).Select(offset => (long)offset), Enumerable.Range(0, offsets.Count).Select(offsets.GetInt64));
    }

    // Mutation: the second call writes the file anew.
    [Fact]
    public void A_file_that_could_not_get_its_name_gets_it_later()
    {
        using var file = ScoreFile.Create(_folder, _clock);
        file.Append(Rows(0, 5));
        var scores = _folder.FullPath("scores");
        Directory.Delete(scores);
        File.WriteAllText(scores, "in the way");
        Assert.ThrowsAny<IOException>(() => file.Publish());
        Assert.True(file.IsComplete);

        File.Delete(scores);
        file.Publish();
        file.Publish();

        using var reader = ParquetFileReader.Open(Assert.Single(Published()));
        Assert.Equal(5, reader.RowCount);
        Assert.Empty(Directory.EnumerateFiles(_folder.FullPath("staging")));
    }

    // Mutation: what is not published stays behind.
    [Fact]
    public void A_file_that_is_let_go_leaves_nothing()
    {
        using (var file = ScoreFile.Create(_folder, _clock))
            file.Append(Rows(0, 5));
        Assert.Empty(Directory.EnumerateFiles(_folder.FullPath("staging")));
        Assert.Empty(Published());
    }

    // Mutation: the age is not looked at.
    [Fact]
    public void What_a_killed_process_left_behind_is_deleted_and_what_is_under_way_is_not()
    {
        using var underWay = ScoreFile.Create(_folder, _clock);
        var left = _folder.FullPath(CheckpointFolder.StagedPath(Guid.NewGuid()));
        File.WriteAllText(left, "part of a file");
        File.SetLastWriteTimeUtc(left, _clock.GetUtcNow().UtcDateTime - ScoreFile.LeftBehindAfter - TimeSpan.FromMinutes(1));
        foreach (var young in Directory.EnumerateFiles(_folder.FullPath("staging")).Where(path => path != left).ToList())
            File.SetLastWriteTimeUtc(young, _clock.GetUtcNow().UtcDateTime);

        Assert.Equal(1, ScoreFile.DeleteLeftBehind(_folder, _clock));

        Assert.False(File.Exists(left));
        underWay.Append(Rows(0, 5));
        Assert.True(File.Exists(_folder.FullPath(underWay.Publish())));
    }

    private static ScoreRows Rows(long start, int count)
    {
        var rows = new ScoreRows();
        rows.BeginBatch("m", "id", 0);
        var slot = rows.PartitionSlot("http", 0);
        for (var i = 0; i < count; i++)
            rows.Append(slot, new ScoredEvent { Offset = start + i, Tier = 'E' }, "x"u8, default, default);
        return rows;
    }

    private IEnumerable<string> Published() => Directory.EnumerateFiles(_folder.Root, "*.parquet", SearchOption.AllDirectories);
}
