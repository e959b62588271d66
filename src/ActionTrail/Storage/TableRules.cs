using System.Text;

namespace ActionTrail.Storage;

/// <summary>
/// What Azure Tables accept, checked before a request leaves: a breach is a bug of the caller (<see cref="ArgumentException"/>),
/// not a failure of the store, and is the same over memory, Azurite and Azure, which differ in what they refuse.
/// </summary>
public static class TableRules
{
    /// <summary>Most actions of one entity-group transaction.</summary>
    public const int MaxActions = 100;

    /// <summary>Most bytes of one entity-group transaction as it travels.</summary>
    public const int MaxTransactionBytes = 4 * 1024 * 1024;

    /// <summary>Most bytes of one row as Azure counts them: two per character, and the raw length of binaries.</summary>
    public const int MaxRowBytes = 1024 * 1024;

    /// <summary>Most UTF-16 units of a string property.</summary>
    public const int MaxStringLength = 32 * 1024;

    /// <summary>Most bytes of a binary property.</summary>
    public const int MaxBinaryBytes = 64 * 1024;

    /// <summary>Most UTF-16 units of a key: 1 KiB at two bytes each.</summary>
    public const int MaxKeyLength = 512;

    /// <summary>Most properties of a row beside its keys and timestamp.</summary>
    public const int MaxProperties = 252;

    /// <summary>Headers and boundaries around one action of a transaction, without its keys; an upper bound.</summary>
    private const int ActionOverheadBytes = 1024;

    private static readonly DateTimeOffset EarliestTime = new(1601, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>3 to 63 letters and digits, a letter first.</summary>
    public static void CheckTable(string table)
    {
        if (table.Length is < 3 or > 63 || !char.IsAsciiLetter(table[0]) || !table.All(char.IsAsciiLetterOrDigit))
            throw new ArgumentException($"Table name '{table}' is not 3 to 63 letters and digits with a letter first.", nameof(table));
    }

    /// <summary>Keys of at most 1 KiB without <c>/ \ # ?</c>, control characters and unpaired surrogates. Empty is allowed.</summary>
    public static void CheckKey(string key)
    {
        if (key.Length > MaxKeyLength)
            throw new ArgumentException($"A key of {key.Length} characters is longer than {MaxKeyLength}.", nameof(key));
        foreach (var c in key)
        {
            if (c is '/' or '\\' or '#' or '?' || char.IsControl(c))
                throw new ArgumentException($"Key '{key}' holds the character U+{(int)c:X4}, which table keys may not.", nameof(key));
        }

        CheckText(key);
    }

    /// <summary>Both keys, every property's name, type and size, and the size of the whole row.</summary>
    public static void CheckRow(TableRow row)
    {
        CheckKey(row.PartitionKey);
        CheckKey(row.RowKey);
        if (row.Properties.Count > MaxProperties)
            throw new ArgumentException($"A row has {row.Properties.Count} properties; {MaxProperties} are allowed.", nameof(row));
        var bytes = 4 + (2 * (row.PartitionKey.Length + row.RowKey.Length));
        foreach (var (name, value) in row.Properties)
        {
            CheckName(name);
            bytes += 8 + (2 * name.Length) + CheckValue(name, value);
        }

        if (bytes > MaxRowBytes)
            throw new ArgumentException($"A row of {bytes} bytes is larger than {MaxRowBytes}.", nameof(row));
    }

    /// <summary>1 to 100 valid actions on distinct rows of one partition, at most 4 MiB together as they travel.</summary>
    public static void CheckTransaction(IReadOnlyList<TableAction> actions)
    {
        if (actions.Count is 0 or > MaxActions)
            throw new ArgumentException($"A transaction has {actions.Count} actions; 1 to {MaxActions} are allowed.", nameof(actions));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        long bytes = 0;
        foreach (var action in actions)
        {
            CheckRow(action.Row);
            if (action.Row.PartitionKey != actions[0].Row.PartitionKey)
                throw new ArgumentException("A transaction stays within one partition.", nameof(actions));
            if (!seen.Add(action.Row.RowKey))
                throw new ArgumentException($"Row '{action.Row.RowKey}' appears twice in one transaction.", nameof(actions));
            if (action.Kind == TableActionKind.Replace)
                CheckETag(action.ETag);
            bytes += WireBytes(action.Row);
        }

        if (bytes > MaxTransactionBytes)
            throw new ArgumentException($"A transaction of up to {bytes} bytes is larger than {MaxTransactionBytes}.", nameof(actions));
    }

    /// <summary>Replace names the version it saw; a wildcard would make the guard vanish.</summary>
    public static void CheckETag(string? etag)
    {
        if (string.IsNullOrEmpty(etag) || etag == "*")
            throw new ArgumentException("A replacement needs the ETag of the version it replaces.", nameof(etag));
    }

    /// <summary>An upper bound of the bytes that one action on <paramref name="row"/> adds to the body of a transaction.</summary>
    public static int WireBytes(TableRow row)
    {
        // Keys appear three times: percent-encoded in the URL (at most 9 bytes per unit) and as JSON.
        var bytes = ActionOverheadBytes + (9 * (row.PartitionKey.Length + row.RowKey.Length)) + JsonBytes(row.PartitionKey) + JsonBytes(row.RowKey);
        foreach (var (name, value) in row.Properties)
        {
            bytes += (2 * name.Length) + 48 + value switch
            {
                string text => JsonBytes(text),
                byte[] binary => (binary.Length + 2) / 3 * 4,
                _ => 32,
            };
        }

        return bytes;
    }

    private static int JsonBytes(string text)
    {
        var bytes = 2;
        foreach (var c in text)
        {
            bytes += c switch
            {
                // Escaped as six characters, like all that is not ASCII: what a careful JSON writer does.
                '"' or '&' or '\'' or '+' or '<' or '>' or '`' => 6,
                '\\' => 2,
                >= ' ' and < '\x7f' => 1,
                _ => 6,
            };
        }

        return bytes;
    }

    private static void CheckName(string name)
    {
        var valid = name.Length is > 0 and <= 255 && (char.IsAsciiLetter(name[0]) || name[0] == '_')
            && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_');
        if (!valid || name is nameof(TableRow.PartitionKey) or nameof(TableRow.RowKey) or "Timestamp")
            throw new ArgumentException($"'{name}' cannot name a property: a C# identifier in ASCII is needed, and keys and Timestamp are taken.", nameof(name));
    }

    private static int CheckValue(string name, object value)
    {
        switch (value)
        {
            case string text when text.Length > MaxStringLength:
                throw new ArgumentException($"Property {name} has {text.Length} characters; {MaxStringLength} are allowed.", nameof(value));
            case string text:
                CheckText(text);
                return 4 + (2 * text.Length);
            case byte[] binary when binary.Length > MaxBinaryBytes:
                throw new ArgumentException($"Property {name} has {binary.Length} bytes; {MaxBinaryBytes} are allowed.", nameof(value));
            case byte[] binary:
                return 4 + binary.Length;
            case DateTimeOffset time when time < EarliestTime:
                throw new ArgumentException($"Property {name} is before the year 1601.", nameof(value));
            case DateTimeOffset or long or double:
                return 8;
            case int:
                return 4;
            case bool:
                return 1;
            default:
                throw new ArgumentException($"Property {name} is a {value?.GetType().Name ?? "null"}, which tables do not hold.", nameof(value));
        }
    }

    private static void CheckText(string text)
    {
        for (var i = 0; i < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, i, out var rune))
                throw new ArgumentException("The text holds an unpaired surrogate, which would not come back.", nameof(text));
            i += rune.Utf16SequenceLength;
        }
    }
}
