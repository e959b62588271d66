namespace ActionTrail.Events;

/// <summary>Collects the resources that a record names and writes them as <c>referencedResources</c>, grouped by type in the order met. Repeats are left out.</summary>
internal sealed class ResourceReferences
{
    /// <summary>Further resources of one record stand in its original only: more than that could not be searched for anyway.</summary>
    public const int Max = 256;

    private readonly RecordBuffer text = new();
    private readonly List<(Range Type, Range Name)> entries = [];

    public int Count => entries.Count;

    public void Clear()
    {
        text.Clear();
        entries.Clear();
    }

    /// <summary>Adds one resource by its unescaped type and name; nothing when either is empty.</summary>
    public void Add(ReadOnlySpan<byte> type, ReadOnlySpan<byte> name)
    {
        if (type.IsEmpty || name.IsEmpty || entries.Count == Max)
        {
            return;
        }

        foreach (var (knownType, knownName) in entries)
        {
            if (text.Written[knownName].SequenceEqual(name) && text.Written[knownType].SequenceEqual(type))
            {
                return;
            }
        }

        entries.Add((Append(type), Append(name)));
    }

    /// <summary>Writes <c>resourceType</c> and <c>resourceName</c> of the first resource, then <c>referencedResources</c>; nothing when there is none.</summary>
    public void Write(MappedEvent output)
    {
        if (entries.Count == 0)
        {
            return;
        }

        output.Json.WriteString("resourceType"u8, text.Written[entries[0].Type]);
        output.Json.WriteString("resourceName"u8, text.Written[entries[0].Name]);
        output.Json.WriteStartObject("referencedResources"u8);
        for (var i = 0; i < entries.Count; i++)
        {
            var type = text.Written[entries[i].Type];
            if (FirstOf(type) == i)
            {
                output.Json.WriteStartArray(type);
                for (var k = i; k < entries.Count; k++)
                {
                    if (text.Written[entries[k].Type].SequenceEqual(type))
                    {
                        output.Json.WriteStringValue(text.Written[entries[k].Name]);
                    }
                }

                output.Json.WriteEndArray();
            }
        }

        output.Json.WriteEndObject();
    }

    private int FirstOf(ReadOnlySpan<byte> type)
    {
        for (var i = 0; ; i++)
        {
            if (text.Written[entries[i].Type].SequenceEqual(type))
            {
                return i;
            }
        }
    }

    private Range Append(ReadOnlySpan<byte> part)
    {
        var start = text.Length;
        text.Append(part);
        return start..text.Length;
    }
}
