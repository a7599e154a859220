using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using StreamScorer.Forests;
using StreamScorer.Scoring;
using StreamScorer.Tests.Features;
using Xunit;

namespace StreamScorer.Tests.Scoring;

public class ReasonTextTests
{
    [Theory]
    [InlineData("LastAction", "Last action")]
    [InlineData("AvgListingsViewedPerSession", "Avg listings viewed per session")]
    [InlineData("City", "City")]
    [InlineData("URLCount", "URL count")]
    [InlineData("visitsOverHTTP", "Visits over HTTP")]
    [InlineData("custom_feature_12", "Custom feature 12")]
    [InlineData("Last Action", "Last action")]
    [InlineData("x", "X")]
    public void NamesBecomeWords(string name, string words) => Assert.Equal(words, ReasonText.ToWords(name));

    [Fact]
    public void AReasonNamesTheFeatureItsValueAndItsEffect()
    {
        var schema = EventSchemas.EveryKind();
        Assert.True(schema.Features[2].TryGetCategory("Email Bounced"u8, out var bounced));
        double[] row = [12.3456, double.NaN, bounced, 0, 1, -2.25];
        double[] contributions = [0.25, -0.1, -0.0712345, 0.05, 0.04, 0.03];
        var json = new ArrayBufferWriter<byte>();
        new ReasonText(schema).Append(row, contributions, [2, 0, 1, 3, 4, 5], json);

        using var reasons = JsonDocument.Parse(json.WrittenMemory);
        Assert.Equal(
            [
                "Last action: Email Bounced, lowers the score", "Total visits: 12.346, raises the score",
                "Spend: not given, lowers the score", "City: another value, raises the score",
                "Subscribed: yes, raises the score", "Signed up: 2.3 days after the event, raises the score",
            ],
            reasons.RootElement.EnumerateArray().Select(reason => reason.GetProperty("text").GetString()));
        Assert.StartsWith(
            """[{"feature":"lastAction","text":"Last action: Email Bounced, lowers the score","contribution":-0.0712},""",
            Encoding.UTF8.GetString(json.WrittenSpan));
    }

    [Fact]
    public void NumbersAreThoseOfTheFrameworksFormat()
    {
        var random = new Random(11);
        Span<byte> text = stackalloc byte[32];
        double[] special = [0, -0.0, 0.00005, 0.00004, -0.00004, 0.99995, 1e9, 123456.5, 2.5, 0.125, 0.0625, 1e14, 1e300, -7.1];
        var values = special.Concat(Enumerable.Range(0, 20_000).Select(i =>
            (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-5, 9)))).Concat(Enumerable.Range(0, 2000).Select(i => i / 16.0));
        foreach (var value in values)
        {
            foreach (var (decimals, format) in ((int, string)[])[(1, "0.#"), (3, "0.###"), (4, "0.####")])
            {
                text.Fill((byte)'.');
                var length = ReasonText.WriteNumber(value, decimals, text);
                var expected = value.ToString(Math.Abs(value) < 1e15 ? format : "E5", CultureInfo.InvariantCulture);
                Assert.Equal(expected, Encoding.UTF8.GetString(text[..length]));
            }
        }
    }

    [Fact]
    public void TheLongestReasonFitsIntoTheBytesAskedFor()
    {
        var category = new string('x', 200);
        var longWords = FeatureSchema.Fit(
            "long words", [new FeatureSpec("Words", "w", "words", "words", FeatureKind.Categorical)],
            new RawTable(["w"], [[category, category]]), new SchemaFitOptions { MinCategoryRows = 1 });
        foreach (var schema in new[] { longWords, EventSchemas.EveryKind() })
        {
            foreach (var number in new[] { -99999999999999.97, -999999.875, -double.MaxValue, -0.0, double.NaN })
            {
                var row = schema.Features.Select(feature => feature.Kind == FeatureKind.Categorical ? 1 : number).ToArray();
                var json = new ExactWriter();
                new ReasonText(schema).Append(row, row.Select(_ => -99999999999999.97).ToArray(), [.. Enumerable.Range(0, row.Length)], json);
                using var reasons = JsonDocument.Parse(json.Written.ToArray());
                Assert.Equal(row.Length, reasons.RootElement.GetArrayLength());
            }
        }
    }

    /// <summary>Gives no byte more than it is asked for.</summary>
    private sealed class ExactWriter : IBufferWriter<byte>
    {
        private byte[] _bytes = [];

        public List<byte> Written { get; } = [];

        public void Advance(int count) => Written.AddRange(_bytes[..count]);

        public Memory<byte> GetMemory(int sizeHint = 0) => _bytes = new byte[Math.Max(1, sizeHint)];

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(99)]
    public void EqualReasonsStandInTheOrderOfTheFeatures(int top)
    {
        double[] contributions = [0.2, -0.2, 0.00004, 0.3, double.NaN, -0.3, 0.1, 0.3, 0.2];
        var strongest = new int[top];
        var count = PredictionEngine.SelectStrongest(contributions, strongest);
        int[] expected = [3, 5, 7, 0, 1, 8, 6];
        Assert.Equal(expected.Take(top), strongest.Take(count));
    }

    [Fact]
    public void TheStrongestReasonsComeFirst()
    {
        var model = new ScoringModel("m", SmallModels.Train(1));
        var engine = new PredictionEngine(model, HotThreshold.Default);
        var rows = SmallModels.Rows(model.Schema, 200, 7);
        var json = new ArrayBufferWriter<byte>();
        var contributions = new double[model.Schema.Count];
        for (var i = 0; i < 200; i++)
        {
            var row = rows.AsSpan(i * model.Schema.Count, model.Schema.Count);
            json.ResetWrittenCount();
            var count = engine.AppendReasonsJson(row, 3, json);

            model.Forest.CreateScorer().Contributions(row, contributions, out _);
            var expected = contributions.Select((weight, feature) => (weight, feature)).Where(c => Math.Abs(c.weight) >= 0.00005)
                .OrderByDescending(c => Math.Abs(c.weight)).Take(3).Select(c => model.Schema.Features[c.feature].StreamName).ToArray();
            using var reasons = JsonDocument.Parse(json.WrittenMemory);
            Assert.Equal(expected, reasons.RootElement.EnumerateArray().Select(r => r.GetProperty("feature").GetString()));
            Assert.Equal(expected.Length, count);
        }
    }

    [Fact]
    public void WordingAllocatesNothing()
    {
        var schema = EventSchemas.EveryKind();
        var text = new ReasonText(schema);
        var rows = SmallModels.Rows(schema, 200, 7);
        double[] contributions = [0.25, -0.1, 1e-3, 0.05, 1e20, 0.03];
        int[] strongest = [5, 4, 3, 2, 1, 0];
        var json = new ArrayBufferWriter<byte>(1 << 20);

        long Measure()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 200; i++)
            {
                json.ResetWrittenCount();
                text.Append(rows.AsSpan(i * schema.Count, schema.Count), contributions, strongest, json);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Measure();
        Assert.Equal(0, Measure());
    }
}
