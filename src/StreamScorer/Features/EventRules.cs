using StreamScorer.Forests;

namespace StreamScorer.Features;

/// <summary>Which lead ids and event times are believed; the same in the stream and in the API. One thread at a time.</summary>
internal sealed class EventRules(EventDecoderOptions options, TimeProvider clock)
{
    private const long MicrosPerDay = 86_400_000_000;

    private long _latestMicros = long.MinValue;

    /// <summary>Whether an event time lies from 2000 to a day from now.</summary>
    // The clock is asked only for times beyond what it allowed last: asking per event would be a tenth of the decoding.
    public bool IsPlausible(long micros)
    {
        if (micros < Feature.EarliestEventMicros)
            return false;
        if (micros > _latestMicros)
            _latestMicros = ((clock.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond) + MicrosPerDay;
        return micros <= _latestMicros;
    }

    /// <summary>Whether a text has 1 to <see cref="EventDecoderOptions.MaxLeadIdChars"/> characters and no U+0000.</summary>
    // PostgreSQL has no U+0000 in text, so an id with one could never be stored.
    public bool IsLeadId(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty || utf8.Contains((byte)0))
            return false;
        if (utf8.Length <= options.MaxLeadIdChars)
            return true;
        var chars = 0;
        foreach (var unit in utf8)
            chars += (unit & 0xC0) != 0x80 ? 1 : 0;
        return chars <= options.MaxLeadIdChars;
    }
}
