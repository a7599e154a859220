using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;

namespace StreamScorer.Consumer;

/// <summary>
/// Records that lie fetched in the client's queue, many with one call and without an object for each
/// (<c>rd_kafka_consume_batch_queue</c>, librdkafka's rdkafka.h; Confluent.Kafka has no such call). Never waits: waiting,
/// and telling of errors that callbacks met, stay <see cref="IConsumer{TKey,TValue}.Consume(TimeSpan)"/>'s. Callbacks
/// (rebalances) are served inside <see cref="Take"/>. Used by the consumer's thread alone.
/// </summary>
internal sealed unsafe partial class ConsumerQueue : IDisposable
{
    private const string Library = "librdkafka";
    private const int MostRecords = 256;

    private readonly SafeHandle _client;
    private readonly nint _queue;
    private readonly Message** _messages;
    private int _count;
    private int _next;

    private ConsumerQueue(SafeHandle client, nint queue)
    {
        (_client, _queue) = (client, queue);
        _messages = (Message**)NativeMemory.AllocZeroed(MostRecords, (nuint)sizeof(Message*));
    }

    /// <summary>Whether every record that was taken has been released.</summary>
    public bool IsEmpty => _next == _count;

    /// <summary>The oldest record that was taken and not released; valid until it is. Not where <see cref="IsEmpty"/>.</summary>
    public ref readonly Message Oldest => ref *_messages[_next];

    /// <summary>
    /// The queue of a client; null where this Confluent.Kafka does not let its native client be found. Its records are
    /// taken from either the queue or the client, whichever is asked.
    /// </summary>
    public static ConsumerQueue? TryOpen(IClient consumer)
    {
        // There the package brings another build of the library, and calls must not go to two of them.
        if (RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) || RuntimeInformation.RuntimeIdentifier.StartsWith("alpine", StringComparison.Ordinal))
            return null;
        // Internal to the package, and without another way in: a version that has renamed it is consumed record by record.
        var property = typeof(Handle).GetProperty("LibrdkafkaHandle", BindingFlags.Instance | BindingFlags.NonPublic);
        if (property?.GetValue(consumer.Handle) is not SafeHandle { IsInvalid: false } client)
            return null;
        var held = false;
        client.DangerousAddRef(ref held);
        var queue = QueueOf(client);
        if (queue != 0)
            return new ConsumerQueue(client, queue);
        client.DangerousRelease();
        return null;
    }

    /// <summary>Takes what lies ready, at most so many records; only when <see cref="IsEmpty"/>.</summary>
    public void Take(int mostRecords)
    {
        _next = 0;
        _count = Math.Max(0, (int)ConsumeBatch(_queue, 0, _messages, (nuint)Math.Min(mostRecords, MostRecords)));
    }

    /// <summary>Gives the oldest record's memory back to the client.</summary>
    public void Release() => Destroy(_messages[_next++]);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The client's end waits for the release of everything that it has handed out.
        while (!IsEmpty)
            Release();
        DestroyQueue(_queue);
        NativeMemory.Free(_messages);
        _client.DangerousRelease();
    }

    private static nint QueueOf(SafeHandle client)
    {
        try
        {
            return QueueOfConsumer(client.DangerousGetHandle());
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return 0; // The package has found its library in a way of its own.
        }
    }

    [LibraryImport(Library, EntryPoint = "rd_kafka_queue_get_consumer")]
    private static partial nint QueueOfConsumer(nint client);

    [LibraryImport(Library, EntryPoint = "rd_kafka_queue_destroy")]
    private static partial void DestroyQueue(nint queue);

    [LibraryImport(Library, EntryPoint = "rd_kafka_consume_batch_queue")]
    private static partial nint ConsumeBatch(nint queue, int timeoutMilliseconds, Message** messages, nuint size);

    [LibraryImport(Library, EntryPoint = "rd_kafka_message_destroy")]
    private static partial void Destroy(Message* message);

    [SuppressGCTransition] // Reads two fields.
    [LibraryImport(Library, EntryPoint = "rd_kafka_message_timestamp")]
    private static partial long Timestamp(Message* message, int* kind);

    /// <summary>The client's rd_kafka_message_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public readonly struct Message
    {
        private readonly int _error;
        private readonly nint _topic;
        private readonly int _partition;
        private readonly byte* _value;
        private readonly nuint _valueLength;
        private readonly byte* _key;
        private readonly nuint _keyLength;
        private readonly long _offset;
        private readonly nint _private;

        /// <summary>NoError for a record; else what happened to the partition, in words in the value.</summary>
        public ErrorCode Error => (ErrorCode)_error;

        /// <summary>Number of the partition.</summary>
        public int Partition => _partition;

        /// <summary>Offset in the partition.</summary>
        public long Offset => _offset;

        /// <summary>Whether there is no key, which is not an empty one.</summary>
        public bool KeyIsNull => _key is null;

        /// <summary>Whether there is no value: a tombstone.</summary>
        public bool ValueIsNull => _value is null;

        /// <summary>The key's bytes, in the client's memory.</summary>
        public ReadOnlySpan<byte> Key => new(_key, (int)_keyLength);

        /// <summary>The value's bytes, in the client's memory.</summary>
        public ReadOnlySpan<byte> Value => new(_value, (int)_valueLength);

        /// <summary>What happened, for a person; not for a record.</summary>
        public Error ToError() => Value.IsEmpty
            ? new Error(Error)
            : new Error(Error, Encoding.UTF8.GetString(Value), isFatal: Error == ErrorCode.Local_Fatal);

        /// <summary>Microseconds since 1970 UTC, or <see cref="MicroBatch.NoTimestamp"/>.</summary>
        public long TimestampMicros
        {
            get
            {
                int kind;
                fixed (Message* self = &this)
                {
                    var milliseconds = Timestamp(self, &kind);
                    return kind == 0 ? MicroBatch.NoTimestamp : milliseconds * 1000;
                }
            }
        }
    }
}
