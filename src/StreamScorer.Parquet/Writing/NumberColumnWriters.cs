using System.Runtime.InteropServices;
using StreamScorer.Parquet.Encodings;
using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Writing;

/// <summary>Int32 and Date columns.</summary>
internal sealed class Int32ColumnWriter(ParquetColumn column, PageAssembler assembler)
    : FixedColumnWriter<int>(column, PhysicalType.Int32, assembler)
{
    public override void Append(int value) => Add(value);

    public override void AppendRange(ReadOnlySpan<int> values) => AddRange(values);

    public override void AppendRun(int value, int count) => AddRun(value, count);
}

/// <summary>Int64 and TimestampMicros columns.</summary>
internal sealed class Int64ColumnWriter(ParquetColumn column, PageAssembler assembler)
    : FixedColumnWriter<long>(column, PhysicalType.Int64, assembler)
{
    public override void Append(int value) => Add(value);

    public override void Append(long value) => Add(value);

    public override void AppendRange(ReadOnlySpan<long> values) => AddRange(values);

    public override void AppendRun(long value, int count) => AddRun(value, count);
}

/// <summary>Decimal columns of up to 9 digits.</summary>
internal sealed class SmallDecimalColumnWriter(ParquetColumn column, PageAssembler assembler)
    : FixedColumnWriter<int>(column, PhysicalType.Int32, assembler)
{
    private readonly DecimalDigits _digits = new(column);

    public override void Append(int value) => Add((int)_digits.Check(value));

    public override void Append(long value) => Add((int)_digits.Check(value));

    public override void AppendRange(ReadOnlySpan<long> values)
    {
        foreach (long value in values)
            Append(value);
    }
}

/// <summary>Decimal columns of 10 to 18 digits.</summary>
internal sealed class LargeDecimalColumnWriter(ParquetColumn column, PageAssembler assembler)
    : FixedColumnWriter<long>(column, PhysicalType.Int64, assembler)
{
    private readonly DecimalDigits _digits = new(column);

    public override void Append(int value) => Add(_digits.Check(value));

    public override void Append(long value) => Add(_digits.Check(value));

    public override void AppendRange(ReadOnlySpan<long> values)
    {
        foreach (long value in values)
            Append(value);
    }
}

/// <summary>Float columns.</summary>
internal sealed class FloatColumnWriter(ParquetColumn column, PageAssembler assembler)
    : FixedColumnWriter<float>(column, PhysicalType.Float, assembler)
{
    public override void Append(float value) => Add(value);
}

/// <summary>Double columns.</summary>
internal sealed class DoubleColumnWriter(ParquetColumn column, PageAssembler assembler)
    : FixedColumnWriter<double>(column, PhysicalType.Double, assembler)
{
    public override void Append(double value) => Add(value);

    public override void AppendRange(ReadOnlySpan<double> values) => AddRange(values);
}

/// <summary>Boolean columns: bits, never a dictionary.</summary>
internal sealed class BooleanColumnWriter(ParquetColumn column, PageAssembler assembler)
    : FixedColumnWriter<byte>(column, PhysicalType.Boolean, assembler)
{
    public override void Append(bool value) => Add(value ? (byte)1 : (byte)0);

    // A bool is a byte of 0 or 1.
    public override void AppendRange(ReadOnlySpan<bool> values) => AddRange(MemoryMarshal.AsBytes(values));

    private protected override void AppendPlain(ReadOnlySpan<byte> values, ByteBuffer body) => BitPacking.PackFlags(values, body);
}
