using System.Globalization;
using StreamScorer.Benchmarks.Forests;
using StreamScorer.Benchmarks.Stream;
using StreamScorer.Forests;

namespace StreamScorer.Benchmarks.Growth;

/// <summary>
/// 1, 2 and 4 workers of one group on a topic of 12 partitions, each pinned to one core, with a model of many trees.
/// Broker and PostgreSQL have no cores of their own here: where workers get whole cores, two of them and the services soon
/// want more than a small machine has, and the table tells what each took. Where each gets a share of its core, the rest is
/// left to the services, and the workers are what is scarce. Measured while all workers hold partitions and none has run dry.
/// </summary>
/// <param name="services">Broker and PostgreSQL.</param>
/// <param name="events">Events of the topic: all workers together must not get through them.</param>
/// <param name="coreShare">The share of its core that each worker may use; 1: all of it.</param>
internal sealed class WorkerScaling(BenchServices services, int events, double coreShare)
{
    private const int Partitions = 12;
    private const int Trees = 500;
    private static readonly TimeSpan MeasuredTime = TimeSpan.FromSeconds(10);

    // A worker compiles what it finds hot in its first five seconds of a core, of which a share of a core makes more.
    private readonly TimeSpan _settleTime = TimeSpan.FromSeconds(5 / coreShare);

    /// <summary>A share that leaves the services of four workers room on two cores.</summary>
    public const double QuarterOfACore = 0.25;

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
        var quotas = new List<CpuQuota>();
        try
        {
            for (var i = 0; i < count; i++)
            {
                var core = (i % Environment.ProcessorCount).ToString(CultureInfo.InvariantCulture);
                if (coreShare < 1)
                    quotas.Add(CpuQuota.Create(coreShare));
                workers.Add(WorkerRun.Start(
                    scope, modelFolder, ["--Checkpoint:MaxAge=00:00:00.5"], core, coreShare < 1 ? quotas[i].ProcessesFile : null));
            }

            // The last one to come has its share once the others have given theirs up.
            await Task.WhenAll(workers.Select(worker => worker.Ready));
            await Task.Delay(_settleTime);
            var (before, began) = (await workers[0].ProgressAsync(), CpuTimes.Now(services, [.. workers]));
            await Task.Delay(MeasuredTime);
            var (after, ended) = (await workers[0].ProgressAsync(), CpuTimes.Now(services, [.. workers]));
            if (after > events * 0.95)
                throw new MeasurementException($"The workers were through the topic before the end ({after} of {events}): more --events.");
            return ((after - before) / (ended.At - began.At).TotalSeconds, ended - began);
        }
        finally
        {
            foreach (var worker in workers)
                worker.Dispose();
            foreach (var quota in quotas)
                quota.Dispose();
        }
    }
}
