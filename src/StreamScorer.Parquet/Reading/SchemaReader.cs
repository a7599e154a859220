using StreamScorer.Parquet.Format;

namespace StreamScorer.Parquet.Reading;

/// <summary>Finds the flat columns of a footer's schema tree and why the others cannot be read.</summary>
internal sealed class SchemaReader
{
    private readonly List<SchemaElement> _elements;
    private int _ordinal;

    private SchemaReader(List<SchemaElement> elements) => _elements = elements;

    /// <summary>The columns that can be read, in file order.</summary>
    public List<LeafColumn> Columns { get; } = [];

    /// <summary>By name: why a column cannot be read.</summary>
    public Dictionary<string, string> Unsupported { get; } = new(StringComparer.Ordinal);

    /// <summary>Leaves in all: the column chunks each row group must have.</summary>
    public int LeafCount => _ordinal;

    /// <exception cref="ParquetException">The elements are no tree.</exception>
    public static SchemaReader Read(List<SchemaElement> elements)
    {
        if (elements.Count == 0)
            throw new ParquetException("The footer has no schema.");
        var reader = new SchemaReader(elements);
        int next = 1;
        for (int child = 0; child < elements[0].ChildCount; child++)
            next = reader.ReadColumn(next);
        if (reader.LeafCount == 0)
            throw new ParquetException("The schema has no columns.");
        if (next != elements.Count)
            throw new ParquetException($"The schema has {elements.Count} elements, of which its tree reaches {next}.");
        return reader;
    }

    private int ReadColumn(int index)
    {
        SchemaElement element = ElementAt(index);
        int firstLeaf = _ordinal;
        if (element.Type is null)
        {
            int next = SkipGroup(index);
            Unsupported[element.Name] = "nested columns (lists, maps, structs) are not supported";
            return next;
        }
        _ordinal++;
        if (element.Repetition == Repetition.Repeated)
            Unsupported[element.Name] = "repeated columns are not supported";
        else if (ColumnTypes.TryMap(element, firstLeaf, out LeafColumn? column, out string? problem))
            Columns.Add(column!);
        else
            Unsupported[element.Name] = problem!;
        return index + 1;
    }

    // Iterative, because a hostile tree may nest deeper than the stack.
    private int SkipGroup(int index)
    {
        long open = 1;
        while (open > 0)
        {
            SchemaElement element = ElementAt(index++);
            open--;
            if (element.Type is null)
                open += Math.Max(0, element.ChildCount);
            else
                _ordinal++;
        }
        return index;
    }

    private SchemaElement ElementAt(int index) => index < _elements.Count
        ? _elements[index]
        : throw new ParquetException($"The schema's tree needs more than its {_elements.Count} elements.");
}
