using System.Security.Cryptography;
using System.Text.Json;
using ActionTrail.Cli.Connection;
using ActionTrail.Cli.Output;
using ActionTrail.Digests;

namespace ActionTrail.Cli.Validate;

/// <summary>Where the public keys come from: a file that was kept apart from the logs, else the service.</summary>
internal static class PublicKeySource
{
    /// <summary>Keys out of a file: the answer of <c>GET /v1/public-keys</c>, or PEM under lines <c>valid-from:</c> and <c>valid-until:</c>.</summary>
    public static IReadOnlyList<SigningKey> ReadFile(string path)
    {
        try
        {
            var text = File.ReadAllText(path);
            if (!text.TrimStart().StartsWith('{'))
                return new PemSigningKeys(text).Keys;
            using var json = JsonDocument.Parse(text);
            return Read(json.RootElement);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Usage, $"--public-keys {TerminalText.Clean(path)} cannot be read: {TerminalText.Clean(e.Message)}");
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException or KeyNotFoundException or CryptographicException)
        {
            throw new CliException(ExitCode.Usage, $"--public-keys {TerminalText.Clean(path)} holds no public keys: {TerminalText.Clean(e.Message)}");
        }
    }

    public static async Task<IReadOnlyList<SigningKey>> AskAsync(ApiClient api, CancellationToken cancellationToken)
    {
        var (json, _) = await api.GetAsync("v1/public-keys", cancellationToken);
        using (json)
        {
            try
            {
                return Read(json.RootElement);
            }
            catch (Exception e) when (e is FormatException or InvalidOperationException or KeyNotFoundException or CryptographicException)
            {
                throw new CliException(ExitCode.Unavailable, "The answer is no list of public keys. Is the endpoint the address of the service?");
            }
        }
    }

    /// <summary>The answer as the text that <see cref="ReadFile"/> reads.</summary>
    /// <exception cref="CliException">It is no list of public keys.</exception>
    public static string ToPem(JsonElement answer)
    {
        try
        {
            return PemSigningKeys.FormatPublic(Read(answer));
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or KeyNotFoundException or CryptographicException)
        {
            throw new CliException(ExitCode.Unavailable, "The answer is no list of public keys. Is the endpoint the address of the service?");
        }
    }

    private static IReadOnlyList<SigningKey> Read(JsonElement answer) => [.. answer.GetProperty("value"u8).EnumerateArray().Select(static key => SigningKey.Of(
        key.GetProperty("publicKey"u8).GetBytesFromBase64(),
        key.GetProperty("validityStartTime"u8).GetDateTimeOffset(),
        key.TryGetProperty("validityEndTime"u8, out var end) ? end.GetDateTimeOffset() : null))];
}
