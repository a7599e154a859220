using System.Text;

namespace StreamScorer.App.Audit;

/// <summary>Numbers the few model ids that an audit meets, so that a decision carries two bytes and not 64.</summary>
internal sealed class ModelIds
{
    private readonly List<byte[]> _ids = [];
    private int _last;

    /// <summary>The number of a model id, from 0.</summary>
    public short IndexOf(ReadOnlySpan<byte> utf8)
    {
        if (_last < _ids.Count && utf8.SequenceEqual(_ids[_last]))
            return (short)_last;
        for (_last = 0; _last < _ids.Count; _last++)
        {
            if (utf8.SequenceEqual(_ids[_last]))
                return (short)_last;
        }

        _ids.Add(utf8.ToArray());
        return checked((short)_last);
    }

    /// <summary>The model id behind a number.</summary>
    public string this[short index] => Encoding.UTF8.GetString(_ids[index]);
}
