using System.CommandLine;

namespace StreamScorer.App.Commands;

/// <summary><c>parquet show|head|verify</c>: looks at Parquet files, ours and others'.</summary>
internal static class ParquetCommand
{
    public static Command Create() => new("parquet", "Look at Parquet files: how they are made, their first rows, whether they are whole.")
    {
        ParquetShowCommand.Create(),
        ParquetHeadCommand.Create(),
        ParquetVerifyCommand.Create(),
    };

    /// <summary>The file argument of the verbs that take one.</summary>
    public static Argument<string> FileArgument() => new("FILE") { Description = "A Parquet file." };
}
