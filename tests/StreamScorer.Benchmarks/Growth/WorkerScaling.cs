using System.Globalization;
using StreamScorer.Benchmarks.Forests;
using StreamScorer.Benchmarks.Stream;
using StreamScorer.Forests;

namespace StreamScorer.Benchmarks.Growth;

/// <summary>
/// 1, 2 and 4 workers of one group on a topic of 12 partitions, each pinned to one core. Broker and PostgreSQL have no
/// cores of their own here, so a model of many trees makes the workers the larger part of the work: the table tells what
/// share of the machine the services took. Measured while all workers hold partitions and none has run dry.
/// </summary>
internal sealed class WorkerScaling(BenchServices services, int events)
{
    private const int Partitions = 12;
    private const int Trees = 500;
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan MeasuredTime = TimeSpan.FromSeconds(12);

    /// <summary>Names of what a measurement tells.</summary>
    public static IReadOnlyList<string> Columns { get; } =
        ["events/s", "times one worker", "workers' cores", "broker's cores", "PostgreSQL's cores"];

    /// <summary>1, 2 and 4 workers.</summary>
    public async Task WorkersAsync(Action<GrowthPoint> tell)
    {
        var folder = Directory.CreateTempSubdirectory("streamscorer-growth-");
        try
        {
            var leads = LeadTable.Read().Training;
            var model = RandomForestTrainer.Train(
                "lead-scoring", leads.Schema, leads.Values, leads.Labels, new RandomForestOptions { Trees = Trees });
            model.Save(Path.Combine(folder.FullName, "model.forest"));
            var topic = await StreamTopic.FillAsync(services, new WorkloadShape(events), model, Partitions, "none");
            var one = 0.0;
            foreach (var count in (int[])[1, 2, 4])
            {
                var figures = await MeasureAsync(topic, folder.FullName, count);
                one = count == 1 ? figures.Rate : one;
                var cost = (figures.Cpu.Worker + figures.Cpu.Broker + figures.Cpu.Postgres) * 1e6 / figures.Rate;
                tell(new GrowthPoint(
                    count, cost, [figures.Rate, figures.Rate / one, figures.Cpu.Worker, figures.Cpu.Broker, figures.Cpu.Postgres]));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<(double Rate, CpuShares Cpu)> MeasureAsync(string topic, string modelFolder, int count)
    {
        var scope = await services.CreateScopeAsync(topic, "workers");
        var workers = new List<WorkerRun>();
        try
        {
            for (var i = 0; i < count; i++)
            {
                var core = (i % Environment.ProcessorCount).ToString(CultureInfo.InvariantCulture);
                workers.Add(WorkerRun.Start(scope, modelFolder, ["--Checkpoint:MaxAge=00:00:00.5"], core));
            }

            // The last one to come has its share once the others have given theirs up.
            await Task.WhenAll(workers.Select(worker => worker.Ready));
            await Task.Delay(SettleTime);
            var (before, began) = (await workers[0].ProgressAsync(), CpuTimes.Now(services, [.. workers]));
            await Task.Delay(MeasuredTime);
            var (after, ended) = (await workers[0].ProgressAsync(), CpuTimes.Now(services, [.. workers]));
            if (after > events * 0.95)
                throw new InvalidOperationException($"The workers were through the topic before the end ({after} of {events}): more --events.");
            return ((after - before) / (ended.At - began.At).TotalSeconds, ended - began);
        }
        finally
        {
            foreach (var worker in workers)
                worker.Dispose();
        }
    }
}
