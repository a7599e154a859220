using StreamScorer.Features;
using Xunit;

namespace StreamScorer.Tests.Features;

public class DecoderAllocationTests
{
    [Fact]
    public void AGoodEventAllocatesNothing()
    {
        var schema = EventSchemas.EveryKind();
        var decoder = new EventDecoder(schema);
        byte[][] events =
        [
            """{"leadId":"a","eventId":"e","occurredAt":"2024-01-01T00:00:00Z","totalVisits":3.25,"lastAction":"SMS Sent","city":"東京","subscribed":false,"signedUp":1700000000000}"""u8.ToArray(),
            """{ "lastAction" : "Email \u004fpened", "totalVisits" : 1e3, "extra" : [ { "deep" : null } ], "le\u0061dId" : "b\n" }"""u8.ToArray(),
            """{"specversion":"1.0","id":"ce\u002d1","time":"2024-01-01T00:00:00Z","data":{"totalVisits":1,"lastAction":"unseen"}}"""u8.ToArray(),
        ];
        var arena = new Utf8Arena();
        var row = new double[schema.Count];
        var result = default(DecodedEvent);

        // No asserts inside: they allocate themselves.
        (long Bytes, int Good) Measure(int rounds)
        {
            var good = 0;
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < rounds; i++)
            {
                arena.Clear();
                foreach (var value in events)
                    good += decoder.Decode("key"u8, false, value, false, row, arena, ref result) == RecordKind.Event ? 1 : 0;
            }

            return (GC.GetAllocatedBytesForCurrentThread() - before, good);
        }

        Measure(100);
        Assert.Equal((0L, 3000), Measure(1000));
    }
}
