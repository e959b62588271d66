namespace ActionTrail.Storage;

/// <summary>What Blob and Queue storage accept, checked before a request leaves; a breach is an <see cref="ArgumentException"/>.</summary>
public static class ObjectRules
{
    /// <summary>Longest object name in UTF-16 units.</summary>
    public const int MaxNameLength = 1024;

    /// <summary>Containers and queues: 3 to 63 small letters, digits and single hyphens inside.</summary>
    public static void CheckContainer(string container)
    {
        var valid = container.Length is >= 3 and <= 63
            && container.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            && container[0] != '-' && container[^1] != '-' && !container.Contains("--", StringComparison.Ordinal);
        if (!valid)
            throw new ArgumentException($"'{container}' is not 3 to 63 small letters, digits and single hyphens inside.", nameof(container));
    }

    /// <summary>
    /// 1 to 1,024 characters that survive a URL: no control character, no <c>\</c>, no empty, <c>.</c> or <c>..</c> segment,
    /// no dot or slash at the end.
    /// </summary>
    public static void CheckName(string name)
    {
        var valid = name.Length is > 0 and <= MaxNameLength && !name.Any(static c => char.IsControl(c) || char.IsSurrogate(c) || c == '\\')
            && name[^1] is not '.' and not '/';
        if (!valid || name.Split('/') is { Length: > 254 } || name.Split('/').Any(static segment => segment is "" or "." or ".."))
            throw new ArgumentException($"'{name}' cannot name an object.", nameof(name));
    }

    /// <summary>Metadata names are C# identifiers in ASCII, values printable ASCII without spaces at the ends.</summary>
    public static void CheckLabel(ObjectLabel label)
    {
        foreach (var (name, value) in label.Metadata ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            var named = name.Length > 0 && (char.IsAsciiLetter(name[0]) || name[0] == '_') && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_');
            if (!named || value.Any(static c => c is < ' ' or > '~') || value.Trim() != value || value.Length == 0)
                throw new ArgumentException($"Metadata '{name}' is not an ASCII identifier with a printable, trimmed ASCII value.", nameof(label));
        }
    }
}
