using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using StreamScorer.Training.Preparation;

namespace StreamScorer.App.Terminal;

/// <summary>Shows how far work has come, on stderr: bars on a terminal, otherwise a line per finished stage.</summary>
internal static class WorkProgress
{
    public static T Run<T>(Func<IProgress<StageProgress>, T> work)
    {
        if (Console.IsErrorRedirected) return RunPlain(work);
        var console = StandardError.Console;
        return console.Progress()
            .AutoClear(false)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .Start(context => work(new Bars(context)));
    }

    private static T RunPlain<T>(Func<IProgress<StageProgress>, T> work)
    {
        var lines = new Lines();
        var result = work(lines);
        lines.EndStage();
        return result;
    }

    // Trainers report from several threads at once, out of order; a bar never goes back.
    private sealed class Bars(ProgressContext context) : IProgress<StageProgress>
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, ProgressTask> _tasks = [];

        public void Report(StageProgress value)
        {
            lock (_lock)
            {
                if (!_tasks.TryGetValue(value.Stage, out var task))
                    _tasks[value.Stage] = task = context.AddTask(Markup.Escape(value.Stage), maxValue: 1);
                task.Value = Math.Max(task.Value, value.Share);
            }
        }
    }

    private sealed class Lines : IProgress<StageProgress>
    {
        private readonly Lock _lock = new();
        private readonly Stopwatch _watch = new();
        private string? _stage;

        public void Report(StageProgress value)
        {
            lock (_lock)
            {
                if (value.Stage == _stage) return;
                EndStage();
                _stage = value.Stage;
                _watch.Restart();
            }
        }

        public void EndStage()
        {
            if (_stage is null) return;
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_stage}: {_watch.Elapsed.TotalSeconds:F1} s"));
            _stage = null;
        }
    }
}
