using System.Text.Unicode;
using CsvHelper;

namespace StreamScorer.Training.Tables;

/// <summary>
/// Reads a comma-separated file with a header row (RFC 4180, UTF-8 with or without a byte order mark, any line ends) one
/// record at a time and stops at the first thing that is not as it should be: a row with more or fewer fields than the
/// header, a quote that does not close, bytes that are not UTF-8. Every fault is a <see cref="DataFileException"/> with
/// file, line and column; nothing is repaired or skipped silently except empty lines.
/// </summary>
public sealed class CsvRecordReader : IDisposable
{
    /// <summary>A record may be this long, so that an unclosed quote does not pull a large file into memory.</summary>
    private const int MaxRecordBytes = 16 * 1024 * 1024;

    private readonly CsvReader _reader;

    /// <exception cref="DataFileException">The file cannot be read, is empty, or its header is damaged.</exception>
    public CsvRecordReader(string path)
    {
        Path = path;
        LengthBytes = OpenCheck.FileLength(path);
        _reader = CsvReader.FromFile(path, new CsvReaderOptions
        {
            Separator = ',',
            TrackLineNumbers = true,
            MalformedData = CsvMalformedDataHandling.Throw,
            MaxRecordSize = MaxRecordBytes,
            PoolStrings = true,
        });
        try
        {
            Header = ReadHeader();
        }
        catch
        {
            _reader.Dispose();
            throw;
        }
    }

    public string Path { get; }

    /// <summary>Column names in file order, each there once and not empty.</summary>
    public IReadOnlyList<string> Header { get; }

    public long LengthBytes { get; }

    /// <summary>Where the current record starts; together with <see cref="LengthBytes"/> a measure of progress.</summary>
    public long PositionBytes => _reader.ByteOffset;

    /// <summary>1-based line of the file on which the current record starts.</summary>
    public long Line => _reader.LineNumber;

    /// <summary>The text of a field of the current record; null when it is empty (CSV knows no other null).</summary>
    /// <param name="column">0-based.</param>
    public string? this[int column] => _reader.IsEmpty(column) ? null : _reader.GetString(column);

    /// <summary>True while the file ends without a line end behind the current record, as a cut-off file does.</summary>
    public bool EndsWithoutLineEnd => _reader.ByteOffset + _reader.RawRecord.Length >= LengthBytes;

    /// <summary>Moves to the next record; false at the end of the file.</summary>
    /// <exception cref="DataFileException">The record is damaged.</exception>
    public bool Read()
    {
        try
        {
            if (!_reader.Read()) return false;
        }
        catch (CsvFormatException fault)
        {
            throw Malformed(fault);
        }

        if (_reader.FieldCount != Header.Count) throw WrongFieldCount();
        CheckText();
        return true;
    }

    /// <summary>An error about a field of the current record.</summary>
    /// <param name="column">0-based.</param>
    public DataFileException Fault(int column, string problem, string? remedy)
        => new(Path, problem, remedy, Line, column + 1, Header[column]);

    public void Dispose() => _reader.Dispose();

    private string[] ReadHeader()
    {
        try
        {
            _reader.ReadHeader();
        }
        catch (CsvFormatException fault)
        {
            throw Malformed(fault);
        }

        var names = _reader.Headers.ToArray();
        if (names.Length == 0)
            throw new DataFileException(Path, "the file is empty", "Give a CSV file with a header row.");
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = names[i].Trim();
            if (names[i].Length == 0)
                throw new DataFileException(Path, "the header names no column here", "Give every column a name.", 1, i + 1);
            if (Array.IndexOf(names, names[i]) < i)
                throw new DataFileException(Path, "the header names this column twice", "Rename or remove one of them.",
                    1, i + 1, names[i]);
        }

        return names;
    }

    private void CheckText()
    {
        var record = _reader.RawRecord;
        if (!Utf8.IsValid(record))
            throw new DataFileException(Path, "the row holds bytes that are not UTF-8",
                "Convert the file first, for example: iconv -f WINDOWS-1252 -t UTF-8.", Line);
        if (record.Contains((byte)0))
            throw new DataFileException(Path, "the row holds zero bytes, so this is not a CSV text file",
                "Export it again as CSV.", Line);
    }

    private DataFileException WrongFieldCount()
    {
        var problem = FormattableString.Invariant($"the row has {_reader.FieldCount} fields, the header has {Header.Count}");
        if (_reader.FieldCount < Header.Count && EndsWithoutLineEnd)
            return new DataFileException(Path, problem + ", and the file ends here: it was cut off",
                "Download or export the file again.", Line, _reader.FieldCount, Header[_reader.FieldCount - 1]);
        var remedy = _reader.RawRecord.ContainsAny((byte)'\r', (byte)'\n')
            ? "The row runs over several lines, so a quote near it probably opens and does not close; balance the quotes."
            : "A value that holds a comma must stand in double quotes; a missing value still needs its comma.";
        return new DataFileException(Path, problem, remedy, Line, Math.Min(_reader.FieldCount, Header.Count + 1));
    }

    private DataFileException Malformed(CsvFormatException fault)
    {
        var line = Math.Max(fault.LineNumber, 1);
        var place = CsvQuoteFault.Find(Path, line);
        var name = Header is not null && place.Column <= Header.Count ? Header[place.Column - 1] : null;
        return new DataFileException(Path, place.Problem,
            "A quoted value ends with one double quote; a double quote inside it is written twice.",
            place.Line, place.Column, name, fault);
    }
}
