using System.Text;
using System.Text.Json;

namespace ActionTrail.Events;

/// <summary>Id and account that an event says of itself. In a Logstore events of several accounts lie side by side, and ids are only as good as their publishers.</summary>
public readonly record struct EventIdentity(string? Id, string? Account);

/// <summary>Reads searchable values of stored events: settles what a hash match only suggests.</summary>
public static class EventMatcher
{
    [ThreadStatic]
    private static EventScanner? scanner;

    private static EventScanner Scanner => scanner ??= new EventScanner(int.MaxValue / 2);

    /// <summary>Whether a stored event has the value under the attribute: exact and case-sensitive, by the rules of <see cref="EventAttribute"/>.</summary>
    /// <param name="body">A stored event: one JSON object, UTF-8.</param>
    /// <param name="attribute">The attribute.</param>
    /// <param name="utf8Value">The unescaped value, UTF-8. An empty one is never found.</param>
    /// <exception cref="JsonException">The body is no JSON object.</exception>
    public static bool Has(ReadOnlySpan<byte> body, EventAttribute attribute, ReadOnlySpan<byte> utf8Value)
    {
        var sought = new Sought { Attribute = attribute, Value = utf8Value };
        Scan(body, ref sought);
        return sought.IsFound || (attribute == EventAttribute.RecipientAccount && Scanner.AccountId is { } account && utf8Value.SequenceEqual(Encoding.UTF8.GetBytes(account)));
    }

    /// <summary>The event id of a stored event; null when it has none.</summary>
    /// <param name="body">A stored event: one JSON object, UTF-8.</param>
    /// <exception cref="JsonException">The body is no JSON object.</exception>
    public static string? EventId(ReadOnlySpan<byte> body)
    {
        var first = new First { Attribute = EventAttribute.EventId };
        Scan(body, ref first);
        return first.Value;
    }

    /// <summary>Every searchable value of a stored event under the attribute, in its order.</summary>
    /// <param name="body">A stored event: one JSON object, UTF-8.</param>
    /// <param name="attribute">The attribute.</param>
    /// <exception cref="JsonException">The body is no JSON object.</exception>
    public static IReadOnlyList<string> Values(ReadOnlySpan<byte> body, EventAttribute attribute)
    {
        var all = new All(attribute);
        Scan(body, ref all);
        if (attribute == EventAttribute.RecipientAccount && Scanner.AccountId is { } account)
            all.Values.Add(account);
        return all.Values;
    }

    /// <summary>What makes two stored events of one time the same event.</summary>
    /// <param name="body">A stored event: one JSON object, UTF-8.</param>
    /// <exception cref="JsonException">The body is no JSON object.</exception>
    public static EventIdentity Identity(ReadOnlySpan<byte> body)
    {
        var first = new First { Attribute = EventAttribute.EventId };
        Scan(body, ref first);
        return new(first.Value, Scanner.AccountId);
    }

    private static void Scan<TValues>(ReadOnlySpan<byte> body, ref TValues values)
        where TValues : IAttributeValues, allows ref struct
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = int.MaxValue });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException(Rules.NotAnObject);
        }

        Scanner.Scan(ref reader, ref values, mayWrapRecords: false);
        Scanner.Shrink();
    }

    private ref struct Sought : IAttributeValues
    {
        public required EventAttribute Attribute { get; init; }

        public required ReadOnlySpan<byte> Value { get; init; }

        public bool IsFound { get; private set; }

        public bool Take(EventAttribute attribute, scoped ReadOnlySpan<byte> utf8)
        {
            IsFound |= attribute == Attribute && utf8.SequenceEqual(Value);
            return !IsFound;
        }
    }

    private readonly struct All(EventAttribute sought) : IAttributeValues
    {
        public List<string> Values { get; } = [];

        public bool Take(EventAttribute attribute, scoped ReadOnlySpan<byte> utf8)
        {
            if (attribute == sought)
            {
                Values.Add(Encoding.UTF8.GetString(utf8));
            }

            return true;
        }
    }

    private struct First : IAttributeValues
    {
        public required EventAttribute Attribute { get; init; }

        public string? Value { get; private set; }

        public bool Take(EventAttribute attribute, scoped ReadOnlySpan<byte> utf8)
        {
            if (attribute == Attribute)
            {
                Value = Encoding.UTF8.GetString(utf8);
            }

            return Value is null;
        }
    }
}
