using System.Text;
using Confluent.Kafka;
using StreamScorer.Sinks;
using Xunit;

namespace StreamScorer.StoreContract;

/// <summary>
/// What the loop relies on in the two stores, in PROTOCOL's words. Each clause runs against PostgreSQL and against the
/// simulation, whose thousands of histories mean something only as far as its database behaves as the real one does.
/// </summary>
internal static partial class StoreContract
{
    private const string Topic = "events";

    private static readonly Dictionary<string, Func<IStores, Task>> Clauses = new(StringComparer.Ordinal)
    {
        ["take: a new partition begins at the initial offset, under epoch 1"] = TakeBegins,
        ["take: the epoch of each partition rises by one, its progress stays"] = TakeRaises,
        ["register: progress of every partition moves, the file waits for publication"] = RegisterMoves,
        ["register: one partition of another epoch, and nothing of the checkpoint is registered"] = RegisterIsAllOrNothing,
        ["register: a range that does not begin at progress is refused"] = RegisterChecksStart,
        ["register: unknown outcome, asked again with the same file id: already, even after another took the partition"] = RegisterAgain,
        ["register: what was refused stays refused under its old epoch"] = RefusedStaysRefused,
        ["register: after a crash of the database only what was taken anew"] = RegisterAfterCrash,
        ["publish: marked files are not settled again; a checkpoint without rows never is"] = Publish,
        ["sweep: only what is not registered and has an epoch below its partition's"] = Sweep,
        ["gap: moves progress once, by the owner, from progress; then registrations go on behind it"] = Gap,
        ["hot leads: under an old epoch nothing of the batch is written"] = HotLeadsAreFenced,
        ["hot leads: an older offset never replaces, the same offset and newer ones do"] = HotLeadsGuard,
        ["hot leads: a cold lead gets no row, and cools the one it has"] = ColdLeads,
        ["hot leads: between partitions the newer broker timestamp wins, then the higher partition"] = HotLeadsAcrossPartitions,
        ["hot leads: a lead that cannot be stored is bad data, and nothing of the batch is written"] = UnstorableLead,
        ["hot leads: those with a row, by partition"] = LeadsByPartition,
    };

    /// <summary>The clauses' names.</summary>
    public static TheoryData<string> Names => [.. Clauses.Keys];

    /// <summary>Holds the stores to one clause.</summary>
    public static Task HoldAsync(string clause, IStores stores) => Clauses[clause](stores);

    private static async Task TakeBegins(IStores stores)
    {
        Assert.Equal([new TakenPartition(Topic, 3, 1, 42)], await TakeAsync(stores, (3, 42)));
        Assert.Equal(42, await NextOffsetAsync(stores, 3));
    }

    private static async Task TakeRaises(IStores stores)
    {
        var taken = await TakeAsync(stores, (0, 0));
        await RegisterAsync(stores, Checkpoint((taken[0], 0, 10)));
        Assert.Equal([new TakenPartition(Topic, 0, 2, 10), new TakenPartition(Topic, 1, 1, 7)], await TakeAsync(stores, (1, 7), (0, 99)));
    }

    private static async Task RegisterMoves(IStores stores)
    {
        var taken = await TakeAsync(stores, (0, 0), (1, 5));
        var checkpoint = Checkpoint((taken[0], 0, 10), (taken[1], 5, 6));
        Assert.Equal(RegistrationOutcome.Done, (await RegisterAsync(stores, checkpoint)).Outcome);
        Assert.Equal((10, 6), (await NextOffsetAsync(stores, 0), await NextOffsetAsync(stores, 1)));
        Assert.Equal(
            [new UnpublishedFile(checkpoint.FileId, checkpoint.StagedPath, checkpoint.FinalPath)],
            await stores.AskAsync(() => stores.Ledger.UnpublishedAsync(default)));
    }

    private static async Task RegisterIsAllOrNothing(IStores stores)
    {
        var taken = await TakeAsync(stores, (0, 0), (1, 0));
        await TakeAsync(stores, (1, 0));
        var result = await RegisterAsync(stores, Checkpoint((taken[0], 0, 10), (taken[1], 0, 10)));
        Assert.Equal(RegistrationOutcome.Refused, result.Outcome);
        Assert.Equal([new TopicPartition(Topic, 1)], result.RefusedPartitions);
        Assert.Equal((0, 0), (await NextOffsetAsync(stores, 0), await NextOffsetAsync(stores, 1)));
        Assert.Empty(await stores.AskAsync(() => stores.Ledger.UnpublishedAsync(default)));
        // The partition that matched is its owner's still.
        Assert.True((await RegisterAsync(stores, Checkpoint((taken[0], 0, 10)))).IsRegistered);
    }

    private static async Task RegisterChecksStart(IStores stores)
    {
        var taken = await TakeAsync(stores, (0, 10));
        foreach (var start in (long[])[9, 11])
            Assert.False((await RegisterAsync(stores, Checkpoint((taken[0], start, 20)))).IsRegistered);
        Assert.Equal(10, await NextOffsetAsync(stores, 0));
    }

    private static async Task RegisterAgain(IStores stores)
    {
        var taken = await TakeAsync(stores, (0, 0));
        var checkpoint = Checkpoint((taken[0], 0, 10));
        Assert.Equal(RegistrationOutcome.Done, (await RegisterAsync(stores, checkpoint)).Outcome);
        Assert.Equal(RegistrationOutcome.Already, (await RegisterAsync(stores, checkpoint)).Outcome);
        await TakeAsync(stores, (0, 0));
        Assert.Equal(RegistrationOutcome.Already, (await RegisterAsync(stores, checkpoint)).Outcome);
        Assert.Equal(10, await NextOffsetAsync(stores, 0));
    }

    private static async Task RefusedStaysRefused(IStores stores)
    {
        var former = await TakeAsync(stores, (0, 0));
        var checkpoint = Checkpoint((former[0], 0, 10));
        var owner = await TakeAsync(stores, (0, 0));
        Assert.False((await RegisterAsync(stores, checkpoint)).IsRegistered);
        Assert.False((await RegisterAsync(stores, checkpoint)).IsRegistered);
        Assert.True((await RegisterAsync(stores, Checkpoint((owner[0], 0, 10)))).IsRegistered);
    }

    private static async Task RegisterAfterCrash(IStores stores)
    {
        var taken = await TakeAsync(stores, (0, 0), (1, 0));
        var known = Checkpoint((taken[1], 0, 5));
        Assert.True((await RegisterAsync(stores, known)).IsRegistered);
        await stores.CrashAsync();
        Assert.False((await RegisterAsync(stores, Checkpoint((taken[0], 0, 10)))).IsRegistered);
        Assert.Equal(RegistrationOutcome.Already, (await RegisterAsync(stores, known)).Outcome);
        var again = await TakeAsync(stores, (0, 0));
        Assert.True((await RegisterAsync(stores, Checkpoint((again[0], 0, 10)))).IsRegistered);
    }

    private static async Task Publish(IStores stores)
    {
        var taken = await TakeAsync(stores, (0, 0), (1, 0));
        var (first, second) = (Checkpoint((taken[0], 0, 10)), Checkpoint((taken[0], 10, 20)));
        var empty = new StagedCheckpoint(Guid.NewGuid(), null, null, 0, [new PartitionRange(Topic, 1, taken[1].OwnerEpoch, 0, 3, 0)]);
        foreach (var checkpoint in new[] { first, second, empty })
            Assert.True((await RegisterAsync(stores, checkpoint)).IsRegistered);
        await MarkPublishedAsync(stores, first.FileId);
        await MarkPublishedAsync(stores, first.FileId);
        var unpublished = await stores.AskAsync(() => stores.Ledger.UnpublishedAsync(default));
        Assert.Equal([second.FileId], unpublished.Select(file => file.FileId));
        Assert.Equal(
            [first.FileId], await stores.AskAsync(() => stores.Ledger.PublishedAsync([first.FileId, second.FileId, Guid.NewGuid()], default)));
    }

    private static async Task Sweep(IStores stores)
    {
        var taken = await TakeAsync(stores, (0, 0), (1, 0));
        var registered = Checkpoint((taken[0], 0, 10));
        await RegisterAsync(stores, registered);
        var old = Guid.NewGuid();
        var live = Guid.NewGuid();
        var unknown = Guid.NewGuid();
        var owner = await TakeAsync(stores, (0, 0));
        StagedFile[] staged =
        [
            Staged(registered.FileId, taken[0]), Staged(old, taken[0], taken[1]), Staged(live, owner[0], taken[1]),
            Staged(unknown, new TakenPartition(Topic, 9, 1, 0)),
        ];
        Assert.Equal([old], await stores.AskAsync(() => stores.Ledger.SweepableAsync(staged, default)));
    }

    private static async Task Gap(IStores stores)
    {
        var former = await TakeAsync(stores, (0, 0));
        var owner = await TakeAsync(stores, (0, 0));
        Assert.Equal(RegistrationOutcome.Refused, await RecordGapAsync(stores, former[0], 0, 7));
        Assert.Equal(RegistrationOutcome.Refused, await RecordGapAsync(stores, owner[0], 3, 7));
        Assert.Equal(RegistrationOutcome.Done, await RecordGapAsync(stores, owner[0], 0, 7));
        Assert.Equal(RegistrationOutcome.Already, await RecordGapAsync(stores, owner[0], 0, 7));
        Assert.Equal(7, await NextOffsetAsync(stores, 0));
        Assert.False((await RegisterAsync(stores, Checkpoint((owner[0], 0, 9)))).IsRegistered);
        Assert.True((await RegisterAsync(stores, Checkpoint((owner[0], 7, 9)))).IsRegistered);
    }

    private static async Task<IReadOnlyList<TakenPartition>> TakeAsync(IStores stores, params (int Partition, long InitialOffset)[] partitions) =>
        await stores.AskAsync(() => stores.Ledger.TakeAsync(
            [.. partitions.Select(each => new TakeRequest(Topic, each.Partition, each.InitialOffset))], "test", default));

    private static Task<RegistrationResult> RegisterAsync(IStores stores, StagedCheckpoint checkpoint) =>
        stores.AskAsync(() => stores.Ledger.RegisterAsync(checkpoint, default));

    private static Task<RegistrationOutcome> RecordGapAsync(IStores stores, TakenPartition owner, long start, long end) =>
        stores.AskAsync(() => stores.Ledger.RecordGapAsync(
            new PartitionEpoch(Topic, owner.Partition, owner.OwnerEpoch), start, end, GapReason.Retention, default));

    private static Task<bool> MarkPublishedAsync(IStores stores, Guid fileId) => stores.AskAsync(async () =>
    {
        await stores.Ledger.MarkPublishedAsync(fileId, default).ConfigureAwait(false);
        return true;
    });

    private static async Task<long> NextOffsetAsync(IStores stores, int partition) =>
        (await stores.AskAsync(() => stores.Ledger.ReadProgressAsync(Topic, default)))[new TopicPartition(Topic, partition)];

    /// <summary>A checkpoint with a row for each offset.</summary>
    private static StagedCheckpoint Checkpoint(params (TakenPartition Owner, long Start, long End)[] ranges)
    {
        var fileId = Guid.NewGuid();
        List<PartitionRange> list = [.. ranges.Select(range => new PartitionRange(
            Topic, range.Owner.Partition, range.Owner.OwnerEpoch, range.Start, range.End, range.End - range.Start))];
        return new StagedCheckpoint(
            fileId, CheckpointFolder.StagedPath(fileId), CheckpointFolder.FinalPath(fileId, DateTimeOffset.UnixEpoch),
            list.Sum(range => range.RowCount), list);
    }

    private static StagedFile Staged(Guid fileId, params TakenPartition[] owners) =>
        new(fileId, Group, [.. owners.Select(owner => new PartitionEpoch(owner.Topic, owner.Partition, owner.OwnerEpoch))]);

    /// <summary>The group whose stores these are.</summary>
    public const string Group = "scorers";
}
