using Npgsql;
using NpgsqlTypes;

namespace StreamScorer.Sinks;

/// <summary>A column of a batch as one array parameter, whose list is filled anew for each execution.</summary>
internal sealed class ArrayParameter<T>(NpgsqlDbType elementType)
{
    private readonly List<T> _values = [];

    /// <summary>The parameter; its value is the list.</summary>
    public NpgsqlParameter<List<T>> Parameter { get; } = new() { NpgsqlDbType = NpgsqlDbType.Array | elementType };

    /// <summary>Appends an element.</summary>
    public void Add(T value) => _values.Add(value);

    /// <summary>Empties the array.</summary>
    public void Clear()
    {
        _values.Clear();

        // Assigned each time: the parameter keeps the size it computed for a value until it is given one.
        Parameter.TypedValue = _values;
    }
}
