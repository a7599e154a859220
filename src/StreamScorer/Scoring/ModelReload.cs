namespace StreamScorer.Scoring;

/// <summary>A model in the pool was replaced, or the attempt failed and the old one stayed.</summary>
/// <param name="Name">The model's name in the pool.</param>
/// <param name="OldId">Id of the model that served before.</param>
/// <param name="NewId">Id of the model that serves now; null where the attempt failed.</param>
/// <param name="Error">Why it failed; null where it did not.</param>
public sealed record ModelReload(string Name, string OldId, string? NewId, Exception? Error);
