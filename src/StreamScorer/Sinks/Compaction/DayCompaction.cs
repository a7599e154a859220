using StreamScorer.Parquet;

namespace StreamScorer.Sinks.Compaction;

/// <summary>How a compaction works.</summary>
public sealed record CompactionOptions
{
    /// <summary>A large file is closed before the range that would bring it above this many rows. Default 10,000,000.</summary>
    public long MaxRows { get; init; } = 10_000_000;

    /// <summary>A day is closed this long after its end: no worker that still holds a file of it should be alive. Default 1 h.</summary>
    public TimeSpan ClosedFor { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long the small files stay in the folder beside, for readers that have them open and audits that began before.
    /// Default 1 h.</summary>
    public TimeSpan KeepReplaced { get; init; } = TimeSpan.FromHours(1);
}

/// <summary>What became of one day.</summary>
/// <param name="Day">The day's folder name.</param>
/// <param name="Outcome">In words: <c>compacted</c>, or why not.</param>
/// <param name="Inputs">Files before.</param>
/// <param name="Outputs">Files after.</param>
/// <param name="Rows">Rows of them.</param>
public sealed record DayResult(string Day, string Outcome, int Inputs = 0, int Outputs = 0, long Rows = 0)
{
    /// <summary>Whether the day's files were rewritten.</summary>
    public bool IsCompacted => Outputs > 0;
}

/// <summary>
/// Rewrites the small checkpoint files of a closed day into large ones, sorted by topic, partition and offset, beside
/// running workers. The steps, each durable before the next; a crash between two is finished or taken back by the next
/// run, which finds out from the journal and the folders where the last one stopped:
/// <list type="number">
/// <item>Write the large files to <c>compaction/day=…</c>, beside <c>scores</c>, where no reader looks; decode and check
/// them. A crash leaves a folder without a journal: deleted.</item>
/// <item>Journal: <c>compaction/day=….json</c> says which ranges go to which file. Not exchanged yet: taken back.</item>
/// <item>In one transaction, under a lock that lets no checkpoint be registered or marked published: check that the day
/// holds what was planned and no file that is registered and not published; exchange the two folders (one step for
/// readers: a path leads to the small files or to the large ones); enter the large files and move the ranges to them. A
/// crash after the exchange and before the commit leaves the manifest naming the small files: the audit finds them in the
/// folder beside, and the large ones in the journal; the next run tells the manifest.</item>
/// <item>Close the journal. The small files stay in the folder beside for a time: an audit whose snapshot is older still
/// reads them there. Then they are deleted.</item>
/// </list>
/// <para>Why workers do no harm: a file comes to a day's folder by the rename of its publication, and only a registered,
/// unpublished file is renamed. Step 3 sees that there is none, and none can come while it holds the lock; what is
/// registered after it is renamed into the large files' folder, which has the same path. Settlers look at unpublished
/// files only, sweepers at staged ones. The small files' rows of <c>checkpoint_files</c> stay, without paths, so that a worker
/// that asks about an old registration is told "already". One thing is left to <see cref="CompactionOptions.ClosedFor"/>: a worker
/// that slept between registration and its own rename, while another published the file for it, finds the file under
/// neither name afterwards and stops loudly; nothing is lost.</para>
/// <para>Why the audit does not change: ranges keep their offsets, epochs and row counts, and rows their bits. A range is
/// never split, and two incarnations of an offset never share a file.</para>
/// <para>Readers that have listed the folder and open a small file after the exchange get "no such file" and list anew;
/// those that have it open read on.</para>
/// </summary>
public sealed class DayCompaction(CompactionLedger ledger, string root, CompactionOptions options, TimeProvider clock)
{
    /// <summary>Compacts one day, after finishing or taking back what an earlier run of it left.</summary>
    /// <param name="day">The day's folder name.</param>
    /// <param name="turn">Keeps other compactions away.</param>
    /// <param name="progress">Told the share of rows that are copied, 0 to 1; may be null.</param>
    /// <param name="ct">Ends the work, which then leaves nothing, or something for the next run.</param>
    /// <exception cref="InvalidDataException">A file holds other rows than were registered.</exception>
    /// <exception cref="ParquetException">A file is damaged.</exception>
    /// <exception cref="IOException">The disk refused.</exception>
    public async Task<DayResult> RunAsync(string day, CompactionTurn turn, IProgress<double>? progress, CancellationToken ct)
    {
        var folders = new CompactionFolders(root, day);
        await RecoverAsync(folders, ct);
        if (!folders.IsClosed(clock.GetUtcNow(), options.ClosedFor))
            return new DayResult(day, "not closed long enough");
        if (!DeleteReplaced(folders))
            return new DayResult(day, "compacted lately; the files it had before are kept a while");
        if (await ledger.RangesAsync(folders, ct) is not { } ranges)
            return new DayResult(day, "a file is registered and not published yet");
        var inputs = ranges.Select(range => range.FileId).Distinct().ToList();
        var plan = new CompactionPlan(ledger.GroupId, ledger.StorageId, day, inputs,
            CompactionPlan.Arrange(ranges, options.MaxRows, () => Guid.CreateVersion7(clock.GetUtcNow())));
        if (plan.Outputs.Count >= inputs.Count)
            return new DayResult(day, "nothing to gain", inputs.Count);
        CheckVisible(plan, folders);

        await BlockingCall.RunAsync(() => WriteOutputs(plan, folders, progress, ct), ct);
        Failpoint.Reach(CompactionPoint.Written);
        await turn.CheckAsync(ct);
        plan.Write(folders.Journal);
        Failpoint.Reach(CompactionPoint.Journalled);
        bool exchanged = await ledger.ExchangeAsync(plan, folders, () =>
        {
            CheckVisible(plan, folders);
            DurableFile.ExchangeFolders(folders.Beside, folders.Visible);
            Failpoint.Reach(CompactionPoint.Exchanged);
        }, ct);
        if (!exchanged)
        {
            TakeBack(folders);
            return new DayResult(day, "changed while it was compacted; taken back", inputs.Count);
        }

        Failpoint.Reach(CompactionPoint.Moved);
        Close(folders);
        return new DayResult(day, "compacted", inputs.Count, plan.Outputs.Count, plan.Outputs.Sum(output => output.RowCount));
    }

    private void WriteOutputs(CompactionPlan plan, CompactionFolders folders, IProgress<double>? progress, CancellationToken ct)
    {
        Directory.CreateDirectory(folders.Beside);
        DurableFile.SyncDirectory(root);
        DurableFile.SyncDirectory(Path.GetDirectoryName(folders.Beside)!);
        try
        {
            var places = new RangeRows();
            foreach (var file in plan.Outputs.SelectMany(output => output.Ranges).GroupBy(range => range.FileId))
            {
                ct.ThrowIfCancellationRequested();
                places.Find(VisiblePath(file.Key), [.. file]);
            }

            long rows = plan.Outputs.Sum(output => output.RowCount);
            long copied = 0;
            var copy = new RowCopy(folders.Beside, places);
            foreach (var output in plan.Outputs)
            {
                string path = Path.Combine(folders.Beside, $"{output.FileId}.parquet");
                copy.Write(output, VisiblePath, path, more => progress?.Report((double)(copied += more) / Math.Max(1, rows)), ct);
                FileVerification.Run(path, ct: ct);
            }
        }
        catch
        {
            // Nothing refers to it.
            Directory.Delete(folders.Beside, recursive: true);
            throw;
        }

        string VisiblePath(Guid fileId) => Path.Combine(root, folders.FinalPath(fileId));
    }

    // What nobody registered would leave readers' sight with the small files, and be deleted with them.
    private static void CheckVisible(CompactionPlan plan, CompactionFolders folders)
    {
        var there = Directory.EnumerateFileSystemEntries(folders.Visible).Select(path => Path.GetFileName(path)!).ToHashSet();
        var planned = plan.Inputs.Select(fileId => $"{fileId}.parquet").ToHashSet();
        if (!there.SetEquals(planned))
        {
            there.SymmetricExceptWith(planned);
            throw new InvalidDataException(
                $"{folders.Visible} does not hold exactly the registered files of the day: see {there.Order(StringComparer.Ordinal).First()}. "
                + "Nothing was compacted; `audit` says what is wrong.");
        }
    }

    private async Task RecoverAsync(CompactionFolders folders, CancellationToken ct)
    {
        if (CompactionPlan.Read(folders.Journal) is not { } plan)
        {
            if (Directory.Exists(folders.Beside) && !File.Exists(folders.ClosedJournal))
                Directory.Delete(folders.Beside, recursive: true);
            return;
        }

        if (plan.GroupId != ledger.GroupId || plan.StorageId != ledger.StorageId)
            throw new InvalidDataException($"{folders.Journal} belongs to group '{plan.GroupId}' and archive {plan.StorageId}, not to this one.");
        bool isExchanged = plan.Outputs.All(output => File.Exists(Path.Combine(folders.Visible, $"{output.FileId}.parquet")));
        if (!isExchanged)
        {
            TakeBack(folders);
            return;
        }

        // The exchange may not have been synced by the run that crashed.
        DurableFile.SyncDirectory(Path.GetDirectoryName(folders.Visible)!);
        DurableFile.SyncDirectory(Path.GetDirectoryName(folders.Beside)!);
        await ledger.ReplaceAsync(plan, folders, ct);
        Close(folders);
    }

    private static void TakeBack(CompactionFolders folders)
    {
        if (Directory.Exists(folders.Beside))
            Directory.Delete(folders.Beside, recursive: true);
        File.Delete(folders.Journal);
        DurableFile.SyncDirectory(Path.GetDirectoryName(folders.Journal)!);
    }

    // From here on the folder beside holds the small files, which nobody needs but those who began to read before.
    private void Close(CompactionFolders folders)
    {
        File.SetLastWriteTimeUtc(folders.Journal, clock.GetUtcNow().UtcDateTime);
        DurableFile.Rename(folders.Journal, folders.ClosedJournal);
        Failpoint.Reach(CompactionPoint.Closed);
        DeleteReplaced(folders);
    }

    /// <summary>Deletes the small files of an earlier compaction, once they have been kept long enough; false while they are kept.
    /// </summary>
    private bool DeleteReplaced(CompactionFolders folders)
    {
        if (!File.Exists(folders.ClosedJournal))
            return true;
        if (clock.GetUtcNow().UtcDateTime - File.GetLastWriteTimeUtc(folders.ClosedJournal) < options.KeepReplaced)
            return false;
        if (Directory.Exists(folders.Beside))
            Directory.Delete(folders.Beside, recursive: true);
        File.Delete(folders.ClosedJournal);
        return true;
    }
}
