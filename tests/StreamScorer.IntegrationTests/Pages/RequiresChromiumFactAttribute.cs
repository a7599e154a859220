using Xunit;

namespace StreamScorer.IntegrationTests.Pages;

/// <summary>A test in a real browser, on a real Kafka and PostgreSQL. Without them it is skipped and says why.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresChromiumFactAttribute : RequiresServicesFactAttribute
{
    public RequiresChromiumFactAttribute()
    {
        // Chromium is no service of the product: where services are required, as in CI, it may still be absent.
        if (Skip is null && Chromium.Program is null)
            Skip = "Chromium is not installed (apt package chromium); STREAMSCORER_CHROMIUM names another one.";
    }
}
