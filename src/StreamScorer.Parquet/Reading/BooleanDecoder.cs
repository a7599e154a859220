using StreamScorer.Parquet.Encodings;
using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Reading;

/// <summary>Decodes BOOLEAN values, which have no dictionary.</summary>
internal sealed class BooleanDecoder(NumberStore<byte> store) : ValueDecoder
{
    public override int BytesPerRow => 1;

    public override void Reset(int maxBytes)
    {
    }

    public override void ReadDictionary(PageBody page, int entries) =>
        throw new ParquetException("A boolean column cannot have a dictionary.");

    public override void ReadValues(PageEncoding encoding, PageBody page, int start, int count)
    {
        Span<byte> values = store.Values.AsSpan(start, count);
        switch (encoding)
        {
            case PageEncoding.Plain:
                if ((count + 7L) / 8 > page.Length)
                    throw TooShort(page.Length, count);
                BitUnpacking.UnpackFlags(page.Bytes, values);
                break;
            case PageEncoding.Rle:
                // Four bytes of length come first; the runs end themselves, so the length adds nothing.
                if (count > 0 && page.Length < 4)
                    throw TooShort(page.Length, count);
                RleDecoder.DecodeLevels(page.Bytes[Math.Min(4, page.Length)..], values);
                break;
            default:
                throw Unsupported(encoding, "boolean");
        }
    }

    public override void Grow(int used, int rows) => store.Grow(used, rows);

    public override void Spread(int start, ReadOnlySpan<byte> levels, int present) => store.Spread(start, levels, present);
}
