using System.Text;
using StreamScorer.Forests;
using Xunit;

namespace StreamScorer.Tests.Forests;

public class Rfc3339Tests
{
    [Theory]
    [InlineData("1970-01-01T00:00:00Z", 0)]
    [InlineData("2024-02-29T23:59:59.123456Z", 1709251199123456)]
    [InlineData("2024-02-29t23:59:59.1234569z", 1709251199123456)]
    [InlineData("2024-03-01 01:29:59+01:30", 1709251199000000)]
    [InlineData("2024-02-29T23:59:60Z", 1709251200000000)]
    [InlineData("1969-12-31T23:59:59.5-00:00", -500000)]
    [InlineData("0001-01-01T00:00:00Z", -62135596800000000)]
    [InlineData("9999-12-31T23:59:59Z", 253402300799000000)]
    public void ReadsWhatTheRfcAllows(string text, long micros)
    {
        Assert.True(Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out var actual));
        Assert.Equal(micros, actual);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2024-02-29")]
    [InlineData("2024-02-29T23:59:59")]
    [InlineData("2024-02-29T23:59Z")]
    [InlineData("2023-02-29T00:00:00Z")]
    [InlineData("2024-13-01T00:00:00Z")]
    [InlineData("2024-00-01T00:00:00Z")]
    [InlineData("2024-01-00T00:00:00Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("2024-01-01T24:00:00Z")]
    [InlineData("2024-01-01T00:60:00Z")]
    [InlineData("2024-01-01T00:00:61Z")]
    [InlineData("2024-01-01T00:00:00.Z")]
    [InlineData("2024-01-01T00:00:00,5Z")]
    [InlineData("2024-01-01T00:00:00+24:00")]
    [InlineData("2024-01-01T00:00:00+0100")]
    [InlineData("2024-01-01T00:00:00Zx")]
    [InlineData("2024-1-1T00:00:00Z")]
    [InlineData(" 2024-01-01T00:00:00Z")]
    [InlineData("２０２４-01-01T00:00:00Z")]
    public void RefusesEverythingElse(string text) => Assert.False(Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void ADateAloneIsMidnightWhereItIsAllowed()
    {
        Assert.True(Rfc3339.TryParse("1970-01-02"u8, out var micros, allowDateAlone: true));
        Assert.Equal(86_400_000_000, micros);
    }

    [Fact]
    public void AgreesWithTheFrameworkOnRandomInstants()
    {
        var random = new Random(11);
        for (var i = 0; i < 10_000; i++)
        {
            var instant = new DateTimeOffset(random.NextInt64(0, DateTime.MaxValue.Ticks / 10) * 10, TimeSpan.Zero);
            var shown = instant.Year is > 1 and < 9999 ? instant.ToOffset(TimeSpan.FromMinutes(random.Next(-839, 840))) : instant;
            var text = shown.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffzzz", System.Globalization.CultureInfo.InvariantCulture);
            Assert.True(Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out var micros), text);
            Assert.Equal((instant.UtcTicks - DateTime.UnixEpoch.Ticks) / 10, micros);
        }
    }
}
