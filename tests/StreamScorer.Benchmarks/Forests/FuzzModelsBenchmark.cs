using System.Diagnostics;
using System.Globalization;
using StreamScorer.App.Terminal;
using StreamScorer.Tests.Forests;
using StreamScorer.Training.Preparation;

namespace StreamScorer.Benchmarks.Forests;

/// <summary>
/// <c>bench fuzz-models [INPUTS [SEED]]</c>: loads damaged model files, a million by default, dealt evenly to the formats.
/// Exit code 1 when one gives anything but a model or a clear error, takes too much memory, or does not come to an end.
/// </summary>
internal static class FuzzModelsBenchmark
{
    private const int DefaultInputs = 1_000_000;
    private const int DefaultSeed = 1;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static Task<int> RunAsync(string[] args)
    {
        var (inputs, seed) = (DefaultInputs, DefaultSeed);
        var understood = args.Length <= 2
            && (args.Length < 1 || int.TryParse(args[0], CultureInfo.InvariantCulture, out inputs))
            && (args.Length < 2 || int.TryParse(args[1], CultureInfo.InvariantCulture, out seed));
        if (!understood || inputs < 1)
        {
            Console.Error.WriteLine("error: bench fuzz-models takes a number of inputs and a seed");
            return Task.FromResult(2);
        }

        var formats = FuzzedFormat.All();
        var each = (inputs + formats.Count - 1) / formats.Count;
        var table = new ReportTable(
            $"{(long)each * formats.Count:N0} damaged model files, seed {seed}",
            "format", "inputs", "loaded", "refused", "longest ms", "most MB", "seconds");
        var clean = WorkProgress.Run(progress =>
        {
            var sound = true;
            foreach (var format in formats)
                sound &= Run(format, each, seed, table, progress);
            return sound;
        });
        table.WriteTo(StandardOutput.Console);
        return Task.FromResult(clean ? 0 : 1);
    }

    // Halves of the inputs on two threads; a third one watches that both go on.
    private static bool Run(FuzzedFormat format, int inputs, int seed, ReportTable table, IProgress<StageProgress> progress)
    {
        var start = Stopwatch.GetTimestamp();
        var workers = new[] { new Worker(format, inputs / 2, seed), new Worker(format, inputs - (inputs / 2), seed + 1_000_003) };
        var done = Task.WhenAll(workers.Select(worker => Task.Run(worker.Run)));
        for (var lookedAt = start; !done.Wait(Tick);)
        {
            progress.Report(new StageProgress(format.Name, (double)workers.Sum(worker => worker.Rounds) / inputs));
            if (Stopwatch.GetElapsedTime(lookedAt) < Patience)
                continue;
            lookedAt = Stopwatch.GetTimestamp();
            if (Array.Find(workers, worker => worker.IsStuck()) is not { } stuck)
                continue;
            Console.Error.WriteLine($"error: {format.Name}, {stuck}: does not come to an end");
            return false;
        }

        progress.Report(new StageProgress(format.Name, 1));
        foreach (var worker in workers.Where(worker => worker.Failure is not null))
            Console.Error.WriteLine($"error: {worker.Failure}");
        table.Row(
            format.Name, workers.Sum(worker => worker.Rounds), workers.Sum(worker => worker.Fuzzing.Loaded),
            workers.Sum(worker => worker.Fuzzing.Refused),
            workers.Max(worker => worker.Fuzzing.Longest).TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture),
            (workers.Max(worker => worker.Fuzzing.PeakBytes) / 1e6).ToString("F1", CultureInfo.InvariantCulture),
            Stopwatch.GetElapsedTime(start).TotalSeconds.ToString("F0", CultureInfo.InvariantCulture));
        return Array.TrueForAll(workers, worker => worker.Failure is null);
    }

    private sealed class Worker(FuzzedFormat format, int inputs, int seed)
    {
        private int _round;
        private int _seen = -1;

        public ModelFuzzing Fuzzing { get; } = new(format, seed);

        public int Rounds => Volatile.Read(ref _round);

        public string? Failure { get; private set; }

        /// <summary>Whether it is still at the input it was at when last asked.</summary>
        public bool IsStuck()
        {
            var before = _seen;
            _seen = Volatile.Read(ref _round);
            return _seen < inputs && Failure is null && _seen == before;
        }

        public void Run()
        {
            try
            {
                for (; _round < inputs; Volatile.Write(ref _round, _round + 1))
                    Fuzzing.Step(_round);
            }
            catch (InvalidOperationException e)
            {
                Failure = e.ToString();
            }
        }

        public override string ToString() => $"seed {seed}, input {_round}";
    }
}
