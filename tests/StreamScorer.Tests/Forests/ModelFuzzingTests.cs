using Xunit;

namespace StreamScorer.Tests.Forests;

/// <summary>A sample of what <c>bench fuzz-models</c> does a million times.</summary>
public class ModelFuzzingTests
{
    public static TheoryData<string> Formats => [.. FuzzedFormat.All().Select(format => format.Name)];

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_damaged_file_gives_a_model_or_one_clear_error(string name)
    {
        var fuzzing = new ModelFuzzing(FuzzedFormat.All().Single(format => format.Name == name), seed: 20261121);
        for (var round = 0; round < 1500; round++)
            fuzzing.Step(round);
        Assert.True(fuzzing.Refused > 150, $"only {fuzzing.Refused} refused: the damage no longer reaches the checks");
        Assert.True(fuzzing.Loaded > 15, $"only {fuzzing.Loaded} loaded: the damage no longer gets past the first check");
    }
}
