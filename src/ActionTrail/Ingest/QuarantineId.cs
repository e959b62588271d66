using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ActionTrail.Layout;

namespace ActionTrail.Ingest;

/// <summary>Names a quarantined record, as text <c>{partition}.{last}.{position}</c>, which is safe in a URL.</summary>
/// <param name="Partition">Partition of the commit log.</param>
/// <param name="Last">Last sequence number of the commit that quarantined it.</param>
/// <param name="Position">Line in the commit's quarantine object, from 0.</param>
public readonly record struct QuarantineId(PartitionName Partition, long Last, int Position)
{
    public static bool TryParse([NotNullWhen(true)] string? text, out QuarantineId id)
    {
        id = default;
        var parts = (text ?? "").Split('.');
        if (parts.Length != 3 || !PartitionName.TryParse(parts[0], out var partition)
            || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var position))
            return false;
        id = new QuarantineId(partition, last, position);
        return id.ToString() == text;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Partition}.{Last}.{Position}");
}
