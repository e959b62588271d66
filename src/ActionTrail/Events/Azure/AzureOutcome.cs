using System.Buffers.Text;
using System.Text;

namespace ActionTrail.Events.Azure;

/// <summary>Whether what a record tells of failed, and why.</summary>
internal static class AzureOutcome
{
    /// <summary>Writes <c>errorCode</c> and <c>errorMessage</c> of a failure and says whether there is one.</summary>
    public static bool Write(AzureEvent read, MappedEvent output)
    {
        var result = read.First(AzureField.ResultType, AzureField.Status);
        var isNumber = IsNumber(result);
        var status = read.First(AzureField.HttpStatus, AzureField.StatusCode, AzureField.AuditStatusCode);
        if (!IsFailure(read, result, isNumber, status))
        {
            return false;
        }

        var signature = read.First(AzureField.ResultSignature, AzureField.SubStatus);
        var dot = signature.IndexOf((byte)'.');
        var isWord = !signature.IsEmpty && dot < 0 && !signature.SequenceEqual("None"u8) && !signature.StartsWith("-"u8) && (!IsNumber(signature) || status.IsEmpty)
            && !Ascii.EqualsIgnoreCase(signature, "Failed"u8) && !Ascii.EqualsIgnoreCase(signature, "Failure"u8);
        output.Utf8("errorCode"u8, FirstOf(
            read[AzureField.StatusMessageCode],
            dot >= 0 ? signature[(dot + 1)..] : default,
            read[AzureField.PropertiesStatusCode],
            isNumber && result.IndexOfAnyExcept((byte)'0') >= 0 ? result : default,
            IsZero(read[AzureField.FailureCode]) ? default : read[AzureField.FailureCode],
            FirstOf(read[AzureField.StatusText], read[AzureField.AuditReason], isWord ? signature : default, status, result, "Failure"u8)));
        output.Utf8("errorMessage"u8, FirstOf(
            read[AzureField.StatusMessageText],
            read.First(AzureField.ResultDescription, AzureField.Description),
            read[AzureField.FailureReason],
            read[AzureField.AuditMessage],
            read.Kind == AzureKind.Directory ? read[AzureField.ResultReason] : default,
            default));
        return true;
    }

    private static bool IsFailure(AzureEvent read, ReadOnlySpan<byte> result, bool isNumber, ReadOnlySpan<byte> status)
    {
        if (Utf8Parser.TryParse(status, out int code, out var consumed) && consumed == status.Length && code >= 400)
        {
            return true;
        }

        if (!result.IsEmpty)
        {
            return isNumber ? result.IndexOfAnyExcept((byte)'0') >= 0 : IsFailed(result);
        }

        // Entra ID leaves the result out at the top: 0 or success, 1 or failure, 2 or timeout in the properties; or the error of a sign-in alone.
        var inner = read.First(AzureField.PropertiesResult, AzureField.RootResult);
        return inner.IsEmpty
            ? read.Record.Has(AzureField.SqlAction) ? read.Record.Is(AzureField.Succeeded, "false"u8) : read.Record.Has(AzureField.FailureCode) && !IsZero(read[AzureField.FailureCode])
            : IsNumber(inner) ? inner.IndexOfAnyExcept((byte)'0') >= 0 : IsFailed(inner) || Ascii.EqualsIgnoreCase(inner, "timeout"u8);
    }

    private static bool IsFailed(ReadOnlySpan<byte> result) =>
        (result.Length >= 4 && Ascii.EqualsIgnoreCase(result[..4], "Fail"u8)) || (result.Length >= 5 && Ascii.EqualsIgnoreCase(result[^5..], "Error"u8));

    private static bool IsNumber(ReadOnlySpan<byte> text) => !text.IsEmpty && text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;

    private static bool IsZero(ReadOnlySpan<byte> text) => IsNumber(text) && text.IndexOfAnyExcept((byte)'0') < 0;

    private static ReadOnlySpan<byte> FirstOf(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, ReadOnlySpan<byte> d, ReadOnlySpan<byte> e, ReadOnlySpan<byte> f) =>
        !a.IsEmpty ? a : !b.IsEmpty ? b : !c.IsEmpty ? c : !d.IsEmpty ? d : !e.IsEmpty ? e : f;
}
