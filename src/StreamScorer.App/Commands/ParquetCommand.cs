using System.CommandLine;

namespace StreamScorer.App.Commands;

/// <summary><c>parquet show|head|verify|compact</c>: looks at Parquet files, ours and others', and makes large ones of small ones.</summary>
internal static class ParquetCommand
{
    public static Command Create() => new("parquet", "Look at Parquet files: how they are made, their first rows, whether they are whole; compact old checkpoints.")
    {
        ParquetShowCommand.Create(),
        ParquetHeadCommand.Create(),
        ParquetVerifyCommand.Create(),
        ParquetCompactCommand.Create(),
    };

    /// <summary>The file argument of the verbs that take one.</summary>
    public static Argument<string> FileArgument() => new("FILE") { Description = "A Parquet file." };
}
