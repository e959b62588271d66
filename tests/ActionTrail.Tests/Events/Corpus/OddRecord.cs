using System.Text;

namespace ActionTrail.Tests.Events.Corpus;

/// <summary>One bad or odd record or message, and what must become of it.</summary>
/// <param name="Name">What is odd about it.</param>
/// <param name="Message">The bytes as sent.</param>
/// <param name="Expected">
/// What its records become, in order, with "; " between them. A stored one: <c>ok account time id</c>, the id being <c>derived</c> when it comes from the
/// content. A refused one: the code and the JSON pointer, none when the fault is in no field: <c>Missing /eventTime</c>.
/// </param>
internal sealed record OddRecord(string Name, byte[] Message, string Expected)
{
    /// <summary>The content type that comes with it.</summary>
    public string? ContentType { get; init; }

    /// <summary>Attributes of a CloudEvent in binary mode, values as JSON.</summary>
    public (string Name, string Json)[] Properties { get; init; } = [];

    /// <summary>Whether it is a message by itself; else it is one record and may stand among others.</summary>
    public bool IsMessage { get; init; }

    public string Text => Encoding.Latin1.GetString(Message);

    public override string ToString() => Name;
}
