using System.Buffers.Binary;

namespace StreamScorer.Parquet.Reading;

/// <summary>Turns the values of a whole chunk, as they are stored, into those of the column's <see cref="ParquetType"/>.</summary>
internal static class ChunkConversion
{
    private const long MicrosPerDay = 86_400_000_000;
    private const int JulianDayOfEpoch = 2_440_588;

    /// <summary>Converts in place.</summary>
    /// <exception cref="ParquetException">A value does not fit the column's type.</exception>
    public static void Apply(ValueConversion conversion, ColumnStorage storage, int rows, bool hasNulls)
    {
        ReadOnlySpan<byte> levels = hasNulls ? storage.Levels.Values.AsSpan(0, rows) : [];
        switch (conversion)
        {
            case ValueConversion.MillisToMicros:
                foreach (ref long value in storage.Int64s.Values.AsSpan(0, rows))
                    value = Micros(value);
                break;
            case ValueConversion.NanosToMicros:
                foreach (ref long value in storage.Int64s.Values.AsSpan(0, rows))
                    value = FloorDivide(value, 1_000);
                break;
            case ValueConversion.UnsignedInt64ToInt64:
                if (storage.Int64s.Values.AsSpan(0, rows).ContainsAnyInRange(long.MinValue, -1))
                    throw new ParquetException("An unsigned value is above 2^63 - 1, which Int64 cannot hold.");
                break;
            case ValueConversion.Int32ToInt64:
                Widen(storage, rows, value => value);
                break;
            case ValueConversion.UnsignedInt32ToInt64:
                Widen(storage, rows, value => (uint)value);
                break;
            case ValueConversion.Int96ToMicros:
                FromBytes(storage.Bytes, storage.Int64s, rows, levels, Int96ToMicros);
                break;
            case ValueConversion.BigEndianToInt64:
                FromBytes(storage.Bytes, storage.Int64s, rows, levels, BigEndianToInt64);
                break;
            case ValueConversion.HalfToFloat:
                FromBytes(storage.Bytes, storage.Floats, rows, levels,
                    bytes => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes));
                break;
        }
    }

    private static void Widen(ColumnStorage storage, int rows, Func<int, long> widen)
    {
        storage.Int64s.Grow(0, rows);
        for (int i = 0; i < rows; i++)
            storage.Int64s.Values[i] = widen(storage.Int32s.Values[i]);
    }

    private delegate T FromBytesFunc<T>(ReadOnlySpan<byte> bytes);

    private static void FromBytes<T>(BytesStore from, NumberStore<T> to, int rows, ReadOnlySpan<byte> levels,
        FromBytesFunc<T> convert)
        where T : unmanaged
    {
        to.Grow(0, rows);
        for (int i = 0; i < rows; i++)
            to.Values[i] = levels.IsEmpty || levels[i] != 0 ? convert(from[i]) : default;
    }

    private static long Micros(long millis)
    {
        if (millis is > long.MaxValue / 1_000 or < long.MinValue / 1_000)
            throw new ParquetException($"The timestamp {millis} ms passes what microseconds can hold.");
        return millis * 1_000;
    }

    // Nanoseconds within the day, then the Julian day, both little-endian: how Impala and old Sparks write timestamps.
    private static long Int96ToMicros(ReadOnlySpan<byte> bytes)
    {
        long nanos = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        long day = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]) - (long)JulianDayOfEpoch;
        Int128 micros = ((Int128)day * MicrosPerDay) + FloorDivide(nanos, 1_000);
        if (micros < long.MinValue || micros > long.MaxValue)
            throw new ParquetException("An INT96 timestamp passes what microseconds can hold.");
        return (long)micros;
    }

    private static long BigEndianToInt64(ReadOnlySpan<byte> bytes)
    {
        Int128 value = bytes.IsEmpty ? 0 : (sbyte)bytes[0];
        for (int i = 1; i < bytes.Length; i++)
        {
            value = (value << 8) | bytes[i];
            if (value < long.MinValue || value > long.MaxValue)
                throw new ParquetException("A decimal value passes 18 digits.");
        }
        return (long)value;
    }

    /// <summary>Divides towards the past.</summary>
    public static long FloorDivide(long value, long divisor) =>
        (value / divisor) - (value % divisor < 0 ? 1 : 0);
}
