using System.Globalization;
using System.Text.Json;
using ActionTrail.Azure.Tables;
using ActionTrail.Storage;
using Azure;
using Azure.Identity;

namespace ActionTrail.Azure;

/// <summary>
/// The one place where failures of the SDKs become <see cref="StoreException"/>. Cancellation by the caller's own token passes
/// through, argument exceptions are bugs and pass too.
/// </summary>
internal static class StoreErrors
{
    private static readonly TimeSpan BeingDeletedPause = TimeSpan.FromSeconds(30);

    /// <summary>Runs a request that changes nothing.</summary>
    public static async Task<T> ReadAsync<T>(string what, Func<Task<T>> request, CancellationToken cancellationToken)
    {
        try
        {
            return await request();
        }
        catch (Exception failure) when (IsStorageFailure(failure, cancellationToken))
        {
            throw Translate(what, failure);
        }
    }

    /// <summary>
    /// Runs a request that changes something. The SDKs repeat a request whose answer was lost, and the repetition is refused for
    /// what the first attempt did. So a refusal after an attempt that may have been carried out does not tell, and becomes
    /// Unavailable; the other kinds always mean that nothing was written.
    /// </summary>
    public static async Task<T> WriteAsync<T>(string what, Func<WriteAttempts, Task<T>> request, CancellationToken cancellationToken)
    {
        using var attempts = WriteAttempts.Begin();
        try
        {
            return await request(attempts);
        }
        catch (Exception failure) when (IsStorageFailure(failure, cancellationToken))
        {
            var translated = Translate(what, failure);
            if (attempts.MayHaveHappened && translated.Kind != StoreErrorKind.Unavailable)
                throw new StoreException(StoreErrorKind.Unavailable, $"{translated.Message} An attempt before was not answered.", failure, translated.RetryAfter);
            throw translated;
        }
    }

    /// <summary>Runs a listing, whose every step may fail.</summary>
    public static async IAsyncEnumerable<T> ListAsync<T>(string what, IAsyncEnumerable<T> items, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var enumerator = items.GetAsyncEnumerator(cancellationToken);
        while (await ReadAsync(what, async () => await enumerator.MoveNextAsync(), cancellationToken))
            yield return enumerator.Current;
    }

    /// <summary>Whether an exception tells of the store or the way to it, not of a bug or of the caller's own cancellation.</summary>
    internal static bool IsStorageFailure(Exception failure, CancellationToken cancellationToken) => failure switch
    {
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        AggregateException many => many.InnerExceptions.All(inner => IsStorageFailure(inner, cancellationToken)),

        // An assembly that cannot be loaded is a fault of the installation, not of the store.
        FileNotFoundException or FileLoadException => false,
        RequestFailedException or AuthenticationFailedException or IOException or HttpRequestException or TimeoutException or JsonException or InvalidDataException => true,
        _ => false,
    };

    internal static StoreException Translate(string what, Exception failure)
    {
        var (kind, retryAfter) = failure switch
        {
            RequestFailedException refused => Classify(refused),
            AuthenticationFailedException denied => (ClassifyAuthentication(denied), null),

            // What was read does not have the shape in which it is written.
            JsonException or InvalidDataException => (StoreErrorKind.Corrupt, null),

            // The retries of the SDK ended: the last one speaks.
            AggregateException { InnerExceptions: [.., RequestFailedException last] } => Classify(last),
            _ => (StoreErrorKind.Unavailable, (TimeSpan?)null),
        };
        return new StoreException(kind, $"{what}: {Reason(failure)}.", failure, retryAfter);
    }

    /// <summary>What the service answered, else what became of the connection (a name that is not resolved is not a port that is closed), in a word and without addresses.</summary>
    private static string Reason(Exception failure) => failure switch
    {
        RequestFailedException { Status: > 0 } answer => string.Create(CultureInfo.InvariantCulture, $"{answer.Status} {answer.ErrorCode}").TrimEnd(),
        _ when IsTimeout(failure) => "no answer in time",
        AggregateException { InnerExceptions: [.., var last] } => Reason(last),
        RequestFailedException { InnerException: { } cause } => Reason(cause),
        HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } unconnected => unconnected.HttpRequestError.ToString(),
        _ => failure.GetType().Name,
    };

    /// <summary>The table of status and error code. What is not listed cannot be mended by repeating: a person must look (Denied).</summary>
    internal static (StoreErrorKind Kind, TimeSpan? RetryAfter) Classify(RequestFailedException failure) => (failure.Status, failure.ErrorCode) switch
    {
        (0, _) => (StoreErrorKind.Unavailable, null),
        (507, _) => (StoreErrorKind.Full, RetryAfter(failure)),
        (var status, { } code) when status is >= 400 and < 500 && code.Contains("Quota", StringComparison.OrdinalIgnoreCase) => (StoreErrorKind.Full, RetryAfter(failure)),
        (400, "PopReceiptMismatch") => (StoreErrorKind.Conflict, null),

        // States of the account, not rights of ours: they end without anybody telling us.
        (403, "AccountIsDisabled" or "InsufficientAccountPermissions") => (StoreErrorKind.Unavailable, null),
        (409, "AccountBeingCreated") => (StoreErrorKind.Unavailable, null),
        (404, _) => (StoreErrorKind.NotFound, null),
        (409, "TableBeingDeleted" or "ContainerBeingDeleted" or "QueueBeingDeleted") => (StoreErrorKind.Unavailable, BeingDeletedPause),
        (409, "BlobImmutableDueToPolicy" or "ContainerDisabled" or "QueueDisabled") => (StoreErrorKind.Denied, null),
        (409 or 412, _) => (StoreErrorKind.Conflict, null),
        (416, _) => (StoreErrorKind.Corrupt, null),
        (429, _) => (StoreErrorKind.Throttled, RetryAfter(failure)),
        (503, "ServerBusy" or null or "") => (StoreErrorKind.Throttled, RetryAfter(failure)),
        (408 or >= 500 and not 501, _) => (StoreErrorKind.Unavailable, RetryAfter(failure)),
        _ => (StoreErrorKind.Denied, null),
    };

    /// <summary>The SDK gives up an attempt by cancelling it, and tells of all attempts at once.</summary>
    private static bool IsTimeout(Exception failure) =>
        failure is OperationCanceledException or TimeoutException || failure is AggregateException { InnerExceptions: [.., OperationCanceledException] };

    /// <summary>The error code of a response that a client gave back instead of throwing.</summary>
    internal static string? CodeOf(Response response) => TableErrorParser.Find(response)?.Code;

    /// <summary>Entra ID or the metadata endpoint may be away for a while; everything else needs a person.</summary>
    private static StoreErrorKind ClassifyAuthentication(AuthenticationFailedException failure)
    {
        for (Exception? cause = failure.InnerException; cause is not null; cause = cause.InnerException)
        {
            if (cause is RequestFailedException { Status: 0 or 408 or 429 or >= 500 } or IOException or HttpRequestException or OperationCanceledException)
                return StoreErrorKind.Unavailable;
        }

        return StoreErrorKind.Denied;
    }

    /// <summary>Retry-After in seconds; its other form, a date, is not sent by the service.</summary>
    private static TimeSpan? RetryAfter(RequestFailedException failure) =>
        failure.GetRawResponse() is { } response && response.Headers.TryGetValue("Retry-After", out var text)
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                ? TimeSpan.FromSeconds(seconds)
                : null;
}
