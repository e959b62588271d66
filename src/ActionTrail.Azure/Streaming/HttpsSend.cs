using System.Globalization;
using System.Net;
using ActionTrail.Storage;

namespace ActionTrail.Azure.Streaming;

/// <summary>Sends one request and says of its end what <see cref="StoreErrorKind"/> can say. Nothing is repeated here: deliveries have their own pauses.</summary>
internal sealed class HttpsSend(HttpMessageInvoker http)
{
    /// <summary>How long one request may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private const int MaxReason = 2000;

    /// <param name="what">The place, for people.</param>
    /// <param name="request">Disposed here.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="StoreException">Refused or not answered.</exception>
    public async Task SendAsync(string what, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            using (request)
            using (var response = await http.SendAsync(request, patience.Token))
            {
                if (!response.IsSuccessStatusCode)
                    throw Refused(what, response, await ReadReasonAsync(response, patience.Token));
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoreException(StoreErrorKind.Unavailable, $"{what}: no answer within {Patience.TotalSeconds:0} s.", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new StoreException(StoreErrorKind.Unavailable, $"{what}: {e.GetType().Name}.", e);
        }
    }

    private static StoreException Refused(string what, HttpResponseMessage response, string reason)
    {
        var status = (int)response.StatusCode;
        var isFull = reason.Contains("QuotaExceeded", StringComparison.OrdinalIgnoreCase);
        var kind = response.StatusCode switch
        {
            HttpStatusCode.InsufficientStorage => StoreErrorKind.Full,
            HttpStatusCode.Forbidden when isFull => StoreErrorKind.Full,
            HttpStatusCode.NotFound or HttpStatusCode.Gone => StoreErrorKind.NotFound,
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => StoreErrorKind.Throttled,
            HttpStatusCode.RequestTimeout => StoreErrorKind.Unavailable,
            >= HttpStatusCode.InternalServerError => StoreErrorKind.Unavailable,
            _ => StoreErrorKind.Denied,
        };
        var hint = response.StatusCode == HttpStatusCode.RequestEntityTooLarge ? " The place takes smaller batches than MaxBatchBytes says." : "";
        return new StoreException(kind, string.Create(CultureInfo.InvariantCulture, $"{what}: {status}{(isFull ? " QuotaExceeded" : "")}.{hint}"), inner: null, Pause(response));
    }

    private static TimeSpan? Pause(HttpResponseMessage response) => response.Headers.RetryAfter?.Delta;

    /// <summary>The beginning of the answer: only looked through for what it says of quotas, never shown, since it may repeat what was sent.</summary>
    private static async Task<string> ReadReasonAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[MaxReason];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return System.Text.Encoding.UTF8.GetString(buffer, 0, length);
    }
}
