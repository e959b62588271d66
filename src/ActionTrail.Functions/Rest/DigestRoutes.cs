using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Digests;
using ActionTrail.Trails;

namespace ActionTrail.Functions.Rest;

/// <summary>The digests of a trail, and the public keys that prove them.</summary>
internal sealed class DigestRoutes(TrailStore trails, DigestLedger ledger, PublicAddress address)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/v1/trails/{name}/digests", Operation.ListDigests, ListAsync, DigestDescriptions.List),
        new("GET", "/v1/public-keys", Operation.ListPublicKeys, ListKeysAsync, DigestDescriptions.ListKeys),
    ];

    private async Task<ApiResult> ListAsync(ApiCall call)
    {
        var (start, end) = (call.Query.Time("startTime"), call.Query.Time("endTime"));
        var pageSize = call.Query.Number("pageSize", 1, DigestLedger.MaxPage, 100);
        var token = call.Query.Text("continuationToken", 20);
        if (TrailRoutes.Finish(call) is { } badQuery)
            return badQuery;
        var (trail, refusal) = await TrailRoutes.FindAdministeredAsync(trails, call);
        if (trail is null)
            return refusal!;
        if (await ledger.ListAsync(trail, start, end, pageSize, token, call.Cancellation) is not { } page)
            return ProblemType.InvalidContinuation;
        var next = page.NextToken is null ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"{address.Of(call.Request)}/v1/trails/{trail.Name}/digests?pageSize={pageSize}{Bound("startTime", start)}{Bound("endTime", end)}&continuationToken={page.NextToken}");
        return ApiResult.Ok(json => JsonPage.Write(json, page.Items, Write, next));
    }

    private async Task<ApiResult> ListKeysAsync(ApiCall call)
    {
        var (start, end) = (call.Query.Time("startTime"), call.Query.Time("endTime"));
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        var keys = await ledger.ListKeysAsync(start, end, call.Cancellation);
        return ApiResult.Ok(json => JsonPage.Write(json, keys, Write, nextLink: null));
    }

    private static string Bound(string name, DateTimeOffset? time) =>
        time is { } at ? $"&{name}={at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture)}" : "";

    private static void Write(Utf8JsonWriter json, ListedDigest digest)
    {
        json.WriteStartObject();
        json.WriteString("digestStartTime"u8, digest.StartTime.UtcDateTime);
        json.WriteString("digestEndTime"u8, digest.EndTime.UtcDateTime);
        json.WriteString("state"u8, digest.SealedAt is null ? "planned" : "sealed");
        json.WriteString("container"u8, digest.Container);
        json.WriteString("object"u8, digest.Object);
        json.WriteString("publicKeyFingerprint"u8, digest.KeyFingerprint);
        json.WriteString("signatureAlgorithm"u8, SigningKey.NameOf(digest.Algorithm));
        if (digest.SealedAt is { } at)
        {
            json.WriteString("sealedTime"u8, at.UtcDateTime);
            json.WriteString("hashValue"u8, digest.Hash);
            json.WriteString("signature"u8, digest.Signature);
            json.WriteNumber("files"u8, digest.Files);
            json.WriteNumber("events"u8, digest.Events);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, SigningKey key)
    {
        json.WriteStartObject();
        json.WriteString("fingerprint"u8, key.Fingerprint);
        json.WriteString("signatureAlgorithm"u8, SigningKey.NameOf(key.Algorithm));
        json.WriteString("validityStartTime"u8, key.ValidFrom.UtcDateTime);
        if (key.ValidUntil is { } until)
            json.WriteString("validityEndTime"u8, until.UtcDateTime);
        json.WriteBase64String("publicKey"u8, key.PublicKey);
        json.WriteString("pem"u8, PemEncoding.WriteString("PUBLIC KEY", key.PublicKey));
        json.WriteEndObject();
    }
}
