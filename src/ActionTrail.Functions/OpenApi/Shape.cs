namespace ActionTrail.Functions.OpenApi;

/// <summary>
/// What a JSON value of the API looks like: a JSON schema, in the few words this API needs. Every shape says what it is for. One with a <see cref="Name"/> is written
/// once, under the document's components, and referred to.
/// </summary>
/// <param name="Type">JSON type; null: any.</param>
/// <param name="About">What it is, in a sentence or less.</param>
internal sealed record Shape(string? Type, string About)
{
    public string? Name { get; private init; }

    public string? Format { get; init; }

    public string? Pattern { get; init; }

    public int? MinLength { get; init; }

    public int? MaxLength { get; init; }

    public long? Minimum { get; init; }

    public long? Maximum { get; init; }

    /// <summary>JSON text of what holds when it is left out.</summary>
    public string? Default { get; init; }

    /// <summary>JSON text of an example; every body of a request has one.</summary>
    public string? Example { get; init; }

    public IReadOnlyList<string> Choices { get; init; } = [];

    public Shape? Items { get; init; }

    /// <summary>Members of an object in the order they are written. A name with <c>?</c> behind it may be absent.</summary>
    public IReadOnlyList<(string Name, Shape Shape)> Members { get; init; } = [];

    /// <summary>What members of other names are; null: there are none.</summary>
    public Shape? Others { get; init; }

    /// <summary>Whether <c>null</c> may stand for it.</summary>
    public bool IsNullable { get; init; }

    /// <summary>Anything at all.</summary>
    public static Shape Any(string about) => new(Type: null, about);

    /// <param name="about">What it is.</param>
    /// <param name="max">Most characters; 0: no bound of its own. With a bound it has at least one.</param>
    /// <param name="pattern">ECMA regular expression.</param>
    public static Shape Text(string about, int max = 0, string? pattern = null) =>
        new("string", about) { MinLength = max == 0 ? null : 1, MaxLength = max == 0 ? null : max, Pattern = pattern };

    /// <summary>Names of an enumeration, or other fixed texts.</summary>
    public static Shape Choice(string about, params IReadOnlyList<string> choices) => new("string", about) { Choices = choices };

    public static Shape Choice<T>(string about)
        where T : struct, Enum => Choice(about, Enum.GetNames<T>());

    /// <summary>ISO 8601. Answers have it in UTC with <c>Z</c>; requests may have an offset.</summary>
    public static Shape Time(string about) => new("string", about) { Format = "date-time" };

    public static Shape Whole(string about, long min = 0, long? max = null) => new("integer", about) { Format = "int64", Minimum = min, Maximum = max };

    public static Shape Flag(string about) => new("boolean", about);

    public static Shape List(string about, Shape items) => new("array", about) { Items = items };

    public static Shape Object(string about, params IReadOnlyList<(string Name, Shape Shape)> members) => new("object", about) { Members = members };

    /// <summary>The one form of lists, named after what is in it.</summary>
    public static Shape Page(Shape item) => Object(
        $"A page of a list of {item.Name}.",
        ("value", List("What is on the page.", item)),
        ("nextLink?", Text("Address of the next page, absolute; absent on the last one.") with { Format = "uri" })).As(item.Name + "Page");

    /// <summary>The same under a name, written once.</summary>
    public Shape As(string name) => this with { Name = name };
}
