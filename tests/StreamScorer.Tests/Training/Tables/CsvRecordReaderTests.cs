using System.Text;
using StreamScorer.Training.Tables;
using Xunit;

namespace StreamScorer.Tests.Training.Tables;

public sealed class CsvRecordReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a,b\r\n1,2\r\n\"x, y\",\"say \"\"hi\"\"\"\r\n")]
    [InlineData("a,b\n1,2\n\"x, y\",\"say \"\"hi\"\"\"")]
    [InlineData("\uFEFFa,b\n1,2\n\n\"x, y\",\"say \"\"hi\"\"\"\n")]
    public void Reads_quotes_commas_and_any_line_end(string text)
    {
        using var csv = new CsvRecordReader(_folder.Write("t.csv", text));
        Assert.Equal(["a", "b"], csv.Header);
        Assert.True(csv.Read());
        Assert.Equal(("1", "2"), (csv[0], csv[1]));
        Assert.True(csv.Read());
        Assert.Equal(("x, y", "say \"hi\""), (csv[0], csv[1]));
        Assert.False(csv.Read());
    }

    [Fact]
    public void Counts_lines_inside_quotes_and_empty_ones()
    {
        using var csv = new CsvRecordReader(_folder.Write("t.csv", "a,b\n\n1,\"two\nlines\"\n3,\n"));
        csv.Read();
        Assert.Equal(3, csv.Line);
        csv.Read();
        Assert.Equal(5, csv.Line);
        Assert.Null(csv[1]);
    }

    [Theory]
    [InlineData("a,b\n1,2\n3\n4,5\n", 3, 1, "the row has 1 fields, the header has 2.")]
    [InlineData("a,b\n1,2\n3,4,5\n", 3, 3, "the row has 3 fields")]
    [InlineData("a,b\n1,2\n3", 3, 1, "it was cut off")]
    [InlineData("a,b\n1,\"open\n3,4\n", 2, 2, "opens here and never closes")]
    [InlineData("a,b\n1,\"open\n3,\"4\"\n", 3, 2, "text follows the closing quote")]
    [InlineData("a,b\n1,x\"y\n", 2, 2, "inside a value that is not quoted")]
    [InlineData("a,b\n1,\"x\"y\n", 2, 2, "text follows the closing quote")]
    [InlineData("a,b\n1,\"x\ny\",\"z\"\n", 2, 3, "the row has 3 fields")]
    [InlineData("a,,c\n", 1, 2, "names no column")]
    [InlineData("a,b,a\n", 1, 3, "twice")]
    [InlineData("", 0, 0, "empty")]
    [InlineData("a,b\n1,\0\n", 2, 0, "zero bytes")]
    public void Names_line_and_column_of_a_fault(string text, long line, int column, string part)
    {
        var fault = Assert.Throws<DataFileException>(() => ReadAll(_folder.Write("t.csv", text)));
        Assert.Contains(part, fault.Message, StringComparison.Ordinal);
        Assert.Equal((line, column), (fault.Line, fault.Column));
        Assert.StartsWith(_folder["t.csv"], fault.Message, StringComparison.Ordinal);
        Assert.NotNull(fault.Remedy);
    }

    [Fact]
    public void Refuses_bytes_that_are_not_utf8()
    {
        File.WriteAllBytes(_folder["t.csv"], Encoding.Latin1.GetBytes("a,b\n1,café\n"));
        var fault = Assert.Throws<DataFileException>(() => ReadAll(_folder["t.csv"]));
        Assert.Equal(2, fault.Line);
        Assert.Contains("iconv", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_when_there_is_no_such_file()
        => Assert.Contains("no such file", Assert.Throws<DataFileException>(() => ReadAll(_folder["gone.csv"])).Message,
            StringComparison.Ordinal);

    [Fact]
    public void An_unclosed_quote_does_not_pull_a_large_file_into_memory()
    {
        var line = new string('x', 999) + "\n";
        File.WriteAllText(_folder["t.csv"], "a,b\n1,\"" + string.Concat(Enumerable.Repeat(line, 40_000)));
        var fault = Assert.Throws<DataFileException>(() => ReadAll(_folder["t.csv"]));
        Assert.Equal((2, 2), (fault.Line, fault.Column));
    }

    private static void ReadAll(string path)
    {
        using var csv = new CsvRecordReader(path);
        while (csv.Read())
        {
        }
    }
}
