using System.Text.Json;
using ActionTrail.Events;

namespace ActionTrail.Trails;

/// <summary>
/// Reads what one trail asks of many events, one after the other; what was read lasts until the next event. The same as <see cref="EventTraits.Read(ReadOnlySpan{byte})"/>
/// says, but for what the trail does not ask, and without making strings anew for values that keep coming back.
/// </summary>
internal sealed class TraitReader(EventSelection selection)
{
    private readonly EventMembers members = new();
    private readonly RecurringTexts texts = new();
    private EventTraits traits = EventTraits.None(isWide: true);

    /// <param name="body">One event as it is stored: a JSON object.</param>
    /// <param name="eventId">The event id in UTF-8, empty when the event has none; lies in the body unless it is written with escapes.</param>
    /// <returns>Without <see cref="EventTraits.EventId"/>; gone with the next event.</returns>
    /// <exception cref="JsonException">The bytes are no JSON object.</exception>
    public EventTraits Read(ReadOnlySpan<byte> body, out ReadOnlySpan<byte> eventId)
    {
        if (members.TryRead(body) && traits.TryTake(body, members.All, selection, texts, out eventId))
            return traits;
        traits = EventTraits.Read(body, isWide: true);
        eventId = traits.EventId is { } id ? System.Text.Encoding.UTF8.GetBytes(id) : [];
        return traits;
    }
}
