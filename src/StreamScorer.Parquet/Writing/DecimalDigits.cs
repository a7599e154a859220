using System.Globalization;

namespace StreamScorer.Parquet.Writing;

/// <summary>Keeps unscaled numbers within a decimal column's digits; a reader that trusts the precision would show another number.
/// </summary>
internal sealed class DecimalDigits(ParquetColumn column)
{
    private readonly long _bound = PowerOfTen(column.Precision);

    /// <exception cref="ArgumentOutOfRangeException">The number has more digits.</exception>
    public long Check(long unscaled)
    {
        if (unscaled < _bound && unscaled > -_bound)
            return unscaled;
        throw new ArgumentOutOfRangeException(nameof(unscaled), string.Create(CultureInfo.InvariantCulture,
            $"Column '{column.Name}': {unscaled} has more than the {column.Precision} digits of its decimal type."));
    }

    private static long PowerOfTen(int exponent)
    {
        long power = 1;
        for (int i = 0; i < exponent; i++)
            power *= 10;
        return power;
    }
}
