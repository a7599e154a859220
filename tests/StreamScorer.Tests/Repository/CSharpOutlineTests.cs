using Xunit;

namespace StreamScorer.Tests.Repository;

public sealed class CSharpOutlineTests
{
    [Fact]
    public void Finds_types_and_the_lines_of_their_members()
    {
        const string source = """"
            namespace A.B;

            // A { that is not code.
            public sealed record Point(int X, int Y)
            {
                private const string Text = "}{\"}";
                private string Hole => $"{Text.Replace("\"", "}")} {{";
                private const char Brace = '{';
                private const string Raw = $"""
                    } " }
                    """;

                public int Sum(
                    int more)
                {
                    if (more > 0) { more--; }
                    return X + Y + more;
                }

                public int Twice { get; } = 2;
            }
            """";

        var entries = CSharpOutline.Read(source);

        var sum = Assert.Single(entries, entry => entry.Declaration.Contains("Sum", StringComparison.Ordinal));
        Assert.Equal((13, 18), (sum.FirstLine, sum.LastLine));
        Assert.False(sum.IsType);
        var type = Assert.Single(entries, entry => entry.IsType);
        Assert.Equal("Point", type.TypeName);
        Assert.Equal(21, type.LastLine);
    }
}
