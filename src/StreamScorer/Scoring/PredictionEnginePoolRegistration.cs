using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace StreamScorer.Scoring;

/// <summary>Puts a <see cref="PredictionEnginePool"/> into a service collection.</summary>
public static class PredictionEnginePoolRegistration
{
    /// <summary>
    /// Registers one pool for the application. Models named by <see cref="PredictionEnginePoolBuilder.FromFile"/> are
    /// loaded when the pool is first asked for, so that a bad file stops the start with its own message.
    /// </summary>
    /// <param name="services">Where to.</param>
    /// <param name="threshold">Above which a lead is hot.</param>
    /// <param name="watch">How model files are watched; null takes the defaults.</param>
    public static PredictionEnginePoolBuilder AddPredictionEnginePool(
        this IServiceCollection services, HotThreshold threshold, ModelWatchOptions? watch = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var builder = new PredictionEnginePoolBuilder();
        services.AddSingleton(provider => builder.Build(new PredictionEnginePool(
            threshold, watch, provider.GetService<TimeProvider>(), provider.GetService<ILogger<PredictionEnginePool>>())));
        return builder;
    }
}

/// <summary>Collects the models of a pool that is built later.</summary>
public sealed class PredictionEnginePoolBuilder
{
    private readonly List<(string Name, string Path, bool Watch)> _files = [];

    /// <summary>Names a model and the file or model folder it comes from.</summary>
    public PredictionEnginePoolBuilder FromFile(string modelName, string filePath, bool watchForChanges = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelName);
        ArgumentException.ThrowIfNullOrEmpty(filePath);
        _files.Add((modelName, filePath, watchForChanges));
        return this;
    }

    internal PredictionEnginePool Build(PredictionEnginePool pool)
    {
        foreach (var (name, path, watch) in _files)
            pool.FromFile(name, path, watch);
        return pool;
    }
}
