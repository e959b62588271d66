namespace ActionTrail.Layout;

/// <summary>How a trail's objects are named and what frames the events in them. Always gzip, events in one order.</summary>
public enum ObjectFormat
{
    /// <summary><c>[event,event…]</c> on one line, each event as it was stored.</summary>
    ActionTrail,

    /// <summary><c>{"Records":[record,record…]}</c>, members named as in CloudTrail, under CloudTrail's folders.</summary>
    CloudTrail,

    /// <summary>One event on each line, as it was stored.</summary>
    Ndjson,
}
