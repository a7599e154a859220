namespace StreamScorer.Scenarios;

/// <summary>By what means a test causes a fault.</summary>
internal enum Means
{
    /// <summary>A real broker, a real database, killed processes, a proxy of ours between them, a full disk.</summary>
    RealServices,

    /// <summary>A real PostgreSQL and the sinks that write to it, without a worker around them.</summary>
    RealDatabase,

    /// <summary>librdkafka's mock cluster: a broker that speaks the protocol and fails on command.</summary>
    MockCluster,

    /// <summary>The loop in process on a virtual clock, with faulty source and sinks.</summary>
    Simulation,

    /// <summary>The class that decides, alone: arithmetic, files, errors.</summary>
    UnitTest,
}

/// <summary>
/// Says which failure scenario a test causes and what comes of it. <c>src/docs/delivery-scenarios.md</c> is made from
/// these: ScenarioTableTests compares them.
/// </summary>
/// <param name="number">Number of the scenario, 1 to 70.</param>
/// <param name="means">By what means the fault is caused.</param>
/// <param name="outcome">What the test has seen to come of it; one sentence without a full stop.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class ScenarioAttribute(int number, Means means, string outcome) : Attribute
{
    public int Number => number;

    public Means Means => means;

    public string Outcome => outcome;
}
