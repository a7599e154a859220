using System.Globalization;

namespace StreamScorer.Parquet.Format;

/// <summary>The names that parquet.thrift gives to its numbers, so that people find them in other tools' output too.</summary>
internal static class FormatNames
{
    public static string Of(PhysicalType type) => type switch
    {
        PhysicalType.Boolean => "BOOLEAN",
        PhysicalType.Int32 => "INT32",
        PhysicalType.Int64 => "INT64",
        PhysicalType.Int96 => "INT96",
        PhysicalType.Float => "FLOAT",
        PhysicalType.Double => "DOUBLE",
        PhysicalType.ByteArray => "BYTE_ARRAY",
        PhysicalType.FixedLenByteArray => "FIXED_LEN_BYTE_ARRAY",
        _ => Number((int)type),
    };

    public static string Of(FileCodec codec) => codec switch
    {
        FileCodec.Uncompressed => "UNCOMPRESSED",
        FileCodec.Snappy => "SNAPPY",
        FileCodec.Gzip => "GZIP",
        FileCodec.Lzo => "LZO",
        FileCodec.Brotli => "BROTLI",
        FileCodec.Lz4 => "LZ4",
        FileCodec.Zstd => "ZSTD",
        FileCodec.Lz4Raw => "LZ4_RAW",
        _ => Number((int)codec),
    };

    public static string Of(PageEncoding encoding) => encoding switch
    {
        PageEncoding.Plain => "PLAIN",
        PageEncoding.PlainDictionary => "PLAIN_DICTIONARY",
        PageEncoding.Rle => "RLE",
        PageEncoding.BitPacked => "BIT_PACKED",
        PageEncoding.DeltaBinaryPacked => "DELTA_BINARY_PACKED",
        PageEncoding.DeltaLengthByteArray => "DELTA_LENGTH_BYTE_ARRAY",
        PageEncoding.DeltaByteArray => "DELTA_BYTE_ARRAY",
        PageEncoding.RleDictionary => "RLE_DICTIONARY",
        PageEncoding.ByteStreamSplit => "BYTE_STREAM_SPLIT",
        _ => Number((int)encoding),
    };

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
