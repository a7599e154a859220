using System.Buffers.Binary;
using System.Globalization;
using StreamScorer.Parquet;
using StreamScorer.Parquet.Format;

namespace StreamScorer.Tests.Parquet.Fuzzing;

/// <summary>Small sound files that use, between them, every type, codec, encoding and kind of page the reader knows.</summary>
internal static class FuzzCorpus
{
    private const int Rows = 150;

    /// <summary>Makes the files; by name.</summary>
    public static IReadOnlyList<(string Name, byte[] Bytes)> Make()
    {
        using var folder = new TemporaryFolder();
        var files = new List<(string, byte[])>();
        foreach (CompressionCodec codec in Enum.GetValues<CompressionCodec>())
        {
            files.Add(($"our {codec}", OurFile(folder, codec, dictionaryBytes: 1 << 20)));
            files.Add(($"our {codec}, plain", OurFile(folder, codec, dictionaryBytes: 0)));
        }
        files.Add(("delta and split", OtherEncodings()));
        files.Add(("V2 pages", VersionTwoPages()));
        files.Add(("nested, INT96, half", OddTypes()));
        return files;
    }

    private static byte[] OurFile(TemporaryFolder folder, CompressionCodec codec, int dictionaryBytes)
    {
        ParquetType[] types = Enum.GetValues<ParquetType>();
        var schema = new ParquetSchema([.. types.SelectMany(type => new[] { Column(type, false), Column(type, true) })]);
        var options = new ParquetWriterOptions
        {
            Codec = codec,
            DictionaryBytes = dictionaryBytes,
            RowGroupRows = Rows / 2,
            PageBytes = 1 << 10,
            Metadata = new Dictionary<string, string> { ["key"] = "value" },
        };
        string final = folder[$"{codec}-{dictionaryBytes}.parquet"];
        using (ParquetFileWriter writer = ParquetFileWriter.Create(folder["x.staging"], schema, options))
        {
            for (int row = 0; row < Rows; row++)
            {
                for (int c = 0; c < schema.Columns.Count; c++)
                    Append(writer.Column(c), schema.Columns[c], row);
                writer.EndRow();
            }
            writer.CompleteAs(final);
        }
        return File.ReadAllBytes(final);
    }

    private static ParquetColumn Column(ParquetType type, bool nullable)
    {
        int precision = type == ParquetType.Decimal ? nullable ? 6 : 16 : 0;
        return new ParquetColumn($"{type}{(nullable ? "?" : "")}", type, nullable, precision, precision / 3);
    }

    private static void Append(ColumnWriter writer, ParquetColumn column, int row)
    {
        if (column.Nullable && row % 7 == 3)
        {
            writer.AppendNull();
            return;
        }
        switch (column.Type)
        {
            case ParquetType.Boolean: writer.Append(row % 3 == 0); break;
            case ParquetType.Float: writer.Append(row * 0.25f); break;
            case ParquetType.Double: writer.Append(row % 20 * 0.7); break;
            case ParquetType.String: writer.Append($"lead-{(row % 30).ToString(CultureInfo.InvariantCulture)}"); break;
            case ParquetType.Binary: writer.Append([(byte)row, 0xFF, (byte)(row / 3)]); break;
            default: writer.Append((row % 40) - 5); break;
        }
    }

    private static byte[] OtherEncodings()
    {
        var file = new HandMadeFile(
            100, HandMadeFile.Leaf("int", PhysicalType.Int32), HandMadeFile.Leaf("long", PhysicalType.Int64),
            HandMadeFile.Leaf("lengths", PhysicalType.ByteArray), HandMadeFile.Leaf("prefixes", PhysicalType.ByteArray),
            HandMadeFile.Leaf("split", PhysicalType.Double));
        byte[] deltas = Deltas(100, 3);
        file.AddChunk(PhysicalType.Int32);
        file.AddValues(PageEncoding.DeltaBinaryPacked, 100, deltas);
        file.AddChunk(PhysicalType.Int64);
        file.AddValues(PageEncoding.DeltaBinaryPacked, 60, Deltas(60, 7)).AddValues(PageEncoding.DeltaBinaryPacked, 40, Deltas(40, 1));
        byte[] text = new byte[100 * 4];
        file.AddChunk(PhysicalType.ByteArray);
        file.AddValues(PageEncoding.DeltaLengthByteArray, 100, [.. Constant(100, 4), .. text]);
        file.AddChunk(PhysicalType.ByteArray);
        file.AddValues(PageEncoding.DeltaByteArray, 100, [.. Rising(100), .. Constant(100, 1), .. text.AsSpan(0, 100)]);
        file.AddChunk(PhysicalType.Double);
        file.AddValues(PageEncoding.ByteStreamSplit, 100, new byte[800]);
        return file.ToBytes();
    }

    private static byte[] VersionTwoPages()
    {
        var file = new HandMadeFile(16, HandMadeFile.Leaf("n", PhysicalType.Int32, nullable: true));
        file.AddChunk(PhysicalType.Int32);
        byte[] levels = [3, 0b0101_0101];
        for (int page = 0; page < 2; page++)
        {
            file.AddPage(
                new PageHeader { Type = PageType.DataV2, ValueCount = 8, NullCount = 4, Encoding = PageEncoding.Plain, DefinitionLevelBytes = 2 },
                [.. levels, .. new byte[16]]);
        }
        return file.ToBytes();
    }

    private static byte[] OddTypes()
    {
        var file = new HandMadeFile(
            4, HandMadeFile.Leaf("int96", PhysicalType.Int96),
            HandMadeFile.Leaf("half", PhysicalType.FixedLenByteArray) with { TypeLength = 2, Logical = new LogicalType(LogicalKind.Float16) },
            HandMadeFile.Leaf("decimal", PhysicalType.FixedLenByteArray) with
            {
                TypeLength = 5,
                Converted = ConvertedType.Decimal,
                Precision = 10,
                Scale = 2,
            });
        file.AddChunk(PhysicalType.Int96);
        byte[] times = new byte[48];
        for (int i = 0; i < 4; i++)
            BinaryPrimitives.WriteInt32LittleEndian(times.AsSpan((i * 12) + 8), 2_440_588 + i);
        file.AddValues(PageEncoding.Plain, 4, times);
        file.AddChunk(PhysicalType.FixedLenByteArray);
        file.AddPage(new PageHeader { Type = PageType.Dictionary, ValueCount = 2 }, [0, 60, 0, 64]);
        file.AddValues(PageEncoding.RleDictionary, 4, [1, 3, 0b0110]);
        file.AddChunk(PhysicalType.FixedLenByteArray);
        file.AddValues(PageEncoding.ByteStreamSplit, 4, new byte[20]);
        return file.ToBytes();
    }

    // DELTA_BINARY_PACKED in blocks of 128 with 4 miniblocks: deltas 0 to 255 around the least one, 8 bits each.
    private static byte[] Deltas(int count, int factor)
    {
        List<byte> bytes = [0x80, 0x01, 4, (byte)count, 2, 1, 8, 8, 8, 8];
        for (int i = 0; i < ((count - 1 + 31) / 32 * 32); i++)
            bytes.Add((byte)(i * factor));
        return [.. bytes];
    }

    private static byte[] Constant(int count, int value) => [0x80, 0x01, 4, (byte)count, (byte)(value * 2), 0, 0, 0, 0, 0];

    // 0, 1, 2 … : each value repeats all of the one before.
    private static byte[] Rising(int count) => [0x80, 0x01, 4, (byte)count, 0, 2, 0, 0, 0, 0];
}
