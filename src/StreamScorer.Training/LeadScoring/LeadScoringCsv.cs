using System.Globalization;
using StreamScorer.Training.Tables;

namespace StreamScorer.Training.LeadScoring;

/// <summary>Reads the lead-scoring CSV file against its explicit schema of 37 columns.</summary>
public static class LeadScoringCsv
{
    /// <summary>Rows needed before a last value that occurs nowhere else is taken for a sign of a cut-off file.</summary>
    private const int RowsToKnowAllActivities = 200;

    private static readonly string Remedy =
        $"The file needs the {LeadScoringColumns.All.Count} columns of the Kaggle \"Lead Scoring\" table, by these names.";

    /// <summary>Reads all labelled rows and counts the unlabelled ones.</summary>
    /// <param name="path">The CSV file.</param>
    /// <param name="progress">Told the share of the file read so far, 0..1.</param>
    /// <exception cref="DataFileException">
    /// A wrong header, a wrong number of fields, unbalanced quotes, a cell of the wrong kind, a file that was cut off, or
    /// no labelled row at all.
    /// </exception>
    public static LeadRows Read(string path, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        using var csv = new CsvRecordReader(path);
        var positions = MatchHeader(csv);
        var at = csv.Header.Index().ToDictionary(column => column.Item, column => column.Index);
        var rows = new LeadRows();
        var notable = new ActivityWatch(positions[^1]);
        while (csv.Read())
        {
            for (var i = 0; i < positions.Length; i++) CheckCell(csv, positions[i], LeadScoringColumns.All[i]);
            rows.Add(name => csv[at[name]]);
            notable.Check(csv);
            if ((rows.ReadRows & 255) != 0) continue;
            cancellation.ThrowIfCancellationRequested();
            progress?.Report((double)csv.PositionBytes / csv.LengthBytes);
        }

        if (rows.Count == 0)
            throw new DataFileException(path, "no row has a label (column Converted, 1 or 0)",
                "Give the training table, whose leads have an outcome.");
        progress?.Report(1);
        return rows;
    }

    /// <summary>Where each schema column stands in the file, in schema order.</summary>
    private static int[] MatchHeader(CsvRecordReader csv)
    {
        var positions = new int[LeadScoringColumns.All.Count];
        var header = csv.Header.ToList();
        for (var i = 0; i < positions.Length; i++) positions[i] = header.IndexOf(LeadScoringColumns.All[i].Name);
        var missing = LeadScoringColumns.All.Where((_, i) => positions[i] < 0).Select(column => column.Name).ToList();
        var unknown = csv.Header.Where(name => LeadScoringColumns.All.All(column => column.Name != name)).ToList();
        if (missing.Count == LeadScoringColumns.All.Count)
            throw new DataFileException(csv.Path, "the header has none of the expected columns; its first is "
                + $"'{Shorten(csv.Header[0])}'", Remedy + " Columns are separated by commas.", 1);
        if (missing.Count > 0)
            throw new DataFileException(csv.Path, "the header lacks " + List(missing)
                + (unknown.Count > 0 ? " and has the unknown " + List(unknown) : ""), Remedy, 1);
        if (unknown.Count > 0)
            throw new DataFileException(csv.Path, "the header has an unknown column", Remedy, 1,
                header.IndexOf(unknown[0]) + 1, unknown[0]);
        return positions;
    }

    private static void CheckCell(CsvRecordReader csv, int position, LeadScoringColumn column)
    {
        var text = csv[position];
        if (text is null)
        {
            if (column.Required)
                throw csv.Fault(position, "the cell is empty", "Every lead needs its id and its number.");
            return;
        }

        var expected = column.Kind switch
        {
            CellKind.YesNo when text is not ("Yes" or "No") => "Yes or No",
            CellKind.Label when text is not ("1" or "0") => "1, 0 or nothing",
            CellKind.WholeNumber when !IsWhole(text) => "a whole number that is not negative",
            CellKind.Number when !IsNumber(text) => "a number that is not negative, with a decimal point",
            CellKind.Text when column.Required && text.Length > LeadRows.MaxLeadIdLength => "at most 128 characters",
            _ => null,
        };
        if (expected is null) return;
        throw csv.Fault(position, $"'{Shorten(text)}' is not {expected}",
            column.Required ? "Correct the value." : "Correct the value, or leave the cell empty if it is not known.");
    }

    private static bool IsWhole(string text)
        => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static bool IsNumber(string text)
        => double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture,
               out var value) && double.IsFinite(value);

    private static string List(List<string> names)
        => (names.Count == 1 ? "column " : "columns ") + string.Join(", ", names.Take(5).Select(name => $"'{Shorten(name)}'"))
           + (names.Count > 5 ? FormattableString.Invariant($" and {names.Count - 5} more") : "");

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";

    /// <summary>
    /// A file cut off within its very last field still has 37 fields. It shows in two things together: no line end
    /// behind the row, and an activity (the last column has 16 values in all) that no other row has.
    /// </summary>
    private struct ActivityWatch(int position)
    {
        private readonly HashSet<string> _seen = [];
        private int _rows;

        public void Check(CsvRecordReader csv)
        {
            _rows++;
            var text = csv[position];
            var known = text is not null && !_seen.Add(text);
            if (known || _rows < RowsToKnowAllActivities || !csv.EndsWithoutLineEnd) return;
            throw csv.Fault(position, "the file ends in the middle of this value: it was cut off",
                "Download or export the file again; if it is whole, put a line end behind the last row.");
        }
    }
}
