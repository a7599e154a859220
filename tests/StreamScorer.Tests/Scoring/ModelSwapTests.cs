using System.Runtime.CompilerServices;
using StreamScorer.Forests;
using StreamScorer.Scoring;
using Xunit;

namespace StreamScorer.Tests.Scoring;

/// <summary>Models that change while others score.</summary>
public sealed class ModelSwapTests : IDisposable
{
    private static readonly ModelWatchOptions Quick = new()
    {
        PollInterval = TimeSpan.FromMilliseconds(40),
        Debounce = TimeSpan.FromMilliseconds(15),
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Scenario(62, Means.UnitTest, "each batch carries one model; memory flat over 1,000 swaps")]
    public async Task AThousandSwapsUnderLoadLeaveEachBatchOneModelAndMemoryFlat()
    {
        using var pool = new PredictionEnginePool(HotThreshold.Default);
        ForestModel[] models = [SmallModels.Train(1), SmallModels.Train(2), SmallModels.Train(3)];
        var files = models.Select(model => model.ToBytes()).ToArray();
        var rows = SmallModels.Rows(models[0].Schema, 64, 5);
        var expected = models.ToDictionary(model => model.Id, model => SmallModels.Score(model, rows));
        pool.Add("m", models[0]);
        using var stop = new CancellationTokenSource();
        using var scoring = new CountdownEvent(2);
        // Threads of their own, and waited for: a busy thread pool would start them when the swaps are over.
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(
            () => ScoreUntil(pool, rows, expected, scoring, stop.Token),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        scoring.Wait(TimeSpan.FromSeconds(30));

        var swapped = new List<WeakReference>();
        for (var i = 0; i < 1000; i++)
            swapped.Add(Swap(pool, files[(i + 1) % files.Length]));
        await stop.CancelAsync();
        var batches = await Task.WhenAll(readers);

        Assert.All(batches, count => Assert.True(count > 0));
        Assert.Equal(0, pool.LentEngines);
        // Not the process's memory, which belongs to all tests that run beside this one: what became of each model.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        var alive = swapped.Count(model => model.IsAlive);
        Assert.True(alive < 20, $"{alive} of 1,000 models that were put in are still held");
    }

    [Fact]
    public async Task TheFileIsReloadedWhenItIsReplacedByRename()
    {
        var file = _folder["model.forest"];
        SmallModels.Train(1).Save(file);
        using var pool = new PredictionEnginePool(HotThreshold.Default, Quick);
        pool.FromFile("m", _folder.Path);
        for (ulong seed = 2; seed < 5; seed++)
        {
            var next = SmallModels.Train(seed);
            next.Save(file);
            await UntilAsync(() => pool.GetModel("m").Id == next.Id);
        }

        Assert.Equal((3, 0), (pool.Swaps, pool.ReloadFailures));
    }

    [Fact]
    [Scenario(63, Means.UnitTest, "a half-written file is never served")]
    public async Task TheFileIsReloadedWhenItIsWrittenInPlaceAndNeverServesHalf()
    {
        var file = _folder["model.forest"];
        var (first, second) = (SmallModels.Train(1), SmallModels.Train(2));
        first.Save(file);
        using var pool = new PredictionEnginePool(HotThreshold.Default, Quick);
        pool.FromFile("m", file);

        var bytes = second.ToBytes();
        await File.WriteAllBytesAsync(file, bytes[..(bytes.Length / 2)]);
        await UntilAsync(() => pool.ReloadFailures == 1);
        Assert.Equal(first.Id, pool.GetModel("m").Id);
        await File.WriteAllBytesAsync(file, bytes);
        await UntilAsync(() => pool.GetModel("m").Id == second.Id);
    }

    [Fact]
    public async Task AFolderThatIsReplacedAsAWholeIsSeenByPolling()
    {
        var serving = _folder["serving"];
        SmallModels.Train(1).Save(Path.Combine(Directory.CreateDirectory(_folder["one"]).FullName, "model.forest"));
        var next = SmallModels.Train(2);
        next.Save(Path.Combine(Directory.CreateDirectory(_folder["two"]).FullName, "model.forest"));
        Directory.Move(_folder["one"], serving);
        using var pool = new PredictionEnginePool(HotThreshold.Default, Quick);
        pool.FromFile("m", serving);

        // In between there is no file at all, which is no reason to let the model go.
        Directory.Move(serving, _folder["old"]);
        await Task.Delay(100);
        Directory.Move(_folder["two"], serving);
        await UntilAsync(() => pool.GetModel("m").Id == next.Id);
        Assert.Equal(0, pool.ReloadFailures);
    }

    [Fact]
    public async Task ARemovedModelIsNoLongerWatched()
    {
        var file = _folder["model.forest"];
        SmallModels.Train(1).Save(file);
        using var pool = new PredictionEnginePool(HotThreshold.Default, Quick);
        var told = 0;
        pool.Reloaded += _ => Interlocked.Increment(ref told);
        pool.FromFile("m", file);
        pool.Remove("m");
        SmallModels.Train(2).Save(file);
        await Task.Delay(200);
        Assert.Equal(0, told);
    }

    /// <summary>Loads a model anew, as a reload would; in a method of its own, so that no local keeps the model alive.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Swap(PredictionEnginePool pool, byte[] file)
    {
        var model = ForestModel.Load(file, "memory");
        pool.Add("m", model);
        return new WeakReference(model);
    }

    private static int ScoreUntil(
        PredictionEnginePool pool, double[] rows, Dictionary<string, double[]> expected, CountdownEvent scoring, CancellationToken stop)
    {
        var count = 0;
        var raw = new double[64];
        var probability = new double[64];
        while (!stop.IsCancellationRequested)
        {
            var model = pool.Predict("m", rows, raw, probability);
            Assert.Equal(expected[model.Id], probability);
            if (count++ == 0)
                scoring.Signal();
        }

        return count;
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!holds())
            await Task.Delay(10, patience.Token);
    }
}
