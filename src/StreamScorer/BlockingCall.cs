namespace StreamScorer;

/// <summary>
/// Runs what waits for a disk or for a client's answer on a thread of its own. On the pool it would keep one of its few
/// threads, as many as there are processors, from micro-batches and requests; and more threads than processors would make
/// requests wait for each other's time slices. For calls of some a second: a thread costs some 100 microseconds.
/// </summary>
public static class BlockingCall
{
    /// <summary>Runs blocking work beside the caller.</summary>
    /// <param name="work">What may wait; its exception becomes the task's.</param>
    /// <param name="ct">Keeps the work from beginning; it does not end what has begun.</param>
    public static Task<T> RunAsync<T>(Func<T> work, CancellationToken ct = default) => Task.Factory.StartNew(
        work, ct, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    /// <inheritdoc cref="RunAsync{T}"/>
    public static Task RunAsync(Action work, CancellationToken ct = default) => Task.Factory.StartNew(
        work, ct, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
}
