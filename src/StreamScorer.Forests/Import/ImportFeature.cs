namespace StreamScorer.Forests;

/// <summary>
/// What an input of a model trained elsewhere is called here. The n-th entry describes the model's n-th input.
/// </summary>
/// <param name="Spec">
/// Names, kind and null handling. Without a kind the feature is categorical when it has categories or the model splits it by
/// category, otherwise numeric. Required unless the spec says otherwise.
/// </param>
/// <param name="Categories">
/// The texts that the model's category numbers 0, 1, 2, … stand for, also where the model treats the numbers as ordered.
/// </param>
public sealed record ImportFeature(FeatureSpec Spec, IReadOnlyList<string>? Categories = null);
