using StreamScorer.App.ParquetFiles;
using StreamScorer.Parquet;
using Xunit;

namespace StreamScorer.Tests.App.ParquetFiles;

public sealed class ValueTextTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0L, 0, "0")]
    [InlineData(-5L, 2, "-0.05")]
    [InlineData(123_456L, 3, "123.456")]
    [InlineData(-999_999_999_999_999_999L, 18, "-0.999999999999999999")]
    [InlineData(999_999_999_999_999_999L, 0, "999999999999999999")]
    public void Decimals_keep_their_digits(long unscaled, int scale, string text) =>
        Assert.Equal(text, TextOf(new ParquetColumn("d", ParquetType.Decimal, Precision: 18, Scale: scale), unscaled));

    [Theory]
    [InlineData(0L, "1970-01-01T00:00:00.000000Z")]
    [InlineData(-1L, "1969-12-31T23:59:59.999999Z")]
    [InlineData(1_763_716_245_123_456L, "2025-11-21T09:10:45.123456Z")]
    [InlineData(long.MaxValue, "9223372036854775807 µs")]
    [InlineData(long.MinValue, "-9223372036854775808 µs")]
    public void Timestamps_are_utc_and_those_beyond_the_calendar_numbers(long micros, string text) =>
        Assert.Equal(text, TextOf(new ParquetColumn("t", ParquetType.TimestampMicros), micros));

    [Theory]
    [InlineData(0, "1970-01-01")]
    [InlineData(-719_162, "0001-01-01")]
    [InlineData(2_932_896, "9999-12-31")]
    [InlineData(int.MaxValue, "2147483647 days")]
    public void Dates_are_iso_and_those_beyond_the_calendar_numbers(int days, string text) =>
        Assert.Equal(text, TextOf(new ParquetColumn("d", ParquetType.Date), days));

    [Fact]
    public void A_cell_holds_no_line_break_and_no_novel()
    {
        Assert.Equal("a\uFFFDb", ValueText.Cell("a\nb"));
        Assert.Equal(41, ValueText.Cell(new string('x', 1_000)).Length);
    }

    private string? TextOf(ParquetColumn column, long value)
    {
        using (ParquetFileWriter writer = ParquetFileWriter.Create(_folder["x.staging"], new ParquetSchema(column)))
        {
            if (column.Type == ParquetType.Date)
                writer.Column(0).Append((int)value);
            else
                writer.Column(0).Append(value);
            writer.EndRow();
            writer.CompleteAs(_folder["x.parquet"]);
        }

        using ParquetFileReader reader = ParquetFileReader.Open(_folder["x.parquet"]);
        var values = new ColumnValues();
        reader.ReadColumn(0, 0, values);
        Assert.Equal(ValueText.Bounds(reader.Statistics(0, 0), column).Min, ValueText.Of(values, column, 0));
        return ValueText.Of(values, column, 0);
    }
}
