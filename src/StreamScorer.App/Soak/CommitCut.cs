namespace StreamScorer.App.Soak;

/// <summary>What becomes of a transaction whose connection breaks during its COMMIT.</summary>
internal enum CommitFate
{
    /// <summary>The COMMIT never arrives: the server rolls back.</summary>
    NotApplied,

    /// <summary>The COMMIT is done and its answer lost.</summary>
    Applied,

    /// <summary>The COMMIT arrives after the client has given up: it asks again while the first attempt still holds its locks.</summary>
    AppliedLate,
}

/// <summary>
/// Cuts connections to PostgreSQL during the COMMIT of a registration, so that the worker cannot know its outcome
/// (PROTOCOL step 5). Give <see cref="For"/> to a <see cref="TcpProxy"/>. Safe for use by several threads.
/// </summary>
internal sealed class CommitCut
{
    // Below the five seconds after which the server itself ends a transaction that waits for its client.
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(1.5);

    private readonly Queue<CommitFate> _armed = new();
    private int _cuts;

    /// <summary>Commits that were cut.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    /// <summary>Fates that still wait for a registration.</summary>
    public int Armed
    {
        get
        {
            lock (_armed)
                return _armed.Count;
        }
    }

    /// <summary>The next registration that nothing is armed for meets this fate.</summary>
    public void Arm(CommitFate fate)
    {
        lock (_armed)
            _armed.Enqueue(fate);
    }

    /// <summary>Nothing more is cut.</summary>
    public void Disarm()
    {
        lock (_armed)
            _armed.Clear();
    }

    /// <summary>Watches one connection.</summary>
    public ClientBytes For(ProxyConnection connection) => new Watch(this, connection).ReceiveAsync;

    private bool TryTake(out CommitFate fate)
    {
        lock (_armed)
            return _armed.TryDequeue(out fate);
    }

    private sealed class Watch(CommitCut cut, ProxyConnection connection)
    {
        private const byte Parse = (byte)'P';
        private const byte Query = (byte)'Q';

        private readonly PostgresMessages _messages = new();
        private bool _registers;

        public async ValueTask ReceiveAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
        {
            _messages.Add(bytes.Span);
            while (_messages.TryTake(out var type, out var message))
            {
                if (type == Parse && message.Span.IndexOf("insert into checkpoint_files"u8) >= 0)
                    _registers = true;
                if (type == Query && message.Span[5..].StartsWith("COMMIT"u8) && _registers && cut.TryTake(out var fate))
                {
                    await CommitAsync(fate, message, ct);
                    return;
                }

                if (type == Query)
                    _registers = false;
                await connection.SendToServerAsync(message, ct);
            }
        }

        private async Task CommitAsync(CommitFate fate, ReadOnlyMemory<byte> commit, CancellationToken ct)
        {
            Interlocked.Increment(ref cut._cuts);
            if (fate == CommitFate.AppliedLate)
            {
                connection.CutClient();
                await Task.Delay(Late, ct);
            }

            if (fate != CommitFate.NotApplied)
                await connection.SwallowAnswerAsync(commit, ct);
            connection.Cut();
        }
    }
}
