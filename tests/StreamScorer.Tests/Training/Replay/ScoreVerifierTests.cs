using System.Text;
using StreamScorer.App.Soak;
using StreamScorer.Forests;
using StreamScorer.Training.Replay;
using Xunit;

namespace StreamScorer.Tests.Training.Replay;

public sealed class ScoreVerifierTests : IDisposable
{
    private static readonly byte[] Key = Encoding.UTF8.GetBytes("lead-1");

    private readonly TemporaryFolder _folder = new();
    private readonly ForestModel _model;
    private readonly ScoreVerifier _verifier;
    private readonly byte[] _event;

    public ScoreVerifierTests()
    {
        _model = ForestModel.Load(Path.Combine(new SoakModels(_folder.Path).Folder, "model.forest"));
        _verifier = new ScoreVerifier(new Dictionary<string, ForestModel> { [_model.Id] = _model });
        _event = new EventMix(seed: 3).Create(0).Value;
    }

    [Fact]
    public void The_same_bits_are_no_difference()
    {
        _verifier.Verify(Recorded(), Key, _event);
        var result = Assert.Single(_verifier.Results);
        Assert.Equal((1L, 0L, 0L), (result.Compared, result.Different, result.Undecodable));
        Assert.Null(result.First);
    }

    // Mutation: probabilities compared within a tolerance.
    [Fact]
    public void One_bit_is_a_difference_and_its_place_is_told()
    {
        var recorded = Recorded();
        _verifier.Verify(recorded with { Probability = Math.BitIncrement(recorded.Probability) }, Key, _event);
        _verifier.Verify(recorded with { Raw = Math.BitDecrement(recorded.Raw), Offset = 8 }, Key, _event);
        var result = Assert.Single(_verifier.Results);
        Assert.Equal(2, result.Different);
        Assert.Equal(7, result.First!.Value.Offset);
        Assert.True(result.LargestDifference > 0);
    }

    [Fact]
    public void A_record_that_is_no_event_and_a_model_that_is_not_there_are_told_apart()
    {
        _verifier.Verify(Recorded(), Key, Encoding.UTF8.GetBytes("{not json"));
        _verifier.Verify(Recorded() with { Model = _verifier.IndexOf("another") }, Key, _event);
        Assert.Equal(1, _verifier.Results[0].Undecodable);
        Assert.Equal((false, 1L, 0L), (_verifier.Results[1].IsFound, _verifier.Results[1].WithoutModel, _verifier.Results[1].Compared));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>What a worker would have recorded for the event, by the scorer for single leads.</summary>
    private RecordedScore Recorded()
    {
        using var document = System.Text.Json.JsonDocument.Parse(_event);
        var columns = _model.Schema.Features.Select(feature => feature.ColumnName).ToList();
        var cells = _model.Schema.Features.Select(feature => new[] { document.RootElement.GetProperty(feature.StreamName).ToString() }).ToList();
        var (raw, probability) = (new double[1], new double[1]);
        _model.CreateScorer().Score(_model.Schema.Encode(new RawTable(columns, cells)), raw, probability);
        return new RecordedScore(0, 7, _verifier.IndexOf(_model.Id), raw[0], probability[0]);
    }
}
