namespace StreamScorer.Sinks;

/// <summary>The one place where errors worth another attempt are told from errors that will come again.</summary>
public static class SinkErrors
{
    /// <summary>True when the same call may succeed later without anybody changing the data or the code.</summary>
    public static bool IsTransient(Exception exception) => throw new NotImplementedException();

    /// <summary>True when the database refused a value (SQLSTATE classes 22 and 23): splitting the batch finds the record.</summary>
    public static bool IsBadData(Exception exception) => throw new NotImplementedException();

    /// <summary>One sentence for a person: what failed, where, with its code; no stack trace.</summary>
    public static string Describe(Exception exception) => throw new NotImplementedException();
}
