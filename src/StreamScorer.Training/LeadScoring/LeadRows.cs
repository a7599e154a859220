using System.Globalization;

namespace StreamScorer.Training.LeadScoring;

/// <summary>
/// The labelled rows of a lead-scoring table, column by column: keys, label, and the ten features of the reference
/// schema as text, with nulls (empty or <c>Select</c>) already null.
/// </summary>
public sealed class LeadRows
{
    /// <summary>Longest lead id the event contract allows, in characters.</summary>
    public const int MaxLeadIdLength = 128;

    private readonly List<string> _leadIds = [];
    private readonly List<long> _leadNumbers = [];
    private readonly List<bool> _converted = [];
    private readonly List<string?>[] _features;

    public LeadRows()
    {
        _features = new List<string?>[LeadScoringSchema.Features.Count];
        for (var i = 0; i < _features.Length; i++) _features[i] = [];
    }

    /// <summary>Labelled rows held.</summary>
    public int Count => _leadIds.Count;

    /// <summary>Rows seen, labelled or not.</summary>
    public int ReadRows => Count + UnlabelledRows;

    /// <summary>Rows left out because they have no label.</summary>
    public int UnlabelledRows { get; private set; }

    public IReadOnlyList<string> LeadIds => _leadIds;

    /// <summary>Rising with time: the newest lead has the highest number.</summary>
    public IReadOnlyList<long> LeadNumbers => _leadNumbers;

    public IReadOnlyList<bool> Converted => _converted;

    /// <summary>A feature's cells.</summary>
    /// <param name="index">Position in <see cref="LeadScoringSchema.Features"/>.</param>
    public IReadOnlyList<string?> Feature(int index) => _features[index];

    /// <summary>Adds a row whose cells have been checked.</summary>
    /// <param name="cell">The cell of a CSV column of the current row; null when empty.</param>
    internal void Add(Func<string, string?> cell)
    {
        if (cell(LeadScoringColumns.Label) is not { } label)
        {
            UnlabelledRows++;
            return;
        }

        _leadIds.Add(cell(LeadScoringColumns.LeadId)!);
        _leadNumbers.Add(long.Parse(cell(LeadScoringColumns.LeadNumber)!, NumberStyles.None, CultureInfo.InvariantCulture));
        _converted.Add(label == "1");
        for (var i = 0; i < _features.Length; i++)
        {
            var text = cell(LeadScoringSchema.Features[i].ColumnName);
            _features[i].Add(LeadScoringSchema.NullTokens.Contains(text ?? "") ? null : text);
        }
    }
}
