namespace StreamScorer.Forests;

/// <summary>
/// A fault in what the caller supplied (schema, training table, options, model file) that the message lets a person repair:
/// it names the feature, row, setting or byte offset and the remedy. Never thrown for a fault of the library itself.
/// </summary>
public class ForestException : Exception
{
    public ForestException(string message)
        : base(message)
    {
    }

    public ForestException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public ForestException()
    {
    }
}
