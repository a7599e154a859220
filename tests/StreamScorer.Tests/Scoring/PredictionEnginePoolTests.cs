using Microsoft.Extensions.DependencyInjection;
using StreamScorer.Forests;
using StreamScorer.Scoring;
using Xunit;

namespace StreamScorer.Tests.Scoring;

public sealed class PredictionEnginePoolTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PredictionEnginePool _pool = new(HotThreshold.Default);

    public void Dispose()
    {
        _pool.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(0.7, false)]
    [InlineData(0.70000000000000007, true)]
    [InlineData(0.69999999999999984, false)]
    [InlineData(0.71, true)]
    [InlineData(double.NaN, false)]
    public void ExactlyTheThresholdIsNotHot(double probability, bool hot) =>
        Assert.Equal(hot, new HotThreshold(0.7).IsHot(probability));

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void AThresholdIsAProbability(double threshold) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new HotThreshold(threshold));

    [Fact]
    public void AModelFolderAndAModelFileAreBothTaken()
    {
        var model = Save(1);
        _pool.FromFile("folder", _folder.Path, watchForChanges: false).FromFile("file", FilePath, watchForChanges: false);

        Assert.Equal(["file", "folder"], _pool.Names.Order());
        Assert.Equal((model.Id, "folder"), (_pool.GetModel("folder").Id, _pool.GetModel("folder").Name));
        Assert.Equal(model.Id, _pool.GetModel("file").Id);
        var missing = Assert.Throws<KeyNotFoundException>(() => _pool.GetModel("other"));
        Assert.Contains("'other'", missing.Message);
    }

    [Fact]
    public void AFileThatIsNoModelIsRefusedAndNothingIsAdded()
    {
        File.WriteAllText(FilePath, "no model");
        Assert.Throws<ForestException>(() => _pool.FromFile("m", FilePath));
        Assert.Throws<ForestException>(() => _pool.FromFile("m", FilePath + ".none"));
        Assert.Empty(_pool.Names);
    }

    [Fact]
    public void SinglePredictionsAndBatchesAgreeWithTheForest()
    {
        var model = SmallModels.Train(3);
        _pool.Add("m", model);
        var rows = SmallModels.Rows(model.Schema, 100, 4);
        var raw = new double[100];
        var probability = new double[100];

        Assert.Same(_pool.GetModel("m"), _pool.Predict("m", rows, raw, probability));
        Assert.Equal(SmallModels.Score(model, rows), probability);

        var lead = new LeadEvent { Features = Lead("city", "Select") };
        var row = new double[model.Schema.Count];
        LeadEventEncoder.Encode(model.Schema, lead, row);
        var one = _pool.Predict("m", lead);
        Assert.Equal(SmallModels.Score(model, row)[0], one.Probability);
        Assert.Equal((model.BucketOf(one.Probability), one.Probability > 0.7, "m", model.Id), (one.Bucket, one.Hot, one.ModelName, one.ModelId));
        Assert.Equal(ForestModel.TierOf(one.Bucket), one.Tier);
        Assert.Equal(0, _pool.LentEngines);
    }

    [Theory]
    [InlineData("totalVisits", "5")]
    [InlineData("totalVisits", double.NaN)]
    [InlineData("totalVisits", true)]
    [InlineData("lastAction", 5)]
    [InlineData("subscribed", 1)]
    [InlineData("signedUp", "2024-01-01")]
    public void AValueOfTheWrongTypeIsRefusedByName(string feature, object value)
    {
        _pool.Add("m", SmallModels.Train(3));
        var refused = Assert.Throws<ArgumentException>(() => _pool.Predict("m", new LeadEvent { Features = Lead(feature, value) }));
        Assert.Contains(feature, refused.Message);
        Assert.Equal(0, _pool.LentEngines);
    }

    [Fact]
    public void ALeadIsEncodedAsItsEventWouldBe()
    {
        var schema = Features.EventSchemas.EveryKind();
        var row = new double[schema.Count];
        var at = new DateTimeOffset(2024, 1, 11, 0, 0, 0, TimeSpan.Zero);
        var features = new Dictionary<string, object?>
        {
            ["totalVisits"] = 3,
            ["spend"] = 2.5m,
            ["lastAction"] = "Email Opened",
            ["city"] = "nowhere",
            ["subscribed"] = true,
            ["signedUp"] = at.AddDays(-10),
            ["ignored"] = new object(),
        };
        LeadEventEncoder.Encode(schema, new LeadEvent { OccurredAt = at, Features = features }, row);

        var decoding = new Features.EventDecoding(schema);
        decoding.Decode("""
            {"totalVisits":3,"spend":2.5,"lastAction":"Email Opened","city":"nowhere","subscribed":true,
             "signedUp":"2024-01-01T00:00:00Z","occurredAt":"2024-01-11T00:00:00Z"}
            """);
        Assert.Equal(decoding.Row, row);

        features.Remove("totalVisits");
        var absent = Assert.Throws<ArgumentException>(() => LeadEventEncoder.Encode(schema, new LeadEvent { Features = features }, row));
        Assert.Contains("totalVisits", absent.Message);
    }

    [Fact]
    public void ASnapshotKeepsItsModelWhileThePoolMovesOn()
    {
        var (first, second) = (SmallModels.Train(1), SmallModels.Train(2));
        var rows = SmallModels.Rows(first.Schema, 50, 9);
        _pool.Add("m", first);
        var snapshot = _pool.GetModel("m");
        _pool.Add("m", second);

        var engine = _pool.GetPredictionEngine(snapshot);
        var probability = new double[50];
        engine.Predict(rows, new double[50], probability);
        Assert.Equal(SmallModels.Score(first, rows), probability);
        Assert.Equal(first.Id, engine.Model.Id);
        Assert.Equal(second.Id, _pool.GetPredictionEngine("m").Model.Id);
        Assert.NotEqual(SmallModels.Score(first, rows), SmallModels.Score(second, rows));
        Assert.Equal(1, _pool.Swaps);
    }

    [Fact]
    public void AnEngineComesBackOnceAndIsLentAgain()
    {
        _pool.Add("m", SmallModels.Train(1));
        var engine = _pool.GetPredictionEngine("m");
        Assert.NotSame(engine, _pool.GetPredictionEngine("m"));
        _pool.ReturnPredictionEngine(engine);
        Assert.Throws<InvalidOperationException>(() => _pool.ReturnPredictionEngine(engine));
        Assert.Same(engine, _pool.GetPredictionEngine("m"));
        Assert.Equal(2, _pool.LentEngines);
    }

    [Fact]
    [Scenario(63, Means.UnitTest, "the current model stays; the failure is told and counted")]
    public void AFailedReloadKeepsTheOldModelAndSaysSo()
    {
        var model = Save(1);
        _pool.FromFile("m", FilePath, watchForChanges: false);
        var told = new List<ModelReload>();
        _pool.Reloaded += told.Add;
        var bytes = model.ToBytes();
        File.WriteAllBytes(FilePath, bytes[..(bytes.Length / 2)]);

        Assert.False(_pool.Reload("m"));
        Assert.Equal((model.Id, 1, 0), (_pool.GetModel("m").Id, _pool.ReloadFailures, _pool.Swaps));
        Assert.Equal(("m", model.Id, null), (told[0].Name, told[0].OldId, told[0].NewId));
        Assert.IsType<ForestException>(told[0].Error);

        var next = Save(2);
        Assert.True(_pool.Reload("m"));
        Assert.Equal((next.Id, 1), (_pool.GetModel("m").Id, _pool.Swaps));
        Assert.Equal((model.Id, next.Id, null), (told[1].OldId, told[1].NewId, told[1].Error));

        // The same file again is no swap.
        Assert.True(_pool.Reload("m"));
        Assert.Equal(2, told.Count);
    }

    [Fact]
    public void AModelIsRemovedByNameAndOneFromMemoryIsNotReloaded()
    {
        _pool.Add("m", SmallModels.Train(1));
        var engine = _pool.GetPredictionEngine("m");
        Assert.Throws<InvalidOperationException>(() => _pool.Reload("m"));
        Assert.True(_pool.Remove("m"));
        Assert.False(_pool.Remove("m"));
        Assert.Throws<KeyNotFoundException>(() => _pool.GetModel("m"));
        engine.Predict(SmallModels.Rows(engine.Model.Schema, 1, 1), new double[1], new double[1]);
        _pool.ReturnPredictionEngine(engine);
    }

    [Fact]
    public void TheServiceCollectionBuildsOnePoolFromItsFiles()
    {
        var model = Save(1);
        var services = new ServiceCollection();
        services.AddPredictionEnginePool(new HotThreshold(0.5))
            .FromFile(modelName: "a", filePath: _folder.Path, watchForChanges: false)
            .FromFile("b", FilePath, watchForChanges: false);
        using var provider = services.BuildServiceProvider();

        var pool = provider.GetRequiredService<PredictionEnginePool>();
        Assert.Same(pool, provider.GetRequiredService<PredictionEnginePool>());
        Assert.Equal((model.Id, model.Id, 0.5), (pool.GetModel("a").Id, pool.GetModel("b").Id, pool.Threshold.Probability));
    }

    private static Dictionary<string, object?> Lead(string name, object? value) =>
        new() { ["totalVisits"] = 9, ["lastAction"] = "SMS Sent", [name] = value };

    private string FilePath => _folder[PredictionEnginePool.ModelFileName];

    private ForestModel Save(ulong seed)
    {
        var model = SmallModels.Train(seed);
        model.Save(FilePath);
        return model;
    }
}
