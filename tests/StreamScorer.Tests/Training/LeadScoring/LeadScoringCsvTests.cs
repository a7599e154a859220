using StreamScorer.Training.LeadScoring;
using StreamScorer.Training.Tables;
using Xunit;

namespace StreamScorer.Tests.Training.LeadScoring;

public sealed class LeadScoringCsvTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Reads_features_by_column_name_and_both_null_tokens_as_null()
    {
        var csv = new LeadCsvText().Row(("Prospect ID", "lead-1"), ("City", "Select"), ("Country", null), ("TotalVisits", "5"),
            ("Converted", "1"), ("Tags", "Ringing, twice"));
        var rows = LeadScoringCsv.Read(_folder.Write("t.csv", csv.ToString()));
        Assert.Equal(["lead-1"], rows.LeadIds);
        Assert.Equal([true], rows.Converted);
        Assert.Equal("5", rows.Feature(0)[0]);
        Assert.Null(rows.Feature(7)[0]);
        Assert.Null(rows.Feature(8)[0]);
        Assert.Equal("Ringing, twice", rows.Feature(9)[0]);
    }

    [Fact]
    public void Takes_columns_in_any_order()
    {
        var csv = new LeadCsvText(LeadScoringColumns.All.Select(column => column.Name).Reverse()).Row(("City", "Mumbai"));
        Assert.Equal("Mumbai", LeadScoringCsv.Read(_folder.Write("t.csv", csv.ToString())).Feature(7)[0]);
    }

    [Fact]
    public void Drops_and_counts_rows_without_a_label()
    {
        var csv = new LeadCsvText().Row(("Converted", null)).Row(("Converted", "0")).Row(("Converted", null));
        var rows = LeadScoringCsv.Read(_folder.Write("t.csv", csv.ToString()));
        Assert.Equal((1, 2, 3), (rows.Count, rows.UnlabelledRows, rows.ReadRows));
    }

    [Theory]
    [InlineData("TotalVisits", "many", "column 8 (TotalVisits): 'many' is not a number")]
    [InlineData("TotalVisits", "-1", "not a number that is not negative")]
    [InlineData("TotalVisits", "NaN", "not a number")]
    [InlineData("Page Views Per Visit", "2,5", "not a number")]
    [InlineData("Do Not Call", "maybe", "column 6 (Do Not Call): 'maybe' is not Yes or No")]
    [InlineData("Converted", "yes", "'yes' is not 1, 0 or nothing")]
    [InlineData("Lead Number", "6.5", "not a whole number")]
    [InlineData("Prospect ID", null, "column 1 (Prospect ID): the cell is empty")]
    public void Names_the_cell_that_is_of_the_wrong_kind(string column, string? value, string part)
    {
        var csv = new LeadCsvText().Row().Row((column, value));
        var fault = Assert.Throws<DataFileException>(() => LeadScoringCsv.Read(_folder.Write("t.csv", csv.ToString())));
        Assert.Equal(3, fault.Line);
        Assert.Contains(part, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_missing_and_unknown_header_columns()
    {
        var names = LeadScoringColumns.All.Select(column => column.Name == "Tags" ? "Tag" : column.Name);
        var csv = new LeadCsvText(names).ToString();
        var fault = Assert.Throws<DataFileException>(() => LeadScoringCsv.Read(_folder.Write("t.csv", csv)));
        Assert.Contains("lacks column 'Tags' and has the unknown column 'Tag'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_file_of_another_kind()
    {
        var fault = Assert.Throws<DataFileException>(() => LeadScoringCsv.Read(_folder.Write("t.csv", "id;name\n1;x\n")));
        Assert.Contains("none of the expected columns", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_table_without_labels()
    {
        var csv = new LeadCsvText().Row(("Converted", null)).ToString();
        var fault = Assert.Throws<DataFileException>(() => LeadScoringCsv.Read(_folder.Write("t.csv", csv)));
        Assert.Contains("no row has a label", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Finds_every_place_at_which_a_file_was_cut_within_a_row()
    {
        var csv = new LeadCsvText();
        for (var i = 0; i < 300; i++) csv.Row(("Last Notable Activity", i % 2 == 0 ? "Modified" : "Email Opened"));
        var whole = csv.ToString();
        var rowStart = whole.LastIndexOf('\n', whole.Length - 3) + 1;
        // Cut behind the first character of the last row up to the second but last one of its last value.
        for (var length = rowStart + 1; length < whole.Length - 2; length++)
        {
            var path = _folder.Write("t.csv", whole[..length]);
            var fault = Assert.Throws<DataFileException>(() => LeadScoringCsv.Read(path));
            Assert.Equal(301, fault.Line);
            Assert.Contains("cut off", fault.Message, StringComparison.Ordinal);
        }

        Assert.Equal(300, LeadScoringCsv.Read(_folder.Write("t.csv", whole[..^2])).Count);
    }

    [RequiresSharedDataFact]
    public void Reads_the_real_table()
    {
        var rows = LeadScoringCsv.Read(RepositoryFolder.SharedData("lead-scoring.csv"));
        Assert.Equal((9240, 0), (rows.Count, rows.UnlabelledRows));
        Assert.Equal(3561, rows.Converted.Count(converted => converted));
        Assert.Equal(9240, rows.LeadIds.Distinct().Count());
        Assert.Equal(137, rows.Feature(0).Count(text => text is null));
    }
}
