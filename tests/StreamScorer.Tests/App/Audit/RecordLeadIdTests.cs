using System.Text;
using StreamScorer.App.Audit;
using Xunit;

namespace StreamScorer.Tests.App.Audit;

public class RecordLeadIdTests
{
    [Theory]
    [InlineData("""{"leadId":"L-1","city":"Pune"}""", "L-1")]
    [InlineData("""{"nested":{"leadId":"inner"},"list":[{"leadId":"x"}],"leadId":"L-2"}""", "L-2")]
    [InlineData("""{"leadId":"L\u002d3 \"é\""}""", "L-3 \"é\"")]
    [InlineData("""{"specversion":"1.0","data":{"city":"Pune","leadId":"L-4"}}""", "L-4")]
    [InlineData("""{"data":{"leadId":"inner"},"city":"Pune"}""", "key")]
    [InlineData("""{"city":"Pune"}""", "key")]
    [InlineData("""{"leadId":7}""", "key")]
    [InlineData("[1]", "key")]
    [InlineData("no json", "key")]
    public void TheLeadIsTheFieldElseTheKey(string value, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(RecordLeadId.Find("key"u8, Encoding.UTF8.GetBytes(value))));
}
