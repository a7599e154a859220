using System.CommandLine;

namespace StreamScorer.App.Commands;

/// <summary><c>offsets show|reset</c>: where the group stands, and the only way to move it.</summary>
internal static class OffsetsCommand
{
    public static Command Create() => new("offsets", "Where the consumer group stands on its topic, and the only way to move it.")
    {
        OffsetsShowCommand.Create(),
        OffsetsResetCommand.Create(),
    };
}
