using System.Globalization;
using System.Text;
using StreamScorer.Features;
using StreamScorer.Forests;
using Xunit;

namespace StreamScorer.Tests.Features;

/// <summary>
/// Events whose fields come in one order and without white space take a way of their own. It must lead to what the other
/// way leads to, and whatever stands in the buffer behind a record must not matter.
/// </summary>
public class ExpectedFieldsTests
{
    private static readonly string[] Numbers =
    [
        "0", "-0", "7", "42", "-3", "007", "00", "-01", "0.5", "-0.0", "1.25", "3.", ".5", "-", "+1", "1.2345678", "1.23456789", "1e3",
        "1E-3", "12e", "2.5e+1", "1e400", "0x1", "1_0", "5a", "1.7976931348623157e308", "null", "nul", "nulL", "NaN", "true", "\"n/a\"", "[1]",
    ];

    private static readonly string[] Texts =
    [
        "null", "nul", "1", "true", "{}", "\"Email Opened\"", "\"Select\"", "\"never\"", "\"東京\"", "\"Email \\u004fpened\"", "\"a\\\"b\"",
        "\"\\\\\"", "\"\\", "\"tab\t\"", "\"nul\0\"", "\"open", "\"Mumbai\"x",
    ];

    private readonly EventDecoding _decoding = new(EventSchemas.EveryKind());
    private readonly DomEventDecoder _oracle = new(EventSchemas.EveryKind(), EventDecoding.Now);

    public static TheoryData<string> ManyNumbers =>
    [
        .. Numbers,
        .. Enumerable.Range(1, 20).Select(digits => "12345678901234567890"[..digits]),
        .. Enumerable.Range(1, 20).Select(digits => "99999999999999999999"[..digits]),
        .. Enumerable.Range(1, 18).Select(digits => "0." + "123456789012345678"[..digits]),
        .. Enumerable.Range(1, 15).Select(digits => "987654321012345"[..digits] + "." + "123456789012345"[digits..] + "5"),
    ];

    public static TheoryData<string> ManyTexts =>
    [
        .. Texts,
        .. Enumerable.Range(0, 70).Select(length => $"\"{new string('x', length)}\""),
        .. Enumerable.Range(0, 70).Select(length => $"\"{new string('x', length)}\\n\""),
        .. Enumerable.Range(0, 70).Select(length => $"\"{new string('x', length)}\n\""),
    ];

    [Theory]
    [MemberData(nameof(ManyNumbers))]
    public void ANumberMeansWhatItMeansBehindWhiteSpace(string number)
    {
        CheckSame("{\"totalVisits\":#,\"lastAction\":null}", number);
        CheckSame("{\"totalVisits\":1,\"spend\":#,\"lastAction\":null}", number);
        CheckSame("{\"occurredAt\":#,\"totalVisits\":1,\"lastAction\":null}", number);
    }

    [Theory]
    [MemberData(nameof(ManyTexts))]
    public void ATextMeansWhatItMeansBehindWhiteSpace(string text)
    {
        CheckSame("{\"leadId\":#,\"totalVisits\":1,\"lastAction\":null}", text);
        CheckSame("{\"leadId\":\"a\",\"eventId\":#,\"totalVisits\":1,\"lastAction\":null}", text);
        CheckSame("{\"totalVisits\":1,\"lastAction\":#}", text);
        CheckSame("{\"totalVisits\":1,\"lastAction\":null,\"city\":#}", text);
    }

    [Fact]
    public void ACategoryIsFoundAtAnyDistanceFromTheEndOfTheBuffer()
    {
        var json = Encoding.UTF8.GetBytes("{\"totalVisits\":1,\"lastAction\":\"Email Bounced\",\"city\":\"Zürich\"}");
        Assert.Equal(RecordKind.Event, _decoding.Decode(json, "key"u8.ToArray(), behind: 0));
        double[] row = [.. _decoding.Row];
        Assert.DoesNotContain(row[2], new[] { Feature.RareCode, double.NaN });
        for (var behind = 0; behind < 200; behind++)
        {
            Assert.Equal(RecordKind.Event, _decoding.Decode(json, "key"u8.ToArray(), behind));
            Assert.Equal(row, _decoding.Row);
            Assert.Equal(0, _decoding.Result.UnseenCategories);
        }
    }

    [Theory]
    [InlineData("{\"totalVisits\":1,\"lastAction\":null,\"citx\":\"Mumbai\"}", 1)]
    [InlineData("{\"totalVisits\":1,\"lastAction\":null,\"cit\":\"Mumbai\"}", 1)]
    [InlineData("{\"totalVisits\":1,\"lastAction\":null,\"cityy\":\"Mumbai\"}", 1)]
    [InlineData("{\"totalVisits\":1,\"lastAction\":null;\"city\":\"Mumbai\"}", -1)]
    [InlineData(",\"totalVisits\":1,\"lastAction\":null}", -1)]
    [InlineData("{\"totalVisits\":1{\"lastAction\":null}", -1)]
    [InlineData("{,\"totalVisits\":1,\"lastAction\":null}", -1)]
    [InlineData("{\"totalVisits\":1,\"lastAction\":null,}", -1)]
    [InlineData("{\"totalVisits\":1,\"totalVisits\":1,\"lastAction\":null}", -1)]
    [InlineData("{\"leadId\":\"a\",\"leadId\":\"a\",\"totalVisits\":1,\"lastAction\":null}", -1)]
    [InlineData("{\"totalVisits\":1,\"lastAction\":null,\"city\":\"a\",\"city\":null}", -1)]
    public void WhatIsNotExpectedIsReadAsEver(string json, int unknown)
    {
        // Learned first, so that the names and their order are the expected ones; the second time they are expected again.
        _decoding.Decode("{\"leadId\":\"a\",\"totalVisits\":1,\"lastAction\":null,\"city\":\"Mumbai\"}");
        for (var time = 0; time < 3; time++)
        {
            var kind = _decoding.Decode(Encoding.UTF8.GetBytes(json), "key"u8.ToArray(), behind: 200);
            Assert.Equal(unknown < 0 ? RecordKind.Bad : RecordKind.Event, kind);
            Assert.Equal(_oracle.Decode("key"u8.ToArray(), Encoding.UTF8.GetBytes(json)).Kind, kind);
            if (unknown >= 0)
                Assert.Equal(unknown, _decoding.Result.UnknownFields);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20261122)]
    public void RandomEventsInOneOrderDecodeAsTheDocumentModelDecodesThem(int seed)
    {
        var random = new Random(seed);
        var outcomes = new int[3];
        for (var i = 0; i < 5_000; i++)
        {
            var json = Encoding.UTF8.GetBytes(Event(random));
            if (random.Next(3) == 0)
                json = ByteMutation.Of(json, random, ["\"", ",", "}", "1", "0", ".", "\\", "null", "e1", " "]);
            outcomes[(int)CheckSame(json, json, $"seed {seed}, event {i}")]++;
        }

        Assert.True(outcomes[0] > 1000 && outcomes[2] > 500, string.Join(' ', outcomes));
    }

    [Fact]
    public void ARecordThatIsCutOffIsBadThoughItsRestStandsBehindIt()
    {
        var json = Encoding.UTF8.GetBytes(
            "{\"leadId\":\"0000171b-abc9-8810-37f9-001e0081c9ab\",\"eventId\":\"e-1\",\"occurredAt\":1767225600000,\"totalVisits\":12345,"
            + "\"spend\":1.25,\"lastAction\":\"Email Opened\",\"city\":null}");
        var buffer = (byte[])[.. json, .. new byte[200]];
        Assert.Equal(RecordKind.Event, _decoding.Decode(json, null));
        for (var length = 1; length < json.Length; length++)
        {
            Assert.Equal(RecordKind.Bad, _decoding.Decode(json[..length], null));
            var expected = (_decoding.Result.Reason, _decoding.Result.Fault, _decoding.Result.FaultFeature, _decoding.Result.FaultOffset);
            Assert.Equal(RecordKind.Bad, _decoding.Decode(new Utf8Text(buffer, 0, length), null));
            Assert.Equal(
                expected,
                (_decoding.Result.Reason, _decoding.Result.Fault, _decoding.Result.FaultFeature, _decoding.Result.FaultOffset));
        }
    }

    [Theory]
    [InlineData(27)]
    [InlineData(28)]
    [InlineData(29)]
    [InlineData(30)]
    [InlineData(60)]
    public void ANameMayHaveAnyLength(int length)
    {
        var name = new string('n', length - 1);
        FeatureSpec[] specs = [new("A", "a", name + 'a', "a", FeatureKind.Numeric), new("B", "b", name + 'b', "b", FeatureKind.Numeric)];
        var decoding = new EventDecoding(FeatureSchema.Fit("long", specs, new RawTable(["a", "b"], [["1", "2"], ["1", "2"]])));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(
                RecordKind.Event,
                decoding.Decode(Encoding.UTF8.GetBytes($"{{\"{name}a\":{i},\"{name}b\":-{i}.5}}"), "key"u8.ToArray(), behind: 200));
            Assert.Equal([i, -i - 0.5], decoding.Row);
        }
    }

    [Fact]
    public void ANulByteIsNoName()
    {
        var specs = new FeatureSpec[] { new("A", "a", "say \"hi\"", "a", FeatureKind.Numeric, Required: false) };
        var decoding = new EventDecoding(FeatureSchema.Fit("odd", specs, new RawTable(["a"], [["1", "2"]])));
        Assert.Equal(RecordKind.Bad, decoding.Decode("{\01}"));
        Assert.Equal(RecordKind.Bad, decoding.Decode("{\01}"u8.ToArray(), "key"u8.ToArray(), behind: 200));
    }

    // The template with the value in the place of #, then with white space before it, which is never expected.
    private void CheckSame(string template, string value)
    {
        var compact = Encoding.UTF8.GetBytes(template.Replace("#", value, StringComparison.Ordinal));
        var spaced = Encoding.UTF8.GetBytes(template.Replace("#", " " + value, StringComparison.Ordinal));
        CheckSame(compact, spaced, value);
        CheckSame(compact, spaced, value);
    }

    // With and without other bytes behind the record, and by the oracle; reason and fault as of the other spelling.
    private RecordKind CheckSame(byte[] json, byte[] spelled, string what)
    {
        byte[] key = [.. "key"u8];
        var expected = _oracle.Decode(key, json);
        Assert.True(expected.SameAs(_decoding.DecodePlain(key, spelled)), what);
        var fault = (_decoding.Result.Reason, _decoding.Result.Fault, _decoding.Result.FaultFeature);
        var offset = _decoding.Result.FaultOffset;
        foreach (var noise in "\0,}\"09.en"u8)
        {
            _decoding.Decode(json, key, 200, noise);
            var actual = _decoding.Plain();
            Assert.True(expected.SameAs(actual), $"{what} before {(char)noise}: expected {expected}\nactual {actual}");
            Assert.Equal(fault, (_decoding.Result.Reason, _decoding.Result.Fault, _decoding.Result.FaultFeature));
            if (ReferenceEquals(json, spelled))
                Assert.Equal(offset, _decoding.Result.FaultOffset);
        }

        return expected.Kind;
    }

    private static string Event(Random random)
    {
        var fields = new List<string>();
        Add("leadId", $"\"{new string('l', random.Next(1, 70))}\"");
        Add("eventId", random.Next(4) == 0 ? "null" : $"\"e-{random.Next()}\"");
        Add("occurredAt", (1_700_000_000_000 + random.Next()).ToString(CultureInfo.InvariantCulture));
        Add("totalVisits", random.Next(100).ToString(CultureInfo.InvariantCulture));
        Add("spend", random.Next(8) == 0 ? Numbers[random.Next(Numbers.Length)] : (random.Next(100_000) / 100.0).ToString("R", CultureInfo.InvariantCulture));
        Add("lastAction", random.Next(8) == 0 ? Texts[random.Next(Texts.Length)] : "\"Email Opened\"");
        Add("city", random.Next(3) == 0 ? "null" : "\"Zürich\"");
        Add("subscribed", "true");
        return $"{{{string.Join(',', fields)}}}";

        void Add(string name, string value)
        {
            if (random.Next(15) > 0)
                fields.Add($"\"{name}\":{value}");
        }
    }
}
