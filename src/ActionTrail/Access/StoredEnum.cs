using ActionTrail.Storage;

namespace ActionTrail.Access;

/// <summary>Enumerations stored by name.</summary>
internal static class StoredEnum
{
    /// <exception cref="StoreException">Corrupt: the property is not one of the names.</exception>
    public static T ReadEnum<T>(this TableRow row, string property)
        where T : struct, Enum =>
        Enum.TryParse<T>(row.GetString(property), ignoreCase: false, out var value) && Enum.IsDefined(value)
            ? value
            : throw new StoreException(StoreErrorKind.Corrupt, $"Row {row.PartitionKey} / {row.RowKey}: {property} is no {typeof(T).Name}.");
}
