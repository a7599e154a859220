using System.Text;

namespace StreamScorer.Training.Tables;

/// <summary>
/// Where the quoting of a damaged CSV record goes wrong. The reader says only in which record; this walks that record
/// again, byte by byte, so that the error can name the very field.
/// </summary>
internal readonly record struct CsvQuoteFault(long Line, int Column, string Problem)
{
    /// <param name="path">A file the CSV reader has found a malformed record in.</param>
    /// <param name="recordLine">1-based line on which that record starts.</param>
    public static CsvQuoteFault Find(string path, long recordLine)
    {
        using var file = new StreamReader(path, Encoding.UTF8);
        long line = 1;
        while (line < recordLine && file.ReadLine() is not null) line++;
        var walk = new Walk(line);
        for (var next = file.Read(); next >= 0; next = file.Read())
        {
            if (walk.Step((char)next) is { } fault) return fault;
        }

        return walk.AtEnd();
    }

    private struct Walk(long line)
    {
        private enum Within { FieldStart, Plain, Quoted, AfterQuote }

        private Within _state = Within.FieldStart;
        private long _line = line;
        private long _openedOn = line;
        private int _column = 1;

        public CsvQuoteFault? Step(char next)
        {
            switch (_state)
            {
                case Within.Quoted:
                    if (next == '"') _state = Within.AfterQuote;
                    break;
                case Within.AfterQuote when next == '"':
                    _state = Within.Quoted;
                    break;
                case Within.FieldStart when next == '"':
                    _state = Within.Quoted;
                    _openedOn = _line;
                    break;
                case Within.Plain or Within.FieldStart when next == '"':
                    return new CsvQuoteFault(_line, _column, "a double quote stands inside a value that is not quoted");
                default:
                    if (next == ',')
                    {
                        _column++;
                        _state = Within.FieldStart;
                    }
                    else if (next is '\r' or '\n')
                    {
                        _column = 1;
                        _state = Within.FieldStart;
                    }
                    else if (_state == Within.AfterQuote)
                    {
                        return new CsvQuoteFault(_line, _column, "text follows the closing quote of a quoted value");
                    }
                    else
                    {
                        _state = Within.Plain;
                    }

                    break;
            }

            if (next == '\n') _line++;
            return null;
        }

        public readonly CsvQuoteFault AtEnd() => _state == Within.Quoted
            ? new CsvQuoteFault(_openedOn, _column, "a quoted value opens here and never closes")
            : new CsvQuoteFault(_openedOn, _column, "the quotes of this row are not balanced, or the row is over 16 MiB");
    }
}
