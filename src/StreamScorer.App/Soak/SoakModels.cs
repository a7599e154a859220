using StreamScorer.Forests;
using StreamScorer.Training.Generation;

namespace StreamScorer.App.Soak;

/// <summary>Two small forests of one schema, with other scores and other ids, that take turns under the workers.</summary>
internal sealed class SoakModels
{
    private readonly string _file;
    private readonly ForestModel[] _models = [SyntheticForest.Train(1), SyntheticForest.Train(2)];
    private int _current;

    /// <summary>Trains both and puts the first into the folder.</summary>
    public SoakModels(string folder)
    {
        Folder = Directory.CreateDirectory(Path.Combine(folder, "model")).FullName;
        _file = Path.Combine(Folder, "model.forest");
        _models[0].Save(_file);
    }

    /// <summary>The model folder of the workers.</summary>
    public string Folder { get; }

    /// <summary>Puts the other model in the place of the current one; workers reload by themselves.</summary>
    public void Swap()
    {
        _current = 1 - _current;
        var staged = _file + ".new";
        _models[_current].Save(staged);
        File.Move(staged, _file, overwrite: true);
    }
}
