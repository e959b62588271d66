using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Azure;

namespace ActionTrail.Azure.Tables;

/// <summary>
/// An entity as a dictionary: <c>PartitionKey</c>, <c>RowKey</c>, <c>Timestamp</c>, <c>odata.etag</c> and the properties, which are
/// <see cref="string"/>, <see cref="int"/>, <see cref="long"/>, <see cref="bool"/>, <see cref="double"/>, <see cref="DateTimeOffset"/>,
/// <see cref="Guid"/> or <c>byte[]</c>. Typed getters give null when the property is missing and throw <see cref="InvalidOperationException"/>
/// when it has another type.
/// </summary>
public class TableEntity : IDictionary<string, object?>
{
    internal const string ETagName = "odata.etag";

    private readonly Dictionary<string, object?> properties = new(StringComparer.Ordinal);

    public TableEntity()
    {
    }

    public TableEntity(string partitionKey, string rowKey)
    {
        PartitionKey = partitionKey;
        RowKey = rowKey;
    }

    public TableEntity(IDictionary<string, object?> values)
    {
        foreach (var (name, value) in values)
            properties[name] = value;
    }

    [DisallowNull]
    public string? PartitionKey
    {
        get => GetString(nameof(PartitionKey));
        set => properties[nameof(PartitionKey)] = value;
    }

    [DisallowNull]
    public string? RowKey
    {
        get => GetString(nameof(RowKey));
        set => properties[nameof(RowKey)] = value;
    }

    public DateTimeOffset? Timestamp
    {
        get => GetDateTimeOffset(nameof(Timestamp));
        set => properties[nameof(Timestamp)] = value;
    }

    public ETag ETag
    {
        get => GetString(ETagName) is { } etag ? new ETag(etag) : default;
        set => properties[ETagName] = value.ToString();
    }

    public ICollection<string> Keys => properties.Keys;

    public ICollection<object?> Values => properties.Values;

    public int Count => properties.Count;

    public bool IsReadOnly => false;

    /// <summary>The value, or null when there is none.</summary>
    public object? this[string key]
    {
        get => properties.GetValueOrDefault(key);
        set => properties[key] = value;
    }

    public string? GetString(string key) => Get(key) switch
    {
        null => null,
        string text => text,
        var other => throw Mistyped(key, other),
    };

    public bool? GetBoolean(string key) => Value<bool>(key);

    public int? GetInt32(string key) => Value<int>(key);

    public double? GetDouble(string key) => Value<double>(key);

    public Guid? GetGuid(string key) => Value<Guid>(key);

    public DateTimeOffset? GetDateTimeOffset(string key) => Value<DateTimeOffset>(key);

    public DateTime? GetDateTime(string key) => Value<DateTimeOffset>(key)?.UtcDateTime;

    public long? GetInt64(string key) => Get(key) is int narrow ? narrow : Value<long>(key);

    public byte[]? GetBinary(string key) => Get(key) switch
    {
        null => null,
        byte[] binary => binary,
        var other => throw Mistyped(key, other),
    };

    public BinaryData? GetBinaryData(string key) => GetBinary(key) is { } binary ? BinaryData.FromBytes(binary) : null;

    public void Add(string key, object? value) => properties.Add(key, value);

    public bool ContainsKey(string key) => properties.ContainsKey(key);

    public bool Remove(string key) => properties.Remove(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out object? value) => properties.TryGetValue(key, out value);

    public void Clear() => properties.Clear();

    void ICollection<KeyValuePair<string, object?>>.Add(KeyValuePair<string, object?> item) => properties.Add(item.Key, item.Value);

    bool ICollection<KeyValuePair<string, object?>>.Contains(KeyValuePair<string, object?> item) => properties.Contains(item);

    void ICollection<KeyValuePair<string, object?>>.CopyTo(KeyValuePair<string, object?>[] array, int arrayIndex) =>
        ((ICollection<KeyValuePair<string, object?>>)properties).CopyTo(array, arrayIndex);

    bool ICollection<KeyValuePair<string, object?>>.Remove(KeyValuePair<string, object?> item) =>
        ((ICollection<KeyValuePair<string, object?>>)properties).Remove(item);

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => properties.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private object? Get(string key) => properties.GetValueOrDefault(key);

    private T? Value<T>(string key)
        where T : struct => Get(key) switch
        {
            null => null,
            T value => value,
            var other => throw Mistyped(key, other),
        };

    private static InvalidOperationException Mistyped(string key, object value) => new($"Property {key} is a {value.GetType().Name}.");
}
