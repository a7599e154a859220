using Dapper;
using StreamScorer.App.Audit;
using StreamScorer.IntegrationTests.Audit;
using StreamScorer.IntegrationTests.Operators;
using StreamScorer.Parquet;
using StreamScorer.Sinks;
using StreamScorer.Sinks.Compaction;
using Xunit;

namespace StreamScorer.IntegrationTests.Compaction;

/// <summary>An archive with one closed day of small checkpoint files, and what must stay true of it.</summary>
internal sealed class CompactionScene : IAsyncDisposable
{
    public const string Day = "day=2026-11-01";

    private CompactionScene(AuditScene audit) => Audit = audit;

    public AuditScene Audit { get; }

    public CompactionFolders Folders => new(Audit.Folder.Root, Day);

    public static async Task<CompactionScene> CreateAsync([System.Runtime.CompilerServices.CallerMemberName] string test = "")
    {
        var scene = new CompactionScene(await AuditScene.CreateAsync(test));
        foreach (var checkpoint in scene.Audit.Checkpoints)
            await scene.AgeAsync(checkpoint);
        return scene;
    }

    /// <summary>Moves a published file, and what the manifest says of it, to the closed day.</summary>
    public async Task AgeAsync(StagedCheckpoint checkpoint)
    {
        Directory.CreateDirectory(Folders.Visible);
        File.Move(Audit.PathOf(checkpoint), Path.Combine(Folders.Visible, $"{checkpoint.FileId}.parquet"));
        await NameAsync(checkpoint);
    }

    /// <summary>Lets the manifest say that a file belongs to the closed day.</summary>
    public Task NameAsync(StagedCheckpoint checkpoint) => Audit.ExecuteAsync(
        "update checkpoint_files set final_path = @final where file_id = @FileId", new { final = Folders.FinalPath(checkpoint.FileId), checkpoint.FileId });

    /// <summary>Two more checkpoints' worth of records, worked off into one more file of the closed day.</summary>
    public async Task<StagedCheckpoint> AddLateFileAsync()
    {
        Audit.Publish(0, AuditScene.Offsets, AuditScene.Offsets + 10);
        var late = await Audit.CheckpointAsync((0, AuditScene.Offsets, AuditScene.Offsets + 10));
        await AgeAsync(late);
        return late;
    }

    /// <summary>The files that readers see, small ones or large ones.</summary>
    public string[] VisibleFiles() => [.. Directory.EnumerateFiles(Folders.Visible).Order(StringComparer.Ordinal)];

    /// <summary>Compacts in this process, as the verb does.</summary>
    public async Task<DayResult> CompactAsync(CompactionOptions? options = null)
    {
        var ledger = new CompactionLedger(Audit.DataSource, Audit.Scope.GroupId, Audit.Folder.OpenStorage(), TimeProvider.System);
        await using var turn = await ledger.TryEnterAsync(default);
        return await new DayCompaction(ledger, Audit.Folder.Root, options ?? KeepNothing, TimeProvider.System).RunAsync(Day, turn!, null, default);
    }

    public static CompactionOptions KeepNothing => new() { KeepReplaced = TimeSpan.Zero };

    /// <summary>Compacts in a process of its own, killed at a point.</summary>
    public async Task KillAtAsync(CompactionPoint point)
    {
        var killed = await VerbProcess.RunAsync(
            Audit.Scope, ("STREAMSCORER_FAILPOINT", $"kill:{point}"), ["parquet", "compact", Audit.Folder.Root, "--keep", "0"]);
        Assert.True(killed.ExitCode == 137, $"{point} was not reached: exit code {killed.ExitCode}\n{killed.Errors}");
    }

    /// <summary>Every event is accounted for once, and readers of the visible folder see each row once, in whole files.</summary>
    public async Task RequireWholeAsync(long rows, long events)
    {
        var report = await Audit.AuditAsync(deep: true);
        Assert.True(report.IsClean, string.Join('\n', report.Findings));
        Assert.Equal(events, report.Events);
        var seen = new HashSet<(int, long)>();
        foreach (var file in VisibleFiles())
        {
            FileVerification.Run(file);
            Assert.All(Positions(file), position => Assert.True(seen.Add(position), $"{position} is there twice"));
        }

        Assert.Equal(rows, seen.Count);
    }

    /// <summary>Partition and offset of each row, in file order.</summary>
    public static List<(int Partition, long Offset)> Positions(string file)
    {
        using var reader = ParquetFileReader.Open(file);
        var (partitions, offsets) = (new ColumnValues(), new ColumnValues());
        var positions = new List<(int, long)>();
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            reader.ReadColumn(group, reader.ColumnIndex("kafka_partition"), partitions);
            reader.ReadColumn(group, reader.ColumnIndex("kafka_offset"), offsets);
            for (var row = 0; row < offsets.Count; row++)
                positions.Add((partitions.GetInt32(row), offsets.GetInt64(row)));
        }

        return positions;
    }

    public ValueTask DisposeAsync() => Audit.DisposeAsync();
}
