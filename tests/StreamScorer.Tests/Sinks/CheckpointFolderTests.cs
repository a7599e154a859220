using StreamScorer.Sinks;
using Xunit;

namespace StreamScorer.Tests.Sinks;

public sealed class CheckpointFolderTests : IDisposable
{
    private static readonly DateTimeOffset Late = new(2026, 3, 1, 1, 30, 0, TimeSpan.FromHours(2));

    private readonly TemporaryFolder _temporary = new();
    private readonly CheckpointFolder _folder;

    public CheckpointFolderTests() => _folder = new CheckpointFolder(_temporary["archive"]);

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void The_storage_id_is_written_once_and_read_ever_after()
    {
        var storageId = _folder.OpenStorage();
        Assert.NotEqual(Guid.Empty, storageId);
        Assert.Equal(storageId, _folder.OpenStorage());
        Assert.Equal(storageId, new CheckpointFolder(_folder.Root).OpenStorage());
    }

    // Mutation: the id written without put-if-absent. Two workers would register under two ids.
    [Fact]
    public async Task Workers_that_start_together_agree_on_the_storage_id()
    {
        for (int round = 0; round < 20; round++)
        {
            string root = _temporary[$"root-{round}"];
            var workers = Enumerable.Range(0, 8).Select(_ => Task.Run(() => new CheckpointFolder(root).OpenStorage()));
            var ids = await Task.WhenAll(workers);
            Assert.Single(ids.Distinct());
            Assert.Single(Directory.GetFiles(root));
        }
    }

    [Fact]
    public void A_storage_id_that_is_none_is_named_with_the_remedy()
    {
        _folder.OpenStorage();
        File.WriteAllText(Path.Combine(_folder.Root, "storage_id"), "not an id");
        var fault = Assert.Throws<InvalidDataException>(() => _folder.OpenStorage());
        Assert.Contains(Path.Combine(_folder.Root, "storage_id"), fault.Message, StringComparison.Ordinal);
        Assert.Contains("archive_roots", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Paths_are_as_documented()
    {
        var fileId = Guid.Parse("0197a5b0-0000-7000-8000-000000000001");
        Assert.Equal("staging/0197a5b0-0000-7000-8000-000000000001", CheckpointFolder.StagedPath(fileId));
        Assert.Equal(
            "scores/day=2026-02-28/0197a5b0-0000-7000-8000-000000000001.parquet", CheckpointFolder.FinalPath(fileId, Late));
    }

    [Fact]
    public void Publish_renames_and_drops_the_sidecar()
    {
        var (staged, final) = Stage();
        _folder.Publish(staged, final);
        Assert.Equal("rows", File.ReadAllText(_folder.FullPath(final)));
        Assert.Empty(Directory.GetFiles(_folder.FullPath("staging")));
    }

    [Fact]
    public void Publish_of_what_is_published_already_is_fine()
    {
        var (staged, final) = Stage();
        _folder.Publish(staged, final);
        _folder.Publish(staged, final);
        new CheckpointFolder(_folder.Root).Publish(staged, final);
        Assert.Equal("rows", File.ReadAllText(_folder.FullPath(final)));
    }

    [Fact]
    public async Task Many_may_publish_the_same_file_at_once()
    {
        for (int round = 0; round < 50; round++)
        {
            var (staged, final) = Stage();
            var workers = Enumerable.Range(0, 4).Select(_ => new CheckpointFolder(_folder.Root));
            await Task.WhenAll(workers.Select(worker => Task.Run(() => worker.Publish(staged, final))));
            Assert.True(File.Exists(_folder.FullPath(final)));
        }
    }

    // Mutation: a missing file taken for a published one. Its rows would be lost without a word.
    [Fact]
    public void Publish_of_a_file_under_neither_name_is_an_error_that_does_not_pass()
    {
        var (staged, final) = Stage();
        File.Delete(_folder.FullPath(staged));
        var fault = Assert.Throws<FileNotFoundException>(() => _folder.Publish(staged, final));
        Assert.Contains(final, fault.Message, StringComparison.Ordinal);
        Assert.False(SinkErrors.IsTransient(fault));
    }

    [Fact]
    public void Staged_files_are_listed_with_their_epochs()
    {
        _folder.OpenStorage();
        var fileId = Guid.NewGuid();
        PartitionRange[] ranges = [new PartitionRange("t", 3, 7, 10, 20, 9), new PartitionRange("t", 4, 2, 0, 1, 1)];
        _folder.WriteSidecar(new StagingSidecar(fileId, "g", ranges));
        File.WriteAllText(_folder.FullPath("staging/notes.json"), "{}");
        File.WriteAllText(_folder.FullPath($"staging/{Guid.NewGuid()}.json"), "{\"fileId\":\"");
        string empty = $$"""{"fileId":"{{fileId}}","groupId":"g","ranges":[]}""";
        File.WriteAllText(_folder.FullPath($"staging/{Guid.NewGuid()}.json"), empty);
        var file = Assert.Single(_folder.StagedFiles());
        Assert.Equal((fileId, "g"), (file.FileId, file.GroupId));
        Assert.Equal([new PartitionEpoch("t", 3, 7), new PartitionEpoch("t", 4, 2)], file.Partitions);
    }

    private (string Staged, string Final) Stage()
    {
        _folder.OpenStorage();
        var fileId = Guid.NewGuid();
        string staged = CheckpointFolder.StagedPath(fileId);
        _folder.WriteSidecar(new StagingSidecar(fileId, "g", [new PartitionRange("t", 0, 1, 0, 1, 1)]));
        File.WriteAllText(_folder.FullPath(staged), "rows");
        return (staged, CheckpointFolder.FinalPath(fileId, Late));
    }
}
