namespace StreamScorer.App.Demo;

/// <summary>An event to paste: a lead that looks ready to buy.</summary>
internal static class DemoEvent
{
    /// <summary>One line of JSON by the event contract, without a single quote, so that a shell takes it in single quotes.</summary>
    public const string Example =
        """{"leadId":"my-lead","totalVisits":6,"totalBrowsingTime":1650,"avgListingsViewedPerSession":3,"""
        + """ "leadCaptureChannel":"Lead Add Form","referralSource":"Reference","lastAction":"SMS Sent", """
        + """ "finalEngagementAction":"SMS Sent","city":"Mumbai","country":"India", """
        + """ "leadStatusTag":"Will revert after reading the email"}""";
}
