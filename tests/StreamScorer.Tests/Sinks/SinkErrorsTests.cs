using System.Net.Sockets;
using System.Security.Authentication;
using Confluent.Kafka;
using Npgsql;
using StreamScorer.Sinks;
using StreamScorer.Telemetry;
using Xunit;

namespace StreamScorer.Tests.Sinks;

public sealed class SinkErrorsTests
{
    [Theory]
    [InlineData("08006", true)] // connection failure
    [InlineData("08P01", true)] // protocol violation: a broken connection
    [InlineData("40001", true)] // serialisation failure
    [InlineData("40P01", true)] // deadlock
    [InlineData("53100", true)] // disk full
    [InlineData("53300", true)] // too many connections
    [InlineData("55P03", true)] // lock not available
    [InlineData("57014", true)] // cancelled by the administrator or a timeout
    [InlineData("57P01", true)] // administrator shutdown
    [InlineData("57P02", true)] // crash shutdown
    [InlineData("57P03", true)] // cannot connect now
    [InlineData("25006", true)] // read-only: a standby after failover
    [InlineData("25P03", true)] // idle in transaction: this worker was frozen
    [InlineData("58030", true)] // I/O error
    [InlineData("22P05", false)] // untranslatable character
    [InlineData("23505", false)] // unique violation
    [InlineData("28P01", false)] // wrong password
    [InlineData("3D000", false)] // no such database
    [InlineData("42P01", false)] // no such table
    [InlineData("42501", false)] // no permission
    [InlineData("57P04", false)] // database dropped
    [InlineData("XX000", false)] // internal error
    public void Sql_states(string state, bool transient) => Assert.Equal(transient, SinkErrors.IsTransient(Postgres(state)));

    [Theory]
    [InlineData("22021", true)]
    [InlineData("22P05", true)]
    [InlineData("23514", true)]
    [InlineData("54000", true)]
    [InlineData("42P01", false)]
    [InlineData("40001", false)]
    public void Bad_data_is_what_splitting_the_batch_can_find(string state, bool bad) =>
        Assert.Equal(bad, SinkErrors.IsBadData(Postgres(state)));

    [Fact]
    public void No_error_is_both_transient_and_bad_data()
    {
        foreach (var field in typeof(PostgresErrorCodes).GetFields())
        {
            var exception = Postgres((string)field.GetValue(null)!);
            Assert.False(SinkErrors.IsTransient(exception) && SinkErrors.IsBadData(exception), field.Name);
        }
    }

    [Fact]
    public void Connections()
    {
        Assert.True(SinkErrors.IsTransient(new NpgsqlException("x", new SocketException((int)SocketError.ConnectionRefused))));
        Assert.True(SinkErrors.IsTransient(new NpgsqlException("x", new EndOfStreamException())));
        Assert.True(SinkErrors.IsTransient(new NpgsqlException("x", new TimeoutException())));
        Assert.True(SinkErrors.IsTransient(new NpgsqlException("x", Postgres("57P01"))));
        Assert.True(SinkErrors.IsTransient(new SocketException((int)SocketError.HostNotFound)));
        Assert.False(SinkErrors.IsTransient(new NpgsqlException("x", new AuthenticationException())));
        Assert.False(SinkErrors.IsTransient(new NpgsqlException("No password has been provided")));
    }

    [Fact]
    public void Files()
    {
        Assert.True(SinkErrors.IsTransient(new IOException("No space left on device")));
        Assert.True(SinkErrors.IsTransient(new DirectoryNotFoundException()));
        Assert.True(SinkErrors.IsTransient(new UnauthorizedAccessException()));
        Assert.False(SinkErrors.IsTransient(new FileNotFoundException()));
        Assert.False(SinkErrors.IsTransient(new PathTooLongException()));
        Assert.False(SinkErrors.IsTransient(new InvalidDataException()));
    }

    [Theory]
    [InlineData(ErrorCode.Local_AllBrokersDown, true)]
    [InlineData(ErrorCode.Local_Transport, true)]
    [InlineData(ErrorCode.Local_TimedOut, true)]
    [InlineData(ErrorCode.Local_MsgTimedOut, true)]
    [InlineData(ErrorCode.Local_QueueFull, true)]
    [InlineData(ErrorCode.Local_Destroy, true)] // A broker killed and restarted while the group's offsets were asked for.
    [InlineData(ErrorCode.UnknownTopicOrPart, true)]
    [InlineData(ErrorCode.GroupLoadInProgress, true)]
    [InlineData(ErrorCode.NotEnoughReplicas, true)]
    [InlineData(ErrorCode.RequestTimedOut, true)]
    [InlineData(ErrorCode.MsgSizeTooLarge, false)]
    [InlineData(ErrorCode.TopicAuthorizationFailed, false)]
    [InlineData(ErrorCode.SaslAuthenticationFailed, false)]
    [InlineData(ErrorCode.InvalidMsg, false)]
    [InlineData(ErrorCode.IllegalGeneration, false)]
    public void Kafka_codes(ErrorCode code, bool transient) =>
        Assert.Equal(transient, SinkErrors.IsTransient(new KafkaException(new Error(code))));

    [Fact]
    public void A_fatal_kafka_error_is_permanent_whatever_its_code() =>
        Assert.False(SinkErrors.IsTransient(new KafkaException(new Error(ErrorCode.Local_TimedOut, "fenced", isFatal: true))));

    [Fact]
    public void Bugs_and_cancellation_are_permanent()
    {
        Assert.False(SinkErrors.IsTransient(new InvalidOperationException()));
        Assert.False(SinkErrors.IsTransient(new OperationCanceledException()));
        Assert.False(SinkErrors.IsTransient(new AggregateException(new TimeoutException(), new InvalidOperationException())));
        Assert.True(SinkErrors.IsTransient(new AggregateException(new TimeoutException(), new IOException())));
    }

    [Fact]
    public void An_error_names_its_dependency()
    {
        Assert.Equal(Readiness.PostgreSql, SinkErrors.DependencyOf(Postgres("53300")));
        Assert.Equal(Readiness.CheckpointFolder, SinkErrors.DependencyOf(new IOException()));
        Assert.Equal(Readiness.Kafka, SinkErrors.DependencyOf(new KafkaException(ErrorCode.Local_Transport)));
        Assert.Null(SinkErrors.DependencyOf(new TimeoutException()));
    }

    [Fact]
    public void A_description_is_one_sentence_with_the_code_and_the_place()
    {
        Assert.Equal("it failed (SQLSTATE 53300)", SinkErrors.Describe(Postgres("53300")));
        var refused = new NpgsqlException("Failed to connect to host:5432", new SocketException((int)SocketError.ConnectionRefused));
        Assert.Equal("Failed to connect to host:5432: Connection refused", SinkErrors.Describe(refused));
        var gone = new KafkaException(new Error(ErrorCode.Local_Transport, "gone"));
        Assert.Equal("gone (Local_Transport)", SinkErrors.Describe(gone));
    }

    private static PostgresException Postgres(string state) => new("it failed", "ERROR", "ERROR", state);
}
