using System.Text;
using StreamScorer.Forests;
using Xunit;

namespace StreamScorer.Tests.Forests;

public class FeatureSchemaTests
{
    private static readonly RawTable Table = new(
        ["n", "c", "b", "empty"],
        [
            ["1.5", "", "3", "-2e3"],
            ["Google", "Google", "google", "Select"],
            ["true", "false", null, "True"],
            [null, null, null, ""],
        ]);

    private static FeatureSpec Spec(string column) => new(column, column, column, column);

    private static FeatureSchema Fit(params FeatureSpec[] specs) =>
        FeatureSchema.Fit("test", specs, Table, new SchemaFitOptions { MinCategoryRows = 1 });

    [Fact]
    public void Kinds_are_inferred_from_the_present_cells()
    {
        var schema = Fit(Spec("n"), Spec("c"), Spec("b"), Spec("empty"));
        Assert.Equal(
            [FeatureKind.Numeric, FeatureKind.Categorical, FeatureKind.Boolean, FeatureKind.Numeric],
            schema.Features.Select(feature => feature.Kind));
        Assert.Equal([true, true, true, false], schema.Features.Select(feature => feature.Required));
    }

    [Fact]
    public void Categories_keep_their_case_and_the_rare_bucket_has_code_zero()
    {
        var feature = Fit(Spec("c")).Features[0];
        Assert.Equal([Feature.RareName, "Google", "google"], feature.Categories);
        Assert.True(feature.TryGetCategory("google"u8, out var code));
        Assert.Equal(2, code);
        Assert.False(feature.TryGetCategory("GOOGLE"u8, out code));
        Assert.Equal(Feature.RareCode, code);
        Assert.False(feature.TryGetCategory(Encoding.UTF8.GetBytes(Feature.RareName), out _));
        Assert.True(feature.IsNullToken("Select"u8));
        Assert.False(feature.IsNullToken("select"u8));
    }

    [Fact]
    public void Encode_gives_values_codes_and_NaN_for_missing()
    {
        var rows = Fit(Spec("n"), Spec("c"), Spec("b")).Encode(Table);
        double[] expected = [1.5, 1, 1, double.NaN, 1, 0, 3, 2, double.NaN, -2000, double.NaN, 1];
        Assert.Equal(expected, rows);
    }

    [Fact]
    public void Timestamps_are_ages_at_the_event()
    {
        var table = new RawTable(
            ["t", "now"],
            [["2024-01-01T12:00:00+02:00", "1704067200000"], ["2024-01-02T10:00:00Z", "2024-01-01"]]);
        var schema = FeatureSchema.Fit(
            "t", [Spec("t") with { Kind = FeatureKind.Timestamp }], table, new SchemaFitOptions { EventTimeColumn = "now" });
        Assert.Equal([1.0, 0.0], schema.Encode(table));
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("1e400")]
    [InlineData(" 1")]
    [InlineData("1,000")]
    [InlineData("0x10")]
    public void Texts_that_are_not_finite_invariant_numbers_are_refused(string text) =>
        Assert.False(Feature.TryParseNumber(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void A_cell_of_the_wrong_kind_names_column_and_row()
    {
        var schema = Fit(Spec("n"));
        var bad = new RawTable(["n"], [["1", "two"]]);
        var error = Assert.Throws<CellException>(() => schema.Encode(bad));
        Assert.Contains("'n', data row 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Colliding_and_reserved_names_are_refused()
    {
        Assert.Throws<ForestException>(() => Fit(Spec("n"), Spec("c") with { StreamName = "n" }));
        Assert.Throws<ForestException>(() => Fit(Spec("n"), Spec("c") with { ApiName = "n" }));
        Assert.Throws<ForestException>(() => Fit(Spec("n") with { StreamName = "leadId" }));
        Assert.Throws<ForestException>(() => Fit(Spec("n") with { StreamName = "" }));
        Assert.Throws<ForestException>(() => Fit(Spec("absent")));
        Assert.Throws<ForestException>(() => Fit());
    }

    [Fact]
    public void Row_order_does_not_change_the_schema()
    {
        var leads = new SyntheticLeads(7, 500);
        var order = Enumerable.Range(0, 500).Reverse().ToArray();
        var reversed = new RawTable(
            leads.Table.ColumnNames,
            [.. leads.Table.ColumnNames.Select(name => Array.ConvertAll(order, row => leads.Table.Column(name)[row]))]);
        var schema = FeatureSchema.Fit(
            "synthetic", SyntheticLeads.Specs, reversed, new SchemaFitOptions { EventTimeColumn = "occurred" });
        foreach (var (one, other) in leads.Schema.Features.Zip(schema.Features))
        {
            Assert.Equal(one.Categories, other.Categories);
            Assert.Equal(one.ImputedValue, other.ImputedValue);
        }
    }

    [Fact]
    public void Names_are_found_as_utf8()
    {
        var schema = new SyntheticLeads(1, 50).Schema;
        Assert.True(schema.TryGetByStreamName("optIn"u8, out var index));
        Assert.Equal(3, index);
        Assert.True(schema.TryGetByApiName("opt_in"u8, out index));
        Assert.Equal(3, index);
        Assert.False(schema.TryGetByName("optIn"u8, out index));
        Assert.Equal(-1, index);
    }

    [Fact]
    public void Engineered_values_are_imputed_and_bucketised()
    {
        var feature = Fit(Spec("n") with { BucketEdges = [2, 3] }).Features[0];
        Assert.Equal(1.5, feature.ImputedValue);
        Assert.Equal([0.0, 1.0, 2.0, 0.0], new[] { 1.9, 2.0, 3.0, double.NaN }.Select(feature.Engineer));
    }
}
