using System.Text;
using StreamScorer.App.Audit;
using Xunit;

namespace StreamScorer.Tests.App.Audit;

public class LeadFingerprintsTests
{
    private readonly LeadHash _hash = new();

    [Fact]
    public void TheSamePairsCancelOutInAnyOrder()
    {
        var fingerprints = new LeadFingerprints();
        for (var offset = 0; offset < 5000; offset++)
            fingerprints.AddRow(offset, Lead(offset));
        for (var offset = 4999; offset >= 0; offset--)
            fingerprints.AddRecord(offset, Lead(offset));

        Assert.Empty(fingerprints.Differing());
    }

    [Fact]
    public void TwoLeadsThatChangedPlacesAreFoundInTheirBlock()
    {
        var fingerprints = new LeadFingerprints();
        for (var offset = 0; offset < 5000; offset++)
        {
            fingerprints.AddRecord(offset, Lead(offset));
            fingerprints.AddRow(offset, Lead(offset switch { 3000 => 3001, 3001 => 3000, _ => offset }));
        }

        Assert.Equal([new OffsetRun(2048, 3072)], fingerprints.Differing());
    }

    [Fact]
    public void LeadHashesDependOnEveryByte()
    {
        var ids = Enumerable.Range(0, 40).Select(length => new string('x', length))
            .Concat(Enumerable.Range(0, 40).Select(position => new string('x', position) + "y" + new string('x', 40 - position)))
            .Concat(
                from length in Enumerable.Range(1, 20)
                from position in Enumerable.Range(0, length)
                select new string('x', position) + "z" + new string('x', length - position - 1))
            .Append("x\0").ToArray();

        Assert.Equal(ids.Length, ids.Select(id => _hash.Of(Encoding.UTF8.GetBytes(id))).Distinct().Count());
    }

    private ulong Lead(int number) => _hash.Of(Encoding.UTF8.GetBytes($"lead-{number}"));
}
