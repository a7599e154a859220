using System.Text;
using System.Text.Json;
using StreamScorer.Features;
using StreamScorer.Forests;
using Xunit;

namespace StreamScorer.Tests.Features;

public class Utf8LookupTests
{
    [Fact]
    public void FindsEveryKeyAndNothingElseWhateverStandsAround()
    {
        const int Seed = 21;
        var random = new Random(Seed);
        var keys = new Dictionary<string, int> { [""] = 1000, ["\0"] = 1001, ["\0\0"] = 1002 };
        while (keys.Count < 300)
            keys[Word(random, random.Next(0, 80))] = keys.Count;
        var lookup = new Utf8Lookup(keys);

        foreach (var word in keys.Keys.Concat(Enumerable.Range(0, 2000).Select(_ => Word(random, random.Next(0, 80)))))
        {
            var text = Encoding.UTF8.GetBytes(word);
            var buffer = new byte[random.Next(0, 40) + text.Length + random.Next(0, 60)];
            random.NextBytes(buffer);
            var start = random.Next(0, buffer.Length - text.Length + 1);
            text.CopyTo(buffer, start);
            var found = lookup.TryGet(new Utf8Text(buffer, start, text.Length), out var value);
            Assert.True(found == keys.TryGetValue(word, out var expected), $"seed {Seed}: {word}");
            Assert.Equal(expected, value);
        }
    }

    [Fact]
    public void KeysThatAgreeInTheirFirst32BytesAreToldApart()
    {
        var keys = Enumerable.Range(0, 50).ToDictionary(i => new string('x', 32 + i), i => i);
        var lookup = new Utf8Lookup(keys);
        foreach (var (key, value) in keys)
        {
            Assert.True(lookup.TryGet(Utf8Text.Whole(Encoding.UTF8.GetBytes(key)), out var found));
            Assert.Equal(value, found);
        }

        Assert.False(lookup.TryGet(Utf8Text.Whole(Encoding.UTF8.GetBytes(new string('x', 31))), out _));
        Assert.False(lookup.TryGet(Utf8Text.Whole(Encoding.UTF8.GetBytes(new string('x', 40) + 'y')), out _));
    }

    [Fact]
    public void TheEmptyTextIsNoKeyUnlessItIsOne() => Assert.False(new Utf8Lookup([KeyValuePair.Create("a", 1)]).TryGet(Utf8Text.Whole([]), out _));

    [Fact]
    public void AKeyThatOccursTwiceIsRefused() =>
        Assert.Throws<ArgumentException>(() => new Utf8Lookup([KeyValuePair.Create("a", 1), KeyValuePair.Create("a", 2)]));

    [Theory]
    [InlineData("say \"hi\"", "say \\\"hi\\\"")]
    [InlineData("back\\slash", "back\\\\slash")]
    [InlineData("tab\there", "tab\\there")]
    [InlineData("naïve 東京", "naïve 東京")]
    public void AFeatureMayHaveAnyName(string name, string escaped)
    {
        var schema = FeatureSchema.Fit(
            "odd", [new FeatureSpec("A", "a", name, "a", FeatureKind.Numeric)], new RawTable(["a"], [["1", "2"]]));
        var decoding = new EventDecoding(schema);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(RecordKind.Event, decoding.Decode($"{{\"{escaped}\":{i}}}"));
            Assert.Equal(i, decoding.Row[0]);
            using var features = JsonDocument.Parse(decoding.FeaturesJson($"{{\"{escaped}\":{i}}}"));
            Assert.Equal(i, features.RootElement.GetProperty(name).GetInt32());
        }

        if (name != escaped)
            Assert.Equal(RecordKind.Bad, decoding.Decode($"{{\"{name}\":1}}"));
    }

    // Few letters, so that words share beginnings and ends.
    private static string Word(Random random, int length) =>
        string.Concat(Enumerable.Range(0, length).Select(_ => "abéz\0"[random.Next(random.Next(4) == 0 ? 5 : 2)]));
}
