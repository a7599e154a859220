using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Reading;

/// <summary>In which store a column's values lie.</summary>
internal enum StorageKind
{
    Boolean,
    Int32,
    Int64,
    Float,
    Double,
    Bytes,
}

/// <summary>The memory behind <see cref="ColumnValues"/>: one store per kind, of which one is in use.</summary>
internal sealed class ColumnStorage
{
    public StorageKind Kind { get; set; }

    /// <summary>By row: 0 where the value is missing; in use where the chunk has nulls.</summary>
    public NumberStore<byte> Levels { get; } = new();

    public NumberStore<byte> Booleans { get; } = new();

    public NumberStore<int> Int32s { get; } = new();

    public NumberStore<long> Int64s { get; } = new();

    public NumberStore<float> Floats { get; } = new();

    public NumberStore<double> Doubles { get; } = new();

    public BytesStore Bytes { get; } = new();

    private readonly Dictionary<(PhysicalType, int), ValueDecoder> _decoders = [];

    /// <summary>The decoder of a column's stored values; the same one for all columns that are stored alike.</summary>
    public ValueDecoder DecoderFor(LeafColumn leaf)
    {
        int fixedLength = leaf.Physical switch
        {
            PhysicalType.Int96 => 12,
            PhysicalType.FixedLenByteArray => leaf.TypeLength,
            _ => 0,
        };
        if (!_decoders.TryGetValue((leaf.Physical, fixedLength), out ValueDecoder? decoder))
            _decoders.Add((leaf.Physical, fixedLength), decoder = MakeDecoder(leaf.Physical, fixedLength));
        return decoder;
    }

    /// <summary>Keeps some of the rows, which then count from 0.</summary>
    public void Keep(int first, int rows, bool hasNulls)
    {
        if (hasNulls)
            Levels.Keep(first, rows);
        switch (Kind)
        {
            case StorageKind.Boolean: Booleans.Keep(first, rows); break;
            case StorageKind.Int32: Int32s.Keep(first, rows); break;
            case StorageKind.Int64: Int64s.Keep(first, rows); break;
            case StorageKind.Float: Floats.Keep(first, rows); break;
            case StorageKind.Double: Doubles.Keep(first, rows); break;
            default:
                Bytes.Starts.Keep(first, rows);
                Bytes.Lengths.Keep(first, rows);
                break;
        }
    }

    /// <summary>Where the values of a type lie after conversion.</summary>
    public static StorageKind KindOf(ParquetType type) => type switch
    {
        ParquetType.Boolean => StorageKind.Boolean,
        ParquetType.Int32 or ParquetType.Date => StorageKind.Int32,
        ParquetType.Int64 or ParquetType.TimestampMicros or ParquetType.Decimal => StorageKind.Int64,
        ParquetType.Float => StorageKind.Float,
        ParquetType.Double => StorageKind.Double,
        _ => StorageKind.Bytes,
    };

    private ValueDecoder MakeDecoder(PhysicalType type, int fixedLength) => type switch
    {
        PhysicalType.Boolean => new BooleanDecoder(Booleans),
        PhysicalType.Int32 => new NumberDecoder<int>(Int32s),
        PhysicalType.Int64 => new NumberDecoder<long>(Int64s),
        PhysicalType.Float => new NumberDecoder<float>(Floats),
        PhysicalType.Double => new NumberDecoder<double>(Doubles),
        _ => new BytesDecoder(Bytes, fixedLength),
    };
}
