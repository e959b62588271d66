namespace ActionTrail.Storage;

/// <summary>
/// One table entity. Property values are <see cref="string"/> (at most 32,768 UTF-16 units), <see cref="long"/>,
/// <see cref="int"/>, <see cref="bool"/>, <see cref="double"/>, <see cref="DateTimeOffset"/> (UTC, 100 ns) or
/// <c>byte[]</c> (at most 64 KiB); a whole row is at most 1 MiB. Null is not a value: leave the property out.
/// </summary>
/// <remarks>Keys follow Azure Table rules: no <c>/ \ # ?</c>, no control characters, at most 1 KiB each.</remarks>
public sealed class TableRow(string partitionKey, string rowKey)
{
    private readonly Dictionary<string, object> properties = new(StringComparer.Ordinal);

    public string PartitionKey { get; } = partitionKey;

    public string RowKey { get; } = rowKey;

    /// <summary>Opaque version, set on rows that came from the store; null on new ones.</summary>
    public string? ETag { get; init; }

    public IReadOnlyDictionary<string, object> Properties => properties;

    public object this[string name]
    {
        get => properties[name];
        set => properties[name] = value;
    }

    /// <summary>Sets a property, or leaves it out when the value is null.</summary>
    public TableRow With(string name, object? value)
    {
        if (value is null)
        {
            properties.Remove(name);
        }
        else
        {
            properties[name] = value;
        }

        return this;
    }

    /// <summary>This row, when its property <c>Version</c> is at most <paramref name="newest"/>; a row without one is of version 1.</summary>
    /// <exception cref="StoreException">Corrupt: a newer version wrote it. Half understood it would do harm.</exception>
    public TableRow Known(int newest) => properties.GetValueOrDefault("Version") is int version && version > newest
        ? throw new StoreException(StoreErrorKind.Corrupt, $"Row {PartitionKey} / {RowKey} was written by a newer version.")
        : this;

    public string GetString(string name) => Get<string>(name);

    public string? FindString(string name) => properties.GetValueOrDefault(name) as string;

    public long GetInt64(string name) => properties.GetValueOrDefault(name) switch
    {
        long wide => wide,
        int narrow => narrow,
        _ => throw Missing(name),
    };

    public int GetInt32(string name) => Get<int>(name);

    public bool GetBoolean(string name) => Get<bool>(name);

    public DateTimeOffset GetTime(string name) => Get<DateTimeOffset>(name);

    public DateTimeOffset? FindTime(string name) => properties.GetValueOrDefault(name) as DateTimeOffset?;

    public byte[] GetBytes(string name) => Get<byte[]>(name);

    public byte[]? FindBytes(string name) => properties.GetValueOrDefault(name) as byte[];

    private T Get<T>(string name) => properties.GetValueOrDefault(name) is T value ? value : throw Missing(name);

    private StoreException Missing(string name) =>
        new(StoreErrorKind.Corrupt, $"Row {PartitionKey} / {RowKey} has no property {name} of the expected type.");
}
