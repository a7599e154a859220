using Xunit;

namespace StreamScorer.IntegrationTests;

/// <summary>
/// A test on a real Kafka and PostgreSQL. Without them it is skipped and says why; where
/// <c>STREAMSCORER_REQUIRE_SERVICES=1</c> is set, as in CI, it runs and fails, so that nothing goes untested unseen.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public class RequiresServicesFactAttribute : FactAttribute
{
    public RequiresServicesFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("STREAMSCORER_REQUIRE_SERVICES") != "1" && Services.WhyMissing() is { } why)
            Skip = why;
    }
}

/// <summary>The same with data, see <see cref="RequiresServicesFactAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresServicesTheoryAttribute : TheoryAttribute
{
    public RequiresServicesTheoryAttribute()
    {
        if (Environment.GetEnvironmentVariable("STREAMSCORER_REQUIRE_SERVICES") != "1" && Services.WhyMissing() is { } why)
            Skip = why;
    }
}
