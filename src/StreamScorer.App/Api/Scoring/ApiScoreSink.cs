using System.Diagnostics.CodeAnalysis;
using StreamScorer.Sinks;

namespace StreamScorer.App.Api.Scoring;

/// <summary>
/// Keeps the scores of the API: a bounded buffer that becomes Parquet files of the stream's own schema, in a
/// dataset of their own (topic <c>http</c>, partition 0, offsets that rise with time, the request's id as event id where a
/// lead names none). Where the buffer is full a request is refused whole: nothing that was answered is dropped. What waits
/// in the buffer is lost with a killed process, at most <see cref="ApiOptions.ScoreMaxAge"/> of it; a stop writes it all.
/// </summary>
/// <remarks>
/// Rows are encoded in small parts, as they come, on a thread of the sink's own: encoded all at once when their file is due,
/// they would take a processor from the requests for as long as a second. They are kept until their file is published,
/// because a file that the disk refused is written again from its first row.
/// </remarks>
internal sealed class ApiScoreSink : BackgroundService
{
    /// <summary>When a refused request may find room.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private const string Topic = "http";
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly ApiOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly CheckpointFolder? _folder;

    // Guards what requests and the writing thread share: all fields down to _waiting. Pulsed where the thread has a reason to go on.
    private readonly object _gate = new();
    private readonly Queue<ScoreRows> _full = new();
    private readonly Stack<ScoreRows> _spare = new();
    private ScoreRows _filling = new();
    private long _nextOffset;
    private int _waiting;

    // The writing thread's own: the file under way, its parts, and when it began.
    private readonly List<ScoreRows> _parts = [];
    private ScoreFile? _file;
    private long _began;
    private bool _sweptOnce;

    /// <summary>A sink into the folder of the settings.</summary>
    public ApiScoreSink(StreamScorerOptions options, TimeProvider clock, ILogger<ApiScoreSink> log)
    {
        (_options, _clock, _log) = (options.Api, clock, log);
        _folder = _options.ScoreFolder.Length == 0 ? null : new CheckpointFolder(_options.ScoreFolder);
        _nextOffset = Micros(clock.GetUtcNow());
        _began = clock.GetTimestamp();
    }

    /// <summary>Scores that wait to be written.</summary>
    public int WaitingRows => Volatile.Read(ref _waiting);

    // Written now rather than when it is due, so that the other half of the buffer takes what comes meanwhile.
    private bool IsHalfFull => _waiting >= _options.ScoreBufferRows / 2;

    /// <summary>Takes all of a request's scores; false where there is no room for them, and nothing was taken.</summary>
    public bool TryAppend(RequestScorer scorer, HttpContext context, DateTimeOffset at)
    {
        if (_folder is null)
            return true;
        Span<byte> fallback = stackalloc byte[128];
        scoped var eventId = scorer.Decoder.Texts.Get(scorer.Decoder.RequestId);
        if (scorer.Decoder.RequestId.IsNull && System.Text.Encoding.UTF8.TryGetBytes(context.TraceIdentifier, fallback, out var written))
            eventId = fallback[..written];
        lock (_gate)
        {
            if (_waiting + scorer.Decoder.Count > _options.ScoreBufferRows)
                return false;
            if (_filling.Count > 0 && _filling.Count + scorer.Decoder.Count > ScoreRows.ChunkRows)
                EndPart();
            Append(scorer, eventId, Micros(at));
            _waiting += scorer.Decoder.Count;
            if (IsHalfFull)
                Monitor.Pulse(_gate);
        }

        return true;
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _folder is null
        ? Task.CompletedTask
        : Task.Factory.StartNew(() => WriteFiles(stoppingToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Append(RequestScorer scorer, ReadOnlySpan<byte> requestId, long scoredAtMicros)
    {
        _filling.BeginBatch(scorer.Model.Name, scorer.Model.Id, scoredAtMicros);
        var slot = _filling.PartitionSlot(Topic, 0);
        var texts = scorer.Decoder.Texts;
        for (var i = 0; i < scorer.Decoder.Count; i++)
        {
            var scored = scorer.Events[i];
            scored.Offset = _nextOffset++;
            ref readonly var lead = ref scorer.Decoder.Leads[i];
            _filling.Append(slot, scored, texts.Get(lead.LeadId), lead.EventId.IsNull ? requestId : texts.Get(lead.EventId), scorer.Reasons(i));
        }
    }

    private void EndPart()
    {
        _full.Enqueue(_filling);
        if (!_spare.TryPop(out var spare))
            spare = new ScoreRows();
        _filling = spare;
        Monitor.Pulse(_gate);
    }

    // A disk that is full or away is waited for; meanwhile the buffer fills, and full it turns requests away.
    private void WriteFiles(CancellationToken stop)
    {
        using var wake = stop.Register(Wake);
        var pause = ShortestPause;
        var isLast = false;
        while (!isLast)
        {
            // Requests have ended when the stop begins: what the buffer holds then is all there will be.
            isLast = stop.IsCancellationRequested;
            try
            {
                DeleteLeftBehind();
                WriteFile(stop);
                _began = _clock.GetTimestamp();
                pause = ShortestPause;
            }
            catch (Exception exception) when (SinkErrors.IsTransient(exception))
            {
                DropBroken();
                if (isLast)
                    _log.ApiScoresLost(WaitingRows, SinkErrors.Describe(exception));
                else
                    _log.ApiScoresNotWritten(SinkErrors.Describe(exception), WaitingRows);
                stop.WaitHandle.WaitOne(pause);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }

        _file?.Dispose();
    }

    private void DeleteLeftBehind()
    {
        if (_sweptOnce)
            return;
        ScoreFile.DeleteLeftBehind(_folder!, _clock);
        _sweptOnce = true;
    }

    private void Wake()
    {
        lock (_gate)
            Monitor.Pulse(_gate);
    }

    private void WriteFile(CancellationToken stop)
    {
        // A whole file that could not get its name takes no more rows: they are the next one's.
        if (_file is not { IsComplete: true })
        {
            if (_parts.Count > 0)
                Begin();
            while (TryTakePart(stop, out var part))
                Encode(part);
            for (var rest = EndLastPart(); rest > 0; rest--)
                Encode(TakePart());
        }

        if (_file is not null)
            Publish(_file);
    }

    // Nobody knows what stands in a file that a write has failed on: the next attempt is a file of its own.
    private void DropBroken()
    {
        if (_file is not { IsComplete: false } file)
            return;
        _file = null;
        file.Dispose();
    }

    /// <summary>Waits for the next part of the file; false when the file is due.</summary>
    private bool TryTakePart(CancellationToken stop, [NotNullWhen(true)] out ScoreRows? part)
    {
        part = null;
        lock (_gate)
        {
            while (true)
            {
                var left = _options.ScoreMaxAge - _clock.GetElapsedTime(_began);
                if (left <= TimeSpan.Zero || IsHalfFull || stop.IsCancellationRequested)
                    return false;
                if (_full.TryDequeue(out part))
                    return true;
                Monitor.Wait(_gate, left);
            }
        }
    }

    /// <summary>How many parts there are at this moment, the one that was being filled included: a file that is due waits for no more.</summary>
    private int EndLastPart()
    {
        lock (_gate)
        {
            if (_filling.Count > 0)
                EndPart();
            return _full.Count;
        }
    }

    private ScoreRows TakePart()
    {
        lock (_gate)
            return _full.Dequeue();
    }

    private void Encode(ScoreRows part)
    {
        _parts.Add(part);
        if (_file is null)
            Begin();
        else
            _file.Append(part);
    }

    // With the parts that are there already.
    private void Begin()
    {
        _file = ScoreFile.Create(_folder!, _clock);
        foreach (var part in _parts)
            _file.Append(part);
    }

    private void Publish(ScoreFile file)
    {
        var path = file.Publish();
        _log.ApiScoresWritten((int)file.RowCount, path);
        file.Dispose();
        _file = null;
        lock (_gate)
        {
            foreach (var part in _parts)
            {
                _waiting -= part.Count;
                part.Clear();
                _spare.Push(part);
            }
        }

        _parts.Clear();
    }

    private static long Micros(DateTimeOffset at) => (at.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
}
