namespace StreamScorer.Scoring;

/// <summary>What a model says of one lead.</summary>
/// <param name="Raw">The trees' output before calibration: mean leaf probability (forests) or log-odds (boosting).</param>
/// <param name="Probability">Calibrated probability of conversion, 0 to 1.</param>
/// <param name="Bucket">1 (coldest) to 5, by the model's own left-closed edges.</param>
/// <param name="Tier">A (bucket 5) to E (bucket 1).</param>
/// <param name="Hot">Whether the probability lies above the threshold.</param>
/// <param name="ModelName">The model's name in the pool.</param>
/// <param name="ModelId">SHA-256 of the model file, hex.</param>
public readonly record struct LeadPrediction(
    double Raw, double Probability, int Bucket, char Tier, bool Hot, string ModelName, string ModelId);
