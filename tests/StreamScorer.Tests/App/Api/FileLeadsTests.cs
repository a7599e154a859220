using System.Text;
using StreamScorer.App.Api.Leads;
using StreamScorer.App.Audit;
using Xunit;

namespace StreamScorer.Tests.App.Api;

public sealed class FileLeadsTests
{
    private readonly LeadHash _hash = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(20_000)]
    public void Every_lead_of_the_file_is_found_and_few_others(int rows)
    {
        var leads = new FileLeads(rows);
        for (var lead = 0; lead < rows; lead++)
            leads.Add(Hash($"lead-{lead}"));

        Assert.All(Enumerable.Range(0, rows), lead => Assert.True(leads.MayHold(Hash($"lead-{lead}"))));
        var wrong = Enumerable.Range(0, 20_000).Count(lead => leads.MayHold(Hash($"other-{lead}")));
        // One in a hundred and a margin; the filter of a tiny file is all but empty.
        Assert.InRange(wrong, 0, 400);
    }

    private ulong Hash(string lead) => _hash.Of(Encoding.UTF8.GetBytes(lead));
}
