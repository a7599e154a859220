namespace StreamScorer.Forests;

/// <summary>Gauss–Legendre quadrature on 0…1: n nodes integrate polynomials up to degree 2n - 1 exactly.</summary>
internal static class GaussLegendre
{
    /// <summary>Nodes strictly between 0 and 1, and weights that sum to 1.</summary>
    public static (double[] Nodes, double[] Weights) OnUnitInterval(int count)
    {
        var nodes = new double[count];
        var weights = new double[count];
        for (var i = 0; i < count; i++)
        {
            // Newton's method on the Legendre polynomial from the usual cosine guess; it converges in a few steps.
            var x = Math.Cos(Math.PI * (i + 0.75) / (count + 0.5));
            var slope = 0.0;
            for (var step = 0; step < 100; step++)
            {
                (var value, slope) = Legendre(count, x);
                var change = value / slope;
                x -= change;
                if (Math.Abs(change) < 1e-16)
                    break;
            }

            nodes[i] = (x + 1) / 2;
            weights[i] = 1 / ((1 - (x * x)) * slope * slope);
        }

        return (nodes, weights);
    }

    // Value and derivative by the three-term recurrence.
    private static (double Value, double Slope) Legendre(int degree, double x)
    {
        var (before, value) = (1.0, x);
        for (var n = 2; n <= degree; n++)
            (before, value) = (value, (((2 * n) - 1) * x * value - ((n - 1) * before)) / n);
        if (degree == 0)
            return (1, 0);
        return (value, degree * ((x * value) - before) / ((x * x) - 1));
    }
}
