using System.Text;
using StreamScorer.Features;
using Xunit;

namespace StreamScorer.Tests.Features;

/// <summary>The fast decoder and the slow one must agree on everything, whatever the bytes.</summary>
public class EventDecoderRandomTests
{
    private readonly EventDecoding _fast = new(EventSchemas.EveryKind());
    private readonly DomEventDecoder _slow = new(EventSchemas.EveryKind(), EventDecoding.Now);

    [Theory]
    [InlineData(1)]
    [InlineData(20260504)]
    public void RandomEventsDecodeAsTheDocumentModelDecodesThem(int seed)
    {
        var events = new RandomEvents(new Random(seed));
        var good = 0;
        for (var i = 0; i < 20_000; i++)
            good += CheckSame(seed, i, Encoding.UTF8.GetBytes(events.Next())) ? 1 : 0;
        Assert.InRange(good, 10_000, 20_000);
    }

    [Fact]
    public void HundredThousandMutationsNeverThrowAndDecodeAsTheDocumentModelDecodesThem()
    {
        const int Seed = 77;
        var random = new Random(Seed);
        var events = new RandomEvents(random);
        var good = 0;
        for (var i = 0; i < 100_000; i++)
        {
            var mutated = events.Mutate(Encoding.UTF8.GetBytes(events.Next()));
            good += CheckSame(Seed, i, mutated) ? 1 : 0;
        }

        // Both outcomes must be common, or the test shows nothing.
        Assert.InRange(good, 5_000, 80_000);
    }

    [Fact]
    public void RandomBytesNeverThrow()
    {
        const int Seed = 5;
        var random = new Random(Seed);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(1, 60)];
            random.NextBytes(bytes);
            CheckSame(Seed, i, bytes);
        }
    }

    private bool CheckSame(int seed, int number, byte[] value)
    {
        byte[]? key = number % 7 == 0 ? null : "key-1"u8.ToArray();
        var expected = _slow.Decode(key, value);
        var actual = _fast.DecodePlain(key, value);
        Assert.True(
            expected.SameAs(actual),
            $"seed {seed}, event {number}: {Encoding.UTF8.GetString(value)}\nexpected {expected}\nactual   {actual} ({_fast.Result.Reason})");
        return actual.Kind == RecordKind.Event;
    }
}
