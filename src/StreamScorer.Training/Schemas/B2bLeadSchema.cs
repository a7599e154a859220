using System.Globalization;
using StreamScorer.Forests;

namespace StreamScorer.Training.Schemas;

/// <summary>
/// Fifty features of business customers: sixteen core ones and <c>custom_feature_1…34</c>, which every organisation fills
/// as it likes. Their columns and API names are the same; a second schema beside the reference one, without code of its own
/// in the data path.
/// </summary>
public static class B2bLeadSchema
{
    public const string Name = "b2b-leads";
    public const string LabelColumn = "converted";
    public const string IdColumn = "lead_id";
    public const string OrderColumn = "lead_number";

    /// <summary>Features that an organisation defines.</summary>
    public const int CustomFeatures = 34;

    /// <summary>
    /// Custom features 1 to 20 are numbers, 21 to 30 texts, 31 to 34 flags. An event may leave them out; it must name the
    /// core ones. <c>last_campaign_interaction</c> counts days up to the event.
    /// </summary>
    public static IReadOnlyList<FeatureSpec> Features { get; } =
    [
        Core("CompanySize", FeatureKind.Categorical),
        Core("Industry", FeatureKind.Categorical),
        Core("JobTitle", FeatureKind.Categorical),
        Core("SeniorityLevel", FeatureKind.Categorical),
        Core("Geography", FeatureKind.Categorical),
        Core("EmailEngagementScore", FeatureKind.Numeric),
        Core("WebsiteSessions", FeatureKind.Numeric),
        Core("PagesViewed", FeatureKind.Numeric),
        Core("TimeOnSite", FeatureKind.Numeric),
        Core("FormFills", FeatureKind.Numeric),
        Core("ContentDownloads", FeatureKind.Numeric),
        Core("CampaignTouchpoints", FeatureKind.Numeric),
        Core("LastCampaignInteraction", FeatureKind.Numeric),
        Core("AccountRevenue", FeatureKind.Numeric),
        Core("AccountEmployees", FeatureKind.Numeric),
        Core("ExistingCustomer", FeatureKind.Boolean),
        .. Enumerable.Range(1, CustomFeatures).Select(Custom),
    ];

    /// <summary>The features with label, id and order, as training needs them.</summary>
    public static TrainingSchema Training { get; } = new(Name, Features, LabelColumn, "1", IdColumn, OrderColumn);

    /// <summary>The kind of a custom feature, 1 to 34.</summary>
    public static FeatureKind KindOfCustom(int number) =>
        number <= 20 ? FeatureKind.Numeric : number <= 30 ? FeatureKind.Categorical : FeatureKind.Boolean;

    private static FeatureSpec Core(string name, FeatureKind kind) =>
        new(name, FieldNames.Snake(name), FieldNames.Camel(name), FieldNames.Snake(name), kind, [""], Required: true);

    private static FeatureSpec Custom(int number)
    {
        var text = number.ToString(CultureInfo.InvariantCulture);
        return new FeatureSpec(
            "CustomFeature" + text, "custom_feature_" + text, "customFeature" + text, "custom_feature_" + text,
            KindOfCustom(number), [""], Required: false);
    }
}
