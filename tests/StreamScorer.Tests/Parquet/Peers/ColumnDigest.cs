using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using StreamScorer.Parquet;

namespace StreamScorer.Tests.Parquet.Peers;

/// <summary>A SHA-256 over a line of text for each value of a column: the same lines as peers.mjs makes of what others read.</summary>
internal static class ColumnDigest
{
    /// <summary>The digest of each column of a file, by name.</summary>
    public static IReadOnlyDictionary<string, string> Of(ParquetFileReader reader)
    {
        var digests = new Dictionary<string, string>();
        var values = new ColumnValues();
        for (int c = 0; c < reader.Schema.Columns.Count; c++)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            for (int g = 0; g < reader.RowGroupCount; g++)
            {
                reader.ReadColumn(g, c, values);
                for (int row = 0; row < values.Count; row++)
                    hash.AppendData(Encoding.UTF8.GetBytes(LineOf(values, row) + "\n"));
            }
            digests.Add(reader.Schema.Columns[c].Name, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        return digests;
    }

    private static string LineOf(ColumnValues values, int row)
    {
        if (values.IsNull(row))
            return "null";
        return values.Type switch
        {
            ParquetType.Boolean => values.GetBoolean(row) ? "true" : "false",
            ParquetType.Float when float.IsNaN(values.GetFloat(row)) => "nan",
            ParquetType.Double when double.IsNaN(values.GetDouble(row)) => "nan",
            ParquetType.Float => BitConverter.SingleToUInt32Bits(values.GetFloat(row)).ToString("x8", CultureInfo.InvariantCulture),
            ParquetType.Double => BitConverter.DoubleToUInt64Bits(values.GetDouble(row)).ToString("x16", CultureInfo.InvariantCulture),
            ParquetType.String => values.GetString(row)!,
            ParquetType.Binary => Convert.ToHexStringLower(values.GetBytes(row)),
            _ => values.GetInt64(row).ToString(CultureInfo.InvariantCulture),
        };
    }
}
