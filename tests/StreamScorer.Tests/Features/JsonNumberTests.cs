using System.Globalization;
using System.Text;
using StreamScorer.Features;
using Xunit;

namespace StreamScorer.Tests.Features;

public class JsonNumberTests
{
    [Fact]
    public void RoundsAsTheFrameworkDoes()
    {
        const int Seed = 8;
        var random = new Random(Seed);
        for (var i = 0; i < 200_000; i++)
        {
            var digits = string.Concat(Enumerable.Range(0, random.Next(1, 26)).Select(_ => (char)('0' + random.Next(10)))).TrimStart('0');
            var point = random.Next(0, digits.Length + 1);
            var number = (random.Next(2) == 0 ? "-" : "") + (point == 0 ? "0" : digits[..point])
                + (point < digits.Length ? "." + digits[point..] : "")
                + (random.Next(4) == 0 ? "e" + random.Next(-40, 40).ToString(CultureInfo.InvariantCulture) : "");
            var json = Encoding.UTF8.GetBytes(number + ",");
            Assert.Equal(number.Length, JsonNumber.Read(json, out var value));
            var expected = double.Parse(number, CultureInfo.InvariantCulture);
            Assert.True(
                BitConverter.DoubleToInt64Bits(expected) == BitConverter.DoubleToInt64Bits(value), $"seed {Seed}: {number} gave {value:R}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("+1")]
    [InlineData(".5")]
    [InlineData("1.")]
    [InlineData("01")]
    [InlineData("-01")]
    [InlineData("00")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("1.e5")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    public void RefusesWhatJsonHasNoNumberFor(string text) => Assert.Equal(0, JsonNumber.Read(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("01")]
    [InlineData("-00")]
    [InlineData("1.")]
    [InlineData("-.5")]
    [InlineData("12345678.")]
    [InlineData("012345678")]
    public void RefusesItWhateverStandsBehind(string text)
    {
        foreach (var noise in ",}] e\0\"/:\u00B0")
        {
            // An exponent's letter ends all of these wrongly, too.
            var json = Encoding.Latin1.GetBytes(text + new string(noise, 40));
            Assert.Equal(0, JsonNumber.Read(json, out _));
        }
    }

    [Fact]
    public void ReadsTheSameNumberWhateverStandsBehind()
    {
        const int Seed = 9;
        var random = new Random(Seed);
        for (var i = 0; i < 200_000; i++)
        {
            var number = (random.Next(4) == 0 ? "-" : "") + Digits(random, 1, 18) + (random.Next(2) == 0 ? "." + Digits(random, 1, 10) : "");
            if (random.Next(8) == 0)
                number += random.Next(2) == 0 ? "e5" : "E-7";
            // Alone it is too near the end for eight bytes at a time.
            var length = JsonNumber.Read(Encoding.UTF8.GetBytes(number), out var expected);
            var noise = ",}] \0\"/:\u00B0\u00FF"[random.Next(10)];
            Assert.Equal(length, JsonNumber.Read(Encoding.Latin1.GetBytes(number + new string(noise, 40)), out var value));
            Assert.True(
                BitConverter.DoubleToInt64Bits(expected) == BitConverter.DoubleToInt64Bits(value), $"seed {Seed}: {number} gave {value:R}");
        }
    }

    [Theory]
    [InlineData("1e309", double.PositiveInfinity)]
    [InlineData("-1e309", double.NegativeInfinity)]
    [InlineData("1e-999", 0)]
    public void GivesInfinityBeyondDouble(string text, double expected)
    {
        Assert.Equal(text.Length, JsonNumber.Read(Encoding.UTF8.GetBytes(text), out var value));
        Assert.Equal(expected, value);
    }

    private static string Digits(Random random, int fewest, int most) =>
        string.Concat(Enumerable.Range(0, random.Next(fewest, most + 1)).Select(_ => (char)('0' + random.Next(10))));
}
