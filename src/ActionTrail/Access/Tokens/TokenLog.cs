using Microsoft.Extensions.Logging;

namespace ActionTrail.Access.Tokens;

/// <summary>Log messages about the issuer of tokens: ids 1300-1309. Never tokens or claims.</summary>
internal static partial class TokenLog
{
    [LoggerMessage(1300, LogLevel.Information, "the token issuer names {Keys} signing keys")]
    public static partial void Refreshed(ILogger log, int keys);

    [LoggerMessage(1301, LogLevel.Warning, "the signing keys of the token issuer could not be read, {Keys} known ones stay in use: {Error}: {Reason}")]
    public static partial void NotRefreshed(ILogger log, int keys, string error, string reason);
}
