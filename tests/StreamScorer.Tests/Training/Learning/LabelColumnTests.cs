using StreamScorer.Training.Learning;
using StreamScorer.Training.Tables;
using Xunit;

namespace StreamScorer.Tests.Training.Learning;

public sealed class LabelColumnTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("1,0,1", "1")]
    [InlineData("no,yes,yes", "yes")]
    [InlineData("True,False,False", "True")]
    [InlineData("N,Y,N", "Y")]
    public void Plain_yes_and_no_are_known(string values, string positive)
        => Assert.Equal(positive, Read(values, null).PositiveValue);

    [Fact]
    public void Rows_without_a_label_are_left_out_and_counted()
    {
        var labels = Read("won,,lost,won,", "won");
        Assert.Equal([true, false, true], labels.Labels);
        Assert.Equal([0, 2, 3], labels.Rows);
        Assert.Equal(2, labels.UnlabelledRows);
    }

    [Fact]
    public void Every_other_value_is_negative()
        => Assert.Equal([true, false, false], Read("won,lost,open", "won").Labels);

    [Theory]
    [InlineData("won,lost", null, "which value is the positive one; there are 'lost', 'won'")]
    [InlineData("won,lost", "sold", "no row has the positive label 'sold'")]
    [InlineData("won,won", "won", "all rows have the label 'won'")]
    [InlineData("0,0", null, "no row has the positive label '1'")]
    [InlineData("1,1", null, "all rows have the label '1'")]
    [InlineData(",", null, "no row has a label")]
    public void Says_why_a_column_is_no_label(string values, string? positive, string part)
        => Assert.Contains(part, Assert.Throws<DataFileException>(() => Read(values, positive)).Message, StringComparison.Ordinal);

    private LabelColumn Read(string values, string? positive)
    {
        var rows = values.Split(',').Select((value, i) => $"{i},{value}");
        var table = TextTable.Read(_folder.Write("t.csv", "id,y\n" + string.Join('\n', rows) + "\n"));
        return LabelColumn.Read(table, "y", positive);
    }
}
