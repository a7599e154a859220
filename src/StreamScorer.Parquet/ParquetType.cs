namespace StreamScorer.Parquet;

/// <summary>What a column holds. Each type has one physical form in files we write (named in the list) and may have several in
/// files we read.</summary>
public enum ParquetType
{
    /// <summary>BOOLEAN.</summary>
    Boolean,

    /// <summary>INT32, signed.</summary>
    Int32,

    /// <summary>INT64, signed. Unsigned 32-bit columns of other writers are read as this.</summary>
    Int64,

    /// <summary>FLOAT. Half floats of other writers are read as this.</summary>
    Float,

    /// <summary>DOUBLE.</summary>
    Double,

    /// <summary>BYTE_ARRAY with the STRING logical type; always valid UTF-8 in files we write.</summary>
    String,

    /// <summary>BYTE_ARRAY without a logical type. Fixed-length byte arrays of other writers are read as this.</summary>
    Binary,

    /// <summary>INT32, days since 1970-01-01.</summary>
    Date,

    /// <summary>INT64, microseconds since 1970-01-01T00:00:00Z. Millisecond, nanosecond and INT96 timestamps of other writers are
    /// read as this (nanoseconds round towards the past).</summary>
    TimestampMicros,

    /// <summary>An unscaled integer with <see cref="ParquetColumn.Precision"/> digits in all, <see cref="ParquetColumn.Scale"/> of
    /// them after the point: INT32 up to 9 digits, INT64 up to 18.</summary>
    Decimal,
}
