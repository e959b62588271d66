namespace ActionTrail.Events;

/// <summary>Why a record was refused. The names are stored in quarantine and shown by the API: add, never rename.</summary>
public enum RejectCode
{
    /// <summary>Not JSON, damaged gzip, an empty message, or a record that is no JSON object.</summary>
    Malformed,

    /// <summary>A required field is absent, null or empty.</summary>
    Missing,

    /// <summary>A known field has a JSON type it must not have.</summary>
    WrongType,

    /// <summary>A known field has a value outside its grammar, or appears twice.</summary>
    BadValue,

    /// <summary>The event time lies before the retention, counted from the receive time.</summary>
    TooOld,

    /// <summary>The event time lies too far after the receive time.</summary>
    TooFarAhead,

    /// <summary>The event, or what gzip inflates to, is over its limit.</summary>
    TooLarge,

    /// <summary>Objects and arrays are nested beyond the limit.</summary>
    TooDeep,

    /// <summary>More searchable values than <see cref="EventFacts.MaxValues"/>.</summary>
    TooManyValues,

    /// <summary>JSON, but no form of event that is known here.</summary>
    UnknownFormat,

    /// <summary>The account is well-formed but does not exist. Decided at ingest, not by the normaliser.</summary>
    UnknownAccount,

    /// <summary>Bytes that are not UTF-8, or half of a surrogate pair.</summary>
    BadEncoding,
}

/// <summary>Why one record was refused.</summary>
/// <param name="Code">The kind of fault.</param>
/// <param name="Field">JSON pointer (RFC 6901) to the field, relative to the record as sent; null when the fault is not in one field.</param>
/// <param name="Rule">One English sentence that states the rule that was broken. It never repeats the value.</param>
public sealed record Rejection(RejectCode Code, string? Field, string Rule);
