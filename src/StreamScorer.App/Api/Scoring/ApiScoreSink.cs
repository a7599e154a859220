using StreamScorer.Sinks;

namespace StreamScorer.App.Api.Scoring;

/// <summary>
/// Keeps the scores of the API: a bounded buffer that becomes Parquet files of the stream's own schema and writer, in a
/// dataset of their own (topic <c>http</c>, partition 0, offsets that rise with time, the request's id as event id where a
/// lead names none). Where the buffer is full a request is refused whole: nothing that was answered is dropped. What waits
/// in the buffer is lost with a killed process, at most <see cref="ApiOptions.ScoreMaxAge"/> of it; a stop writes it all.
/// </summary>
internal sealed class ApiScoreSink : BackgroundService
{
    /// <summary>When a refused request may find room.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private const string Topic = "http";
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly ApiOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly CheckpointFolder? _folder;
    private readonly SemaphoreSlim _due = new(0);
    private readonly Lock _gate = new();
    private ScoreRows _filling = new();
    private ScoreRows _writing = new();
    private long _nextOffset;
    private long _writingEnd;
    private int _waiting;

    /// <summary>A sink into the folder of the settings.</summary>
    public ApiScoreSink(StreamScorerOptions options, TimeProvider clock, ILogger<ApiScoreSink> log)
    {
        (_options, _clock, _log) = (options.Api, clock, log);
        _folder = _options.ScoreFolder.Length == 0 ? null : new CheckpointFolder(_options.ScoreFolder);
        _nextOffset = Micros(clock.GetUtcNow());
    }

    /// <summary>Scores that wait to be written.</summary>
    public int WaitingRows => Volatile.Read(ref _waiting);

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
            Append(scorer, eventId, Micros(at));
            _waiting += scorer.Decoder.Count;
            // Half full: written now rather than at the next due time, so that the other half takes what comes meanwhile.
            if (_filling.Count >= _options.ScoreBufferRows / 2 && _due.CurrentCount == 0)
                _due.Release();
        }

        return true;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _due.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_folder is null)
            return;
        try
        {
            while (true)
            {
                await _due.WaitAsync(_options.ScoreMaxAge, stoppingToken).ConfigureAwait(false);
                await WriteAsync(stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            WriteLast();
        }
    }

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

    // A disk that is full or away is waited for; meanwhile the buffer fills, and full it turns requests away.
    private async Task WriteAsync(CancellationToken ct)
    {
        Swap();
        var pause = TimeSpan.FromMilliseconds(200);
        while (_writing.Count > 0)
        {
            try
            {
                Write();
            }
            catch (Exception exception) when (SinkErrors.IsTransient(exception))
            {
                _log.ApiScoresNotWritten(SinkErrors.Describe(exception), WaitingRows);
                await Task.Delay(pause, _clock, ct).ConfigureAwait(false);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private void WriteLast()
    {
        try
        {
            Write();
            Swap();
            Write();
        }
        catch (Exception exception) when (SinkErrors.IsTransient(exception))
        {
            _log.ApiScoresLost(WaitingRows, SinkErrors.Describe(exception));
        }
    }

    private void Swap()
    {
        lock (_gate)
        {
            if (_writing.Count > 0)
                return;
            (_filling, _writing) = (_writing, _filling);
            _writingEnd = _nextOffset;
        }
    }

    private void Write()
    {
        var rows = _writing;
        if (rows.Count == 0)
            return;
        _folder!.OpenStorage();
        var range = new PartitionRange(Topic, 0, 0, _writingEnd - rows.Count, _writingEnd, rows.Count);
        var staged = new CheckpointFileWriter(_folder, Topic, _clock).Stage(rows, [range]);
        _folder.Publish(staged.StagedPath!, staged.FinalPath!);
        _log.ApiScoresWritten(rows.Count, staged.FinalPath!);
        lock (_gate)
            _waiting -= rows.Count;
        rows.Clear();
    }

    private static long Micros(DateTimeOffset at) => (at.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
}
